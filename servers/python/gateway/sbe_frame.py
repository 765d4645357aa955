from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from . import sbe_layout as layout
from .codec_error import CodecError


class Frame(NamedTuple):
    """Where the parts of a message lie, all within its bytes."""

    template_id: int
    # −1 in the exchange's own schema, which has no sequence.
    sequence_at: int
    # Start of the first group, or of the symbol where there is none.
    root_end: int
    # Start of the second group; the symbol's where there are fewer.
    second_group: int
    symbol: bytes


def open_frame(data: bytes) -> Frame:
    """Checks header, block lengths and bounds. Walks by the block lengths on the wire. Raises CodecError."""
    _need(data, 0, layout.HEADER.size, "header")
    block_length, template_id, schema_id, version = layout.HEADER.unpack_from(data)
    root = layout.ROOTS.get(template_id)
    if root is None:
        raise CodecError(f"template {template_id} is not known")
    has_sequence = schema_id == layout.OWN_SCHEMA_ID
    if not has_sequence and schema_id != layout.EXCHANGE_SCHEMA_ID:
        raise CodecError(f"schema {schema_id} is neither {layout.EXCHANGE_SCHEMA_ID} nor {layout.OWN_SCHEMA_ID}")
    known = root.size + layout.SEQUENCE.size if has_sequence else root.size
    if block_length < known:
        raise CodecError(f"root block of {block_length} bytes is under {known}")
    root_end = layout.HEADER.size + block_length
    _need(data, 0, root_end, "root block")
    second_group, symbol_at = _groups(data, template_id, root_end)
    _need(data, symbol_at, 1, "symbol")
    symbol_end = symbol_at + 1 + data[symbol_at]
    _need(data, symbol_at, symbol_end - symbol_at, "symbol")
    # A later version may append data after the last part known here; this one may not.
    if symbol_end != len(data) and version <= layout.SCHEMA_VERSION:
        raise CodecError(f"{len(data) - symbol_end} bytes after the symbol")
    sequence_at = layout.HEADER.size + root.size if has_sequence else -1
    return Frame(template_id, sequence_at, root_end, second_group, data[symbol_at + 1 : symbol_end])


def sbe_sequence_of(data: bytes) -> int:
    """The sequence; −1 in the exchange's own schema. Raises CodecError."""
    at = open_frame(data).sequence_at
    return -1 if at < 0 else layout.SEQUENCE.unpack_from(data, at)[0]


def _groups(data: bytes, template_id: int, start: int) -> tuple[int, int]:
    """Starts of the second group and of the symbol."""
    if template_id == layout.BEST_BID_ASK:
        return start, start
    if template_id == layout.TRADES:
        end = _end_of_group(data, start, layout.TRADES_GROUP, layout.TRADE.size)
        return end, end
    asks = _end_of_group(data, start, layout.LEVELS_GROUP, layout.LEVEL.size)
    return asks, _end_of_group(data, asks, layout.LEVELS_GROUP, layout.LEVEL.size)


def _end_of_group(data: bytes, start: int, header: Struct, known: int) -> int:
    _need(data, start, header.size, "group header")
    block_length, count = header.unpack_from(data, start)
    if block_length < known:
        raise CodecError(f"group block of {block_length} bytes is under {known}")
    entries = start + header.size
    _need(data, entries, block_length * count, "group entries")
    return entries + block_length * count


def _need(data: bytes, start: int, length: int, part: str) -> None:
    if start + length > len(data):
        raise CodecError(f"{part} needs {length} bytes, {len(data) - start} left")
