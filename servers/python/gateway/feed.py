from __future__ import annotations

from .connections import Connections
from .control import TOO_OLD, ControlError, ControlRequest, parse_control
from .json_text import write_ascii_json
from .peer import Data, Peer
from .registry import Registry
from .replay import ReplayBuffer
from .settings import Settings
from .subscriber import Subscriber


class FeedSession:
    """/feed: control frames in, the messages of the subscribed streams out."""

    def __init__(
        self,
        connections: Connections,
        registry: Registry,
        replay: ReplayBuffer,
        codec: str,
        begin: int | str | None,
        settings: Settings,
    ) -> None:
        """`begin` is where the first subscription begins: a sequence, `snapshot`, or None for what comes next."""
        self._connections = connections
        self._registry = registry
        self._replay = replay
        self._codec = codec
        self._begin = begin
        self._settings = settings
        self._peer: Peer | None = None
        self._subscriber: Subscriber | None = None

    def opened(self, peer: Peer) -> None:
        self._peer = peer
        policy, limit_bytes = self._settings.slow_consumer, self._settings.backpressure_limit_bytes
        self._subscriber = Subscriber(peer, self._codec, policy, limit_bytes)
        self._connections.add(peer)

    async def received(self, data: Data) -> None:
        if self._subscriber is None:
            return
        text = data if isinstance(data, str) else data.decode(errors="replace")
        try:
            request = parse_control(text)
            if request.method == "SUBSCRIBE" and self._begin is not None:
                self._resume(self._subscriber, request, self._begin)
                return
            reply = self._carry_out(self._subscriber, request)
        except ControlError as error:
            reply = error.reply
        self._subscriber.reply(write_ascii_json(reply))

    def closed(self) -> None:
        if self._subscriber is not None:
            self._registry.remove(self._subscriber)
            self._subscriber.stop()
        if self._peer is not None:
            self._connections.discard(self._peer)

    def _resume(self, subscriber: Subscriber, request: ControlRequest, begin: int | str) -> None:
        """The answer, then what was missed, then what comes: nothing is published in between. Raises ControlError."""
        streams = request.params
        missed = self._replay.since_snapshot(streams) if begin == "snapshot" else self._replay.since(begin, streams)
        if missed is None:
            self._begin = "snapshot"
            rest = "are not all kept; subscribe again to begin at the latest snapshot"
            raise ControlError(TOO_OLD, f"Cannot resume: messages from {begin} on {rest}", request.id)
        self._begin = None
        subscriber.reply(write_ascii_json(self._carry_out(subscriber, request)))
        for kept in missed:
            subscriber.deliver(kept.stream, kept.data, False)

    def _carry_out(self, subscriber: Subscriber, request: ControlRequest) -> dict:
        if request.method == "LIST_SUBSCRIPTIONS":
            return {"result": list(subscriber.streams), "id": request.id}
        if request.method == "SUBSCRIBE":
            self._registry.subscribe(subscriber, request.params)
        else:
            self._registry.unsubscribe(subscriber, request.params)
        return {"result": None, "id": request.id}
