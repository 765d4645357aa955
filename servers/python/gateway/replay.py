from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from .codec import sequence_of
from .peer import Data
from .stream import stream_kind


class Kept(NamedTuple):
    n: int
    stream: str
    data: Data
    size: int


class ReplayBuffer:
    """
    The newest messages of a publisher that asked for them to be kept (`/publish?keep=on`), in their order, as
    servers/gateway/replay.ts keeps them. A message that does not follow the last one begins the buffer anew.
    """

    def __init__(self, messages_max: int, bytes_max: int) -> None:
        self._messages_max = messages_max
        self._bytes_max = bytes_max
        self._kept: deque[Kept] = deque()
        self._bytes = 0
        # Every message from this sequence to the newest is kept.
        self._complete_from = 0
        self._newest = -1

    def keep(self, stream: str, data: Data) -> None:
        n = sequence_of(data)
        if n < 0:
            return
        if n != self._newest + 1 or self._newest < 0:
            self._kept.clear()
            self._bytes = 0
            self._complete_from = n
        self._newest = n
        size = len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())
        while self._kept and (len(self._kept) == self._messages_max or self._bytes + size > self._bytes_max):
            oldest = self._kept.popleft()
            self._bytes -= oldest.size
            self._complete_from = oldest.n + 1
        if size > self._bytes_max:
            self._complete_from = n + 1
            return
        self._kept.append(Kept(n, stream, data, size))
        self._bytes += size

    def since(self, begin: int, streams: Iterable[str]) -> list[Kept] | None:
        """The kept messages of `streams` from sequence `begin` on; None where not all that there were are kept."""
        if self._newest < 0 or not self._complete_from <= begin <= self._newest + 1:
            return None
        return self._of(streams, begin)

    def since_snapshot(self, streams: Iterable[str]) -> list[Kept]:
        """The latest kept snapshot of each of `streams` that has any, and all that followed the earliest of those."""
        missing = {stream for stream in streams if stream_kind(stream) == "depthSnapshot"}
        begin = self._newest + 1
        for kept in reversed(self._kept):
            if not missing:
                break
            if kept.stream in missing:
                missing.discard(kept.stream)
                begin = kept.n
        return self._of(streams, begin)

    def _of(self, streams: Iterable[str], begin: int) -> list[Kept]:
        wanted = set(streams)
        return [kept for kept in self._kept if kept.n >= begin and kept.stream in wanted]
