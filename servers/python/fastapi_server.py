"""FastAPI under uvicorn, a single process, on the event loop that the argument names."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect, WebSocketException, status
from websockets.exceptions import ConnectionClosed

from fastapi_peer import FastapiPeer
from gateway.admission import Refusal
from gateway.boot import BACKLOG, Boot, loop_of_arguments
from gateway.peer import PeerGone

loop_name = loop_of_arguments()
boot = Boot("fastapi", loop_name, ("uvicorn", "websockets", "httptools"))
application = FastAPI()


@application.get("/health")
async def health() -> dict:
    return boot.health()


@application.websocket("/{endpoint}")
async def connect(websocket: WebSocket, endpoint: str) -> None:
    session = boot.gateway.admit(endpoint, dict(websocket.query_params))
    if isinstance(session, Refusal):
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, session.message)
    await websocket.accept()
    session.opened(FastapiPeer(websocket))
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            if endpoint != "echo":
                await session.received(message["bytes"] if text is None else text)
            elif text is None:
                await websocket.send_bytes(message["bytes"])
            else:
                await websocket.send_text(text)
    except (PeerGone, ConnectionClosed, WebSocketDisconnect):
        pass
    finally:
        session.closed()


class Server(uvicorn.Server):
    async def startup(self, sockets=None) -> None:
        await super().startup(sockets=sockets)
        boot.ready(self.stop)

    def stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets=None) -> None:
        for server in self.servers:
            server.close()
        await boot.close_all()
        await super().shutdown(sockets=sockets)


config = uvicorn.Config(
    application,
    loop=loop_name,
    http="httptools",
    ws="websockets",
    ws_max_size=boot.settings.max_payload_bytes,
    ws_per_message_deflate=boot.settings.deflate,
    ssl_certfile=boot.settings.tls_cert_file,
    ssl_keyfile=boot.settings.tls_key_file,
    ws_ping_interval=None,
    ws_ping_timeout=None,
    backlog=BACKLOG,
    access_log=False,
    log_level="warning",
)
Server(config).run(sockets=[boot.listener])
