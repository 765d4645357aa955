from __future__ import annotations

import asyncio
from time import monotonic

from .connections import Connections
from .control import ControlError, PushRequest, parse_push
from .generator import generator
from .json_text import write_ascii_json
from .peer import Data, Peer, PeerGone

# Time after which a push lets the event loop turn, so that other sockets are served meanwhile (servers/push.ts says why
# it is a time): a send that finds room does not give way by itself.
_SLICE_SECONDS = 0.002


class PushSession:
    """/push: the server itself makes the messages, as fast as backpressure allows. Requests run one after another."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._requests: asyncio.Queue[PushRequest] = asyncio.Queue()
        self._peer: Peer | None = None
        self._task: asyncio.Task[None] | None = None

    def opened(self, peer: Peer) -> None:
        self._peer = peer
        self._connections.add(peer)
        # A task of its own, so that the socket is read meanwhile: pings are answered and a close is seen.
        self._task = asyncio.create_task(self._run(peer))

    async def received(self, data: Data) -> None:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        try:
            self._requests.put_nowait(parse_push(text))
        except ControlError as error:
            if self._peer is not None:
                await self._peer.send(write_ascii_json(error.reply))

    def closed(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._peer is not None:
            self._connections.discard(self._peer)

    async def _run(self, peer: Peer) -> None:
        try:
            while True:
                await self._push(peer, await self._requests.get())
        except PeerGone:
            # The session is told so by the reading side.
            return

    async def _push(self, peer: Peer, request: PushRequest) -> None:
        message = generator(request)
        until = monotonic() + _SLICE_SECONDS
        for n in range(request.count):
            await peer.send(message(n))
            if monotonic() >= until:
                await asyncio.sleep(0)
                until = monotonic() + _SLICE_SECONDS
        await peer.send(write_ascii_json({"done": True, "count": request.count}))
