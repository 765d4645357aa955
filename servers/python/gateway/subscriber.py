from __future__ import annotations

import re

from .outbox import Outbox
from .peer import Data, Peer

# Best-bid-ask streams: only the newest quote of a symbol is worth having.
_conflatable = re.compile(r"@(bookTicker|bestBidAsk)$")
# Replies kept for a subscriber that does not read them.
_REPLY_LIMIT = 64


class Subscriber:
    """
    One subscriber of /feed and what it is owed. Below the limit every message is sent. At the limit the policy rules:
    `disconnect` ends the connection, `drop` skips the message, `conflate` keeps the newest best-bid-ask of each symbol
    until there is room again and skips the rest.
    """

    def __init__(self, peer: Peer, codec: str, policy: str, limit_bytes: int) -> None:
        self.codec = codec
        # A dict for its order, which a set has not.
        self.streams: dict[str, None] = {}
        self._peer = peer
        self._policy = policy
        self._limit_bytes = limit_bytes
        self._outbox = Outbox(peer, self._drained)
        self._held: dict[str, Data] = {}
        self._replies: list[str] = []

    def deliver(self, stream: str, data: Data, apart: bool) -> None:
        """Sends a message of `stream`, or does with it what the policy says."""
        if self._outbox.unsent_bytes < self._limit_bytes:
            self._outbox.put(data, apart)
        elif self._policy == "disconnect":
            self.terminate()
        elif self._policy == "conflate" and _conflatable.search(stream):
            self._held[stream] = data

    def reply(self, text: str) -> None:
        """
        Sends a control reply, or keeps it until there is room: a reply is due whatever the policy. A client that asks
        on and on without reading is cut off.
        """
        self._replies.append(text)
        if len(self._replies) > _REPLY_LIMIT:
            self.terminate()
        else:
            self._drained()

    def terminate(self) -> None:
        self.stop()
        self._peer.terminate()

    def stop(self) -> None:
        self._outbox.stop()

    def _drained(self) -> None:
        """Sends what was held back, replies first, as far as there is room."""
        while self._replies and self._outbox.unsent_bytes < self._limit_bytes:
            self._outbox.put(self._replies.pop(0))
        while self._held and self._outbox.unsent_bytes < self._limit_bytes:
            self._outbox.put(self._held.pop(next(iter(self._held))))
