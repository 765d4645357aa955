"""Control frames of /feed and requests of /push, as schemas/control.ts has them."""

from __future__ import annotations

from dataclasses import dataclass

from .json_text import parse_json, whole
from .stream import NAME_RULE, is_stream_name

# The exchange's codes: 2 for a request that is JSON and not valid, 3 for a text that is not JSON.
INVALID_REQUEST = 2
INVALID_JSON = 3
TOO_OLD = 4
_METHODS = {"SUBSCRIBE": True, "UNSUBSCRIBE": True, "LIST_SUBSCRIPTIONS": False}
# The exchange's own limit of streams on a connection; it bounds what a hostile frame can ask for.
_MAX_PARAMS = 1024

RequestId = int | str | None


@dataclass(frozen=True)
class ControlRequest:
    method: str
    params: list[str]
    id: RequestId


@dataclass(frozen=True)
class PushRequest:
    count: int
    # Size of a message's payload.
    bytes: int
    codec: str
    seed: int


class ControlError(Exception):
    """A frame that was refused. `reply` is what the client is told; the connection lives on."""

    def __init__(self, code: int, message: str, request_id: RequestId = None) -> None:
        super().__init__(message)
        self.reply = {"error": {"code": code, "msg": message}, "id": request_id}


class _Fault(Exception):
    pass


def parse_control(text: str) -> ControlRequest:
    """Raises ControlError, which repeats the frame's id where that can be read."""
    frame = _parse(text)
    try:
        return _control(frame)
    except _Fault as fault:
        raise ControlError(INVALID_REQUEST, f"Invalid request: {fault}", _readable_id(frame)) from None


def parse_push(text: str) -> PushRequest:
    """Raises ControlError."""
    try:
        frame = _members(_parse(text), ("count", "bytes", "codec", "seed"))
        if frame["codec"] not in ("json", "sbe", "raw"):
            raise _Fault("codec: must be json, sbe or raw")
        return PushRequest(
            count=_integer(frame, "count", 1, 1_000_000_000),
            bytes=_integer(frame, "bytes", 8, 16_777_216),
            codec=frame["codec"],
            seed=_integer(frame, "seed", 0, 0xFFFF_FFFF),
        )
    except _Fault as fault:
        raise ControlError(INVALID_REQUEST, f"Invalid request: {fault}") from None


def _parse(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError:
        raise ControlError(INVALID_JSON, "Invalid JSON: expected one JSON object") from None


def _control(frame: object) -> ControlRequest:
    method = frame.get("method") if isinstance(frame, dict) else None
    if not isinstance(method, str) or method not in _METHODS:
        raise _Fault(f"method: must be one of {', '.join(_METHODS)}")
    takes_params = _METHODS[method]
    members = _members(frame, ("method", "params", "id") if takes_params else ("method", "id"))
    params = _params(members["params"]) if takes_params else []
    valid, request_id = _request_id(members["id"])
    if not valid:
        raise _Fault("id: must be an unsigned integer, a text of at most 36 characters or null")
    return ControlRequest(method, params, request_id)


def _members(frame: object, names: tuple[str, ...]) -> dict:
    """An object of these members and no others."""
    if not isinstance(frame, dict):
        raise _Fault("expected an object")
    for name in names:
        if name not in frame:
            raise _Fault(f"{name}: is missing")
    if len(frame) != len(names):
        raise _Fault(f"must have no members beside {', '.join(names)}")
    return frame


def _params(value: object) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_PARAMS:
        raise _Fault(f"params: must be an array of 1 to {_MAX_PARAMS} streams")
    for index, name in enumerate(value):
        if not is_stream_name(name):
            raise _Fault(f"params.{index}: {NAME_RULE}")
    return value


def _integer(frame: dict, name: str, least: int, most: int) -> int:
    value = whole(frame[name])
    if value is None or not least <= value <= most:
        raise _Fault(f"{name}: must be an integer from {least} to {most}")
    return value


def _request_id(value: object) -> tuple[bool, RequestId]:
    """Whether it is one as the exchange allows it, and the id itself."""
    if value is None:
        return True, None
    if isinstance(value, str):
        return len(value) <= 36, value
    number = whole(value)
    return number is not None and number >= 0, number


def _readable_id(frame: object) -> RequestId:
    if not isinstance(frame, dict) or "id" not in frame:
        return None
    valid, request_id = _request_id(frame["id"])
    return request_id if valid else None
