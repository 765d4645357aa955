"""From the environment to a listening socket and the ready line, and from SIGTERM to the exit."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import platform
import resource
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

from .gateway import Gateway
from .settings import Settings, UsageError, read_settings

BACKLOG = 4096
LOOPS = ("asyncio", "uvloop")
# Loopback, unless load comes from other hosts: whoever runs the tool says so.
_HOSTNAME = "0.0.0.0" if os.environ.get("HOST") == "0.0.0.0" else "127.0.0.1"
# Below the 2 s that the contract allows, with room for the exit itself.
_DRAIN_LIMIT_SECONDS = 1.0
_PARENT_CHECK_SECONDS = 1.0
_GOING_AWAY = 1001
_started = time.monotonic()


class Boot:
    """One candidate's process. `stop` of `ready` is called once and asks the framework to end."""

    def __init__(self, framework: str, loop: str, parts: tuple[str, ...]) -> None:
        """`parts` are the packages beside framework and loop whose versions move its figures."""
        uvloop = loop == "uvloop"
        # uvloop itself joins the writes of a turn; asyncio has no means to.
        served = ("send", "coalesced") if uvloop else ("send",)
        self.settings = _usage_checked(lambda: read_settings(os.environ))
        self.gateway = Gateway(self.settings, served)
        self.listener = _usage_checked(lambda: _listen(self.settings.port))
        self._parent = os.getppid()
        self._ready_line = {
            "ready": True,
            "port": self.listener.getsockname()[1],
            "candidate": self.settings.candidate or f"python/{framework}-{loop}",
            "runtime": {"name": "python", "version": platform.python_version()},
            "framework": {"name": framework, "version": _versions(framework, parts + (("uvloop",) if uvloop else ()))},
            "options": _options(self.settings, served),
        }

    def tls(self) -> ssl.SSLContext | None:
        """None where it is served in the clear."""
        if self.settings.tls_cert_file is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.settings.tls_cert_file, self.settings.tls_key_file)
        return context

    def health(self) -> dict:
        """What GET /health answers."""
        return {
            **self._ready_line,
            "uptimeMs": (time.monotonic() - _started) * 1000,
            "rssBytes": _rss_bytes(),
            "openConnections": len(self.gateway.connections),
        }

    def ready(self, stop: Callable[[], None]) -> None:
        """Prints the ready line and listens for the end from here on."""
        loop = asyncio.get_running_loop()

        def drain() -> None:
            loop.call_later(_DRAIN_LIMIT_SECONDS, os._exit, 0)
            stop()

        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, drain)
        self._watch_parent(loop, drain)
        print(json.dumps(self._ready_line, separators=(",", ":")), flush=True)

    async def close_all(self) -> None:
        await self.gateway.connections.close_all(_GOING_AWAY, "server is shutting down")

    def _watch_parent(self, loop: asyncio.AbstractEventLoop, drain: Callable[[], None]) -> None:
        """A server whose runner was killed would hold its core for ever; asking once a second costs nothing."""
        if os.getppid() == self._parent:
            loop.call_later(_PARENT_CHECK_SECONDS, self._watch_parent, loop, drain)
        else:
            drain()


def loop_of_arguments() -> str:
    """The event loop, which is the program's one argument."""
    if len(sys.argv) == 2 and sys.argv[1] in LOOPS:
        return sys.argv[1]
    sys.stderr.write(f"usage: {os.path.basename(sys.argv[0])} {'|'.join(LOOPS)}\n")
    sys.exit(2)


def _usage_checked(make):
    """A mistake of the user's in one line and 2."""
    try:
        return make()
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOSTNAME, port), backlog=BACKLOG)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        rule = "choose another port or 0 for any free one"
        raise UsageError(f"PORT: {_HOSTNAME}:{port} is in use, {rule}") from None


def _options(settings: Settings, served: tuple[str, ...]) -> dict:
    return {
        "compression": settings.deflate,
        "maxPayloadBytes": settings.max_payload_bytes,
        "backpressureLimitBytes": settings.backpressure_limit_bytes,
        "slowConsumer": settings.slow_consumer,
        "idleTimeoutSeconds": 0,
        # asyncio and uvloop both set TCP_NODELAY on every socket that they accept.
        "noDelay": True,
        "utf8Validation": True,
        "backlog": BACKLOG,
        "broadcast": list(served),
        "replayMessages": settings.replay_messages,
        "replayBytes": settings.replay_bytes,
        "tls": settings.tls_cert_file is not None,
    }


def _versions(framework: str, parts: tuple[str, ...]) -> str:
    """`0.92.0 + uvicorn 0.17.6 + …`: the framework alone would not say what is measured."""
    return " + ".join([version(framework), *(f"{part} {version(part)}" for part in parts)])


def _rss_bytes() -> int:
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        # Elsewhere only the peak is to be had.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
