from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .peer import Data, Peer, PeerGone


class Outbox:
    """
    What one socket is owed, sent by a task of its own, in order. A framework's send waits when the socket is full: in a
    loop over the subscribers one slow reader would hold up all others, so each has a queue, as the documentation of
    `websockets` on broadcasting advises. uvloop joins what is written within one turn of the loop into one system call; a
    message that is to leave `apart` ends the turn behind it. What the framework has taken, 64 KiB by its own flow control, no longer counts.
    """

    def __init__(self, peer: Peer, sent: Callable[[], None]) -> None:
        self.unsent_bytes = 0
        self._peer = peer
        self._sent = sent
        self._queue: deque[tuple[Data, bool]] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._task = asyncio.create_task(self._run())

    def put(self, data: Data, apart: bool = False) -> None:
        self._queue.append((data, apart))
        self.unsent_bytes += len(data)
        if self._wake is not None:
            self._wake.set_result(None)
            self._wake = None

    def stop(self) -> None:
        """Drops what is unsent."""
        self._task.cancel()
        self._queue.clear()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                while self._queue:
                    data, apart = self._queue.popleft()
                    await self._peer.send(data)
                    self.unsent_bytes -= len(data)
                    self._sent()
                    if apart:
                        await asyncio.sleep(0)
                self._wake = loop.create_future()
                await self._wake
        except PeerGone:
            # Its session is told so by the reading side.
            self._queue.clear()
