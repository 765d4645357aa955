"""JSON in the combined wrapper, as schemas/codec/json.ts has it: `{"n":         7,"stream":"btcusdt@trade","data":{…}}`."""

from __future__ import annotations

import re

from . import market
from .codec_error import CodecError
from .json_text import parse_json, write_json
from .market import Check, Message
from .stream import stream_kind, stream_symbol

# Where the sequence of an encoded frame stands, and how wide it is padded with spaces.
SEQUENCE_OFFSET = 5
SEQUENCE_WIDTH = 10
_sequence = re.compile(r'"n"\s*:\s*([0-9]{1,15})')

# By kind of stream: the member that spot lacks, the check of a perpetual contract's frame, the check of spot's.
_checks: dict[str, tuple[str, Check, Check]] = {
    "trade": ("X", market.check_perpetual_trade, market.check_spot_trade),
    "bookTicker": ("e", market.check_perpetual_ticker, market.check_spot_ticker),
    "depthUpdate": ("pu", market.check_perpetual_update, market.check_spot_update),
    "depthSnapshot": ("", market.check_partial_book, market.check_partial_book),
}


def encode_json(message: Message, n: int = -1) -> str:
    """Without a sequence (−1) the text is the exchange's own, byte for byte."""
    data = write_json(message.data)
    head = "{" if n < 0 else f'{{"n":{n:{SEQUENCE_WIDTH}d},'
    if message.stream is None:
        return head + data[1:]
    return f'{head}"stream":"{message.stream}","data":{data}}}'


def json_sequence_of(text: str) -> int:
    """The sequence without a parse; −1 where there is none."""
    found = _sequence.search(text)
    return -1 if found is None else int(found[1])


def decode_json(text: str) -> tuple[int, Message]:
    """The sequence (−1 where there is none) and the message. Raises CodecError."""
    try:
        frame = parse_json(text)
    except ValueError:
        raise CodecError("frame is not JSON") from None
    if not isinstance(frame, dict):
        raise CodecError("frame is not an object")
    if "stream" not in frame:
        data = market.check_rest_snapshot(frame, "")
        return data.pop("n", -1), Message("depthSnapshot", None, data)
    name = frame["stream"]
    kind = stream_kind(name) if isinstance(name, str) else None
    if kind is None:
        raise CodecError(f"stream: not a market stream: {write_json(name)[:64]!a}")
    return _read(kind, frame)


def _read(kind: str, frame: dict) -> tuple[int, Message]:
    """One check a frame: the stream names the kind, and a member that spot lacks tells the two markets apart."""
    member, perpetual, spot = _checks[kind]
    inner = frame.get("data")
    checked = (perpetual if isinstance(inner, dict) and member in inner else spot)(frame, "")
    stream, data = checked["stream"], checked["data"]
    symbol = data.get("s")
    if symbol is not None and symbol.lower() != stream_symbol(stream):
        raise CodecError(f"data.s: {symbol} is not the symbol of the stream {stream}")
    return checked.get("n", -1), Message(kind, stream, data)


def json_stream_of(text: str) -> str | None:
    """The stream that a frame names, without a parse; None when it names none. For routing only."""
    key = text.find('"stream"')
    if key < 0:
        return None
    colon = text.find(":", key + 8)
    start = text.find('"', colon + 1) if colon >= 0 else -1
    end = text.find('"', start + 1) if start >= 0 else -1
    if end < 0:
        return None
    name = text[start + 1 : end]
    if "\\" not in name:
        return name
    # Some encoders write letters beyond ASCII as `\u` escapes.
    try:
        return parse_json(f'"{name}"')
    except ValueError:
        return None
