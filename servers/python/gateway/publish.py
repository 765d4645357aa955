from __future__ import annotations

from .codec import CODECS, decode, encode, stream_of
from .codec_error import CodecError
from .connections import Connections
from .control import INVALID_REQUEST
from .json_text import write_ascii_json
from .market import Message
from .peer import Data, Peer
from .registry import Registry
from .replay import ReplayBuffer


class PublishSession:
    """/publish: the upstream. Each message goes to the subscribers of its stream, in the order it came."""

    def __init__(
        self, connections: Connections, registry: Registry, replay: ReplayBuffer | None, mode: str, apart: bool
    ) -> None:
        """`replay` is None where nothing that this publisher sends is kept."""
        self._connections = connections
        self._registry = registry
        self._replay = replay
        self._mode = mode
        self._apart = apart
        self._peer: Peer | None = None

    def opened(self, peer: Peer) -> None:
        self._peer = peer
        self._connections.add(peer)

    async def received(self, data: Data) -> None:
        try:
            if self._mode == "passthrough":
                self._forward(stream_of(data), data)
            else:
                self._transcode(*decode(data))
        except CodecError as error:
            await self._refuse(error)

    def closed(self) -> None:
        if self._peer is not None:
            self._connections.discard(self._peer)

    def _forward(self, stream: str, data: Data) -> None:
        """The same bytes to everyone on the stream, whatever codec they asked for."""
        if self._replay is not None:
            self._replay.keep(stream, data)
        for codec in CODECS:
            self._loop(stream, codec, data)

    def _transcode(self, n: int, message: Message) -> None:
        """Decoded and validated once by now, encoded once for each codec that someone on the stream asked for."""
        if message.stream is None:
            raise CodecError("names no stream")
        for codec in CODECS:
            if self._registry.subscribers(message.stream, codec):
                self._loop(message.stream, codec, encode(message, n, codec))

    def _loop(self, stream: str, codec: str, data: Data) -> None:
        for subscriber in self._registry.subscribers(stream, codec):
            subscriber.deliver(stream, data, self._apart)

    async def _refuse(self, error: CodecError) -> None:
        """A message that is not market data is answered and goes no further; the connection lives on."""
        if self._peer is not None:
            reply = {"error": {"code": INVALID_REQUEST, "msg": f"Invalid message: {error}"}, "id": None}
            await self._peer.send(write_ascii_json(reply))
