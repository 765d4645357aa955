"""Who may connect, and the parameters of an upgrade request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .codec import CODECS

MODES = ("passthrough", "transcode")
# Neither framework has a publish of its own: a message reaches its subscribers by a loop alone.
BROADCASTS = ("send", "coalesced", "native")
KEEPS = ("off", "on")


@dataclass(frozen=True)
class Refusal:
    """Why a request was not upgraded: an HTTP status and one line that names the parameter."""

    status: int
    message: str


def choice(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | Refusal:
    """One parameter, by default the first of its choices."""
    value = query.get(name, choices[0])
    if value in choices:
        return value
    return Refusal(400, f"{name}: must be {' or '.join(choices)}")


def resume_from(query: Mapping[str, str]) -> int | str | None | Refusal:
    """Where a subscriber goes on: at a sequence, at the latest `snapshot`, or None for what comes next."""
    value = query.get("from")
    if value is None or value == "snapshot":
        return value
    if re.fullmatch("[0-9]{1,15}", value):
        return int(value)
    return Refusal(400, "from: must be a sequence, or snapshot")
