"""The settings of a server, read from its environment as servers/settings.ts reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024
# Bun keeps its limits in 32 bits; the other candidates follow so that options stay equal.
LARGEST_LIMIT_BYTES = 0xFFFF_FFFF
DEFAULT_REPLAY_MESSAGES = 4096
DEFAULT_REPLAY_BYTES = 4 * 1024 * 1024
MOST_REPLAY_MESSAGES = 1_000_000
POLICIES = ("disconnect", "drop", "conflate")


class UsageError(Exception):
    """A mistake of the user's: told in one line, without a traceback."""


@dataclass(frozen=True)
class Settings:
    port: int
    candidate: str | None
    slow_consumer: str
    backpressure_limit_bytes: int
    max_payload_bytes: int
    replay_messages: int
    replay_bytes: int
    deflate: bool
    tls_cert_file: str | None
    tls_key_file: str | None


def read_settings(env: Mapping[str, str]) -> Settings:
    """Reads the settings. Raises UsageError that names the variable, its rule and its value."""
    return Settings(
        port=_read(env, "PORT", _integer(0, 65535), 0),
        candidate=_read(env, "CANDIDATE", _name, None),
        slow_consumer=_read(env, "SLOW_CONSUMER", _policy, "disconnect"),
        backpressure_limit_bytes=_read(env, "BACKPRESSURE_LIMIT_BYTES", _limit, DEFAULT_LIMIT_BYTES),
        max_payload_bytes=_read(env, "MAX_PAYLOAD_BYTES", _limit, DEFAULT_LIMIT_BYTES),
        replay_messages=_read(env, "REPLAY_MESSAGES", _integer(1, MOST_REPLAY_MESSAGES), DEFAULT_REPLAY_MESSAGES),
        replay_bytes=_read(env, "REPLAY_BYTES", _limit, DEFAULT_REPLAY_BYTES),
        deflate=_read(env, "DEFLATE", _switch, False),
        tls_cert_file=_read(env, "TLS_CERT_FILE", _file, None),
        tls_key_file=_read(env, "TLS_KEY_FILE", _file, None),
    )


def _read(env: Mapping[str, str], name: str, parse: Callable[[str], object], default):
    text = env.get(name)
    if text is None:
        return default
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{name}: {error}, got {json.dumps(text, ensure_ascii=False)}") from None


def _integer(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if re.fullmatch("[0-9]{1,19}", text) is None or not least <= int(text) <= most:
            raise ValueError(f"must be an integer from {least} to {most}")
        return int(text)

    return parse


_limit = _integer(1024, LARGEST_LIMIT_BYTES)


def _name(text: str) -> str:
    if text == "":
        raise ValueError("must name a candidate")
    return text


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("must be on or off")
    return text == "on"


def _file(text: str) -> str:
    if text == "":
        raise ValueError("must name a file")
    return text


def _policy(text: str) -> str:
    if text not in POLICIES:
        raise ValueError(f"must be one of {', '.join(POLICIES)}")
    return text
