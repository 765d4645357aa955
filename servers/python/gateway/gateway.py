from __future__ import annotations

from collections.abc import Mapping

from .admission import BROADCASTS, KEEPS, MODES, Refusal, choice, resume_from
from .codec import CODECS
from .connections import Connections
from .echo import EchoSession
from .feed import FeedSession
from .peer import Session
from .publish import PublishSession
from .push import PushSession
from .registry import Registry
from .replay import ReplayBuffer
from .settings import Settings


class Gateway:
    """The rules that every candidate shares: who may connect, and what each endpoint does with a message."""

    def __init__(self, settings: Settings, served: tuple[str, ...]) -> None:
        """`served` are the ways of writing that this candidate has, of BROADCASTS."""
        self.connections = Connections()
        self._served = served
        self._registry = Registry()
        self._settings = settings
        self._replay = ReplayBuffer(settings.replay_messages, settings.replay_bytes)

    def admit(self, endpoint: str, query: Mapping[str, str]) -> Session | Refusal:
        """The session of an upgrade request, or why there is none."""
        if endpoint == "echo":
            return EchoSession(self.connections)
        if endpoint == "push":
            return PushSession(self.connections)
        if endpoint == "feed":
            codec = choice(query, "codec", CODECS)
            if isinstance(codec, Refusal):
                return codec
            begin = resume_from(query)
            if isinstance(begin, Refusal):
                return begin
            return FeedSession(self.connections, self._registry, self._replay, codec, begin, self._settings)
        if endpoint == "publish":
            return self._admit_publisher(query)
        return Refusal(404, "no such path")

    def _admit_publisher(self, query: Mapping[str, str]) -> Session | Refusal:
        mode = choice(query, "mode", MODES)
        broadcast = choice(query, "broadcast", BROADCASTS)
        keep = choice(query, "keep", KEEPS)
        if isinstance(mode, Refusal):
            return mode
        if isinstance(broadcast, Refusal):
            return broadcast
        if isinstance(keep, Refusal):
            return keep
        if keep == "on" and mode == "transcode":
            return Refusal(400, "keep: messages are kept as they came, which needs mode=passthrough")
        if broadcast not in self._served:
            return Refusal(400, f"broadcast: this candidate does not write {broadcast}")
        # Where nothing joins writes they are apart by themselves.
        apart = broadcast == "send" and "coalesced" in self._served
        replay = self._replay if keep == "on" else None
        return PublishSession(self.connections, self._registry, replay, mode, apart)
