"""aiohttp's own server on the event loop that the argument names."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from aiohttp_peer import AiohttpPeer
from gateway.admission import Refusal
from gateway.boot import BACKLOG, Boot, loop_of_arguments
from gateway.peer import PeerGone, Session

loop_name = loop_of_arguments()
boot = Boot("aiohttp", loop_name, ())


async def health(_: web.Request) -> web.Response:
    return web.json_response(boot.health())


async def connect(request: web.Request) -> web.StreamResponse:
    endpoint = request.match_info["endpoint"]
    session = boot.gateway.admit(endpoint, dict(request.query.items()))
    if isinstance(session, Refusal):
        return web.Response(status=session.status, text=session.message)
    # aiohttp refuses what reaches its limit; here the limit itself is allowed.
    ws = web.WebSocketResponse(compress=boot.settings.deflate, max_msg_size=boot.settings.max_payload_bytes + 1)
    await ws.prepare(request)
    peer = AiohttpPeer(ws, request)
    session.opened(peer)
    try:
        await (echo(ws) if endpoint == "echo" else serve(ws, session))
        await peer.ended()
    except (ConnectionResetError, PeerGone):
        pass
    finally:
        session.closed()
    return ws


async def echo(ws: web.WebSocketResponse) -> None:
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)


async def serve(ws: web.WebSocketResponse, session: Session) -> None:
    async for message in ws:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            await session.received(message.data)


async def main() -> None:
    application = web.Application()
    application.add_routes([web.get("/health", health), web.get("/{endpoint}", connect)])
    application.on_shutdown.append(lambda _: boot.close_all())
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.SockSite(runner, boot.listener, ssl_context=boot.tls(), backlog=BACKLOG).start()
    stopped = asyncio.Event()
    boot.ready(stopped.set)
    await stopped.wait()
    await runner.cleanup()


if loop_name == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
