"""The two codecs behind one door: text is JSON, binary is SBE."""

from __future__ import annotations

from .codec_error import CodecError
from .json_codec import decode_json, encode_json, json_sequence_of, json_stream_of
from .market import Message
from .peer import Data
from .sbe_decode import decode_sbe, sbe_stream_of
from .sbe_encode import encode_sbe
from .sbe_frame import sbe_sequence_of

CODECS = ("json", "sbe")


def stream_of(data: Data) -> str:
    """The stream of an upstream message. Raises CodecError where it names none."""
    stream = json_stream_of(data) if isinstance(data, str) else sbe_stream_of(data)
    if stream is None:
        raise CodecError("names no stream")
    return stream


def sequence_of(data: Data) -> int:
    """The sequence of an upstream message that names a stream; −1 where it carries none."""
    return json_sequence_of(data) if isinstance(data, str) else sbe_sequence_of(data)


def decode(data: Data) -> tuple[int, Message]:
    """Decodes and validates an upstream message: its sequence and itself. Raises CodecError."""
    return decode_json(data) if isinstance(data, str) else decode_sbe(data)


def encode(message: Message, n: int, codec: str) -> Data:
    """Encodes for the subscribers of one codec. Raises CodecError for what the codec cannot carry."""
    return encode_json(message, n) if codec == "json" else encode_sbe(message, n)
