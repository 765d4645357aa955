"""A whole gateway on aiohttp, as an example of a server of your own: /echo, /push, /feed and /publish.

It serves docs/CONTRACT.md but for what it refuses with 400: mode=transcode, broadcast=native and keep=on. A subscriber that falls
behind is disconnected, whatever SLOW_CONSUMER says.
"""

import asyncio
import json
import os
import platform
import resource
import signal
import struct
import time
from collections import defaultdict

import aiohttp
from aiohttp import WSMsgType, web

LIMIT_BYTES = int(os.environ.get("BACKPRESSURE_LIMIT_BYTES", 16 * 1024 * 1024))
MAX_PAYLOAD_BYTES = int(os.environ.get("MAX_PAYLOAD_BYTES", 16 * 1024 * 1024))
BACKLOG = 4096
SUFFIXES = {10000: "@trade", 10001: "@bookTicker", 10002: "@depth20", 10003: "@depth@100ms"}
subscribers: dict[str, set["Subscriber"]] = defaultdict(set)
sockets: set[web.WebSocketResponse] = set()
stopped = asyncio.Event()
started = time.monotonic()


def send(ws, data):
    return ws.send_str(data) if isinstance(data, str) else ws.send_bytes(data)


def refusal(code, msg, request_id=None):
    return json.dumps({"error": {"code": code, "msg": msg}, "id": request_id})


async def messages(ws):
    async for message in ws:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            yield message.data


async def echo(ws, request):
    async for data in messages(ws):
        await send(ws, data)


class Subscriber:
    """What is owed to one socket of /feed waits in a queue, so that a slow one holds up nobody else."""

    def __init__(self, ws, request):
        self.ws, self.transport = ws, request.transport
        self.queue, self.queued_bytes, self.streams = asyncio.Queue(), 0, []

    def deliver(self, data):
        if self.queued_bytes >= LIMIT_BYTES:
            self.transport.abort()
            return
        self.queued_bytes += len(data)
        self.queue.put_nowait(data)

    async def send_all(self):
        while True:
            data = await self.queue.get()
            await send(self.ws, data)
            self.queued_bytes -= len(data)

    def answer(self, text):
        try:
            control = json.loads(text)
        except ValueError:
            return refusal(3, "Invalid JSON: expected one JSON object")
        if not isinstance(control, dict) or not is_id(control.get("id", -1)):
            return refusal(2, "Invalid request: id: must be a whole number, a short text or null")
        request_id = control["id"]
        method, params = control.get("method"), control.get("params")
        if method == "LIST_SUBSCRIPTIONS":
            return json.dumps({"result": self.streams, "id": request_id})
        if method not in ("SUBSCRIBE", "UNSUBSCRIBE"):
            return refusal(2, "Invalid request: method: is not known", request_id)
        if not isinstance(params, list) or not params or not all(is_stream(name) for name in params):
            return refusal(2, "Invalid request: params: must name streams, e.g. btcusdt@trade", request_id)
        for stream in params:
            if method == "SUBSCRIBE" and stream not in self.streams:
                self.streams.append(stream)
                subscribers[stream].add(self)
            elif method == "UNSUBSCRIBE" and stream in self.streams:
                self.streams.remove(stream)
                subscribers[stream].discard(self)
        return json.dumps({"result": None, "id": request_id})


def is_id(value):
    return value is None or (type(value) is int and value >= 0) or (isinstance(value, str) and len(value) <= 36)


def is_stream(name):
    return isinstance(name, str) and "@" in name[1:] and " " not in name and len(name) <= 128


async def feed(ws, request):
    subscriber = Subscriber(ws, request)
    sending = asyncio.ensure_future(subscriber.send_all())
    try:
        async for data in messages(ws):
            subscriber.deliver(subscriber.answer(data))
    finally:
        sending.cancel()
        for stream in subscriber.streams:
            subscribers[stream].discard(subscriber)


def stream_of(data):
    """The stream that a message names. Raises ValueError or struct.error where it names none."""
    if isinstance(data, str):
        start = data.index('"stream":"') + len('"stream":"')
        return data[start : data.index('"', start)]
    block, template = struct.unpack_from("<HH", data)
    if template not in SUFFIXES:
        raise ValueError(f"template {template} is not known")
    at = 8 + block
    for group in {10000: ["<HI"], 10001: []}.get(template, ["<HH", "<HH"]):
        entry, count = struct.unpack_from(group, data, at)
        at += struct.calcsize(group) + entry * count
    (length,) = struct.unpack_from("<B", data, at)
    return data[at + 1 : at + 1 + length].decode().lower() + SUFFIXES[template]


async def publish(ws, request):
    async for data in messages(ws):
        try:
            stream = stream_of(data)
        except (ValueError, struct.error) as error:
            await send(ws, refusal(2, f"Invalid message: {error}"))
            continue
        for subscriber in list(subscribers.get(stream, ())):
            subscriber.deliver(data)


def word(seed, index):
    """32 bits of the pattern of raw messages."""
    x = (seed + index * 0x9E3779B9) & 0xFFFFFFFF
    x = (x ^ x >> 16) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ x >> 15) * 0x846CA68B & 0xFFFFFFFF
    x ^= x >> 16
    return x & 0xBFFFFFFF | 0x20000000 if index % 2 else x


def generator(codec, size, seed):
    """Makes message n of a push; all but its sequence is made once."""
    if codec == "raw":
        pattern = b"".join(struct.pack("<I", word(seed, index)) for index in range(2, (size + 3) // 4))
        return lambda n: struct.pack("<Q", n) + pattern[: size - 8]
    if codec == "sbe":
        head = struct.pack("<HHHHqqbbqqqq", 58, 10001, 21570, 0, -(2**63), 1, -2, -2, 6183763, 120, 6183764, 307)
        return lambda n: head + struct.pack("<qB", n, 7) + b"BTCUSDT"
    quote = '"u":1,"s":"BTCUSDT","b":"61837.63","B":"1.20","a":"61837.64","A":"3.07"'
    tail = f',"stream":"btcusdt@bookTicker","data":{{{quote}}}'
    tail += " " * (size - len(tail) - 16) + "}"
    return lambda n: f'{{"n":{n:>10}{tail}'


def push_request(text):
    request = json.loads(text)
    count, size, codec, seed = (request[name] for name in ("count", "bytes", "codec", "seed"))
    if not (count >= 1 and size >= 8 and codec in ("json", "sbe", "raw") and 0 <= seed < 2**32):
        raise ValueError("count, bytes, codec or seed is out of range")
    return count, generator(codec, size, seed)


async def push(ws, request):
    async for text in messages(ws):
        try:
            count, message = push_request(text)
        except (ValueError, KeyError, TypeError) as error:
            await send(ws, refusal(2, f"Invalid request: {error}"))
            continue
        for n in range(count):
            await send(ws, message(n))
            if n % 64 == 63:  # aiohttp waits only where its buffer is full: let others have their turn.
                await asyncio.sleep(0)
        await send(ws, json.dumps({"done": True, "count": count}))


ALLOWED = {"codec": ("json", "sbe"), "mode": ("passthrough",), "broadcast": ("send",), "keep": ("off",)}


def endpoint(serve):
    async def connect(request):
        for name, value in request.query.items():
            if value not in ALLOWED.get(name, (value,)):
                return web.Response(status=400, text=f"{name}: must be {' or '.join(ALLOWED[name])}")
        ws = web.WebSocketResponse(compress=False, max_msg_size=MAX_PAYLOAD_BYTES + 1)
        await ws.prepare(request)
        sockets.add(ws)
        try:
            await serve(ws, request)
            # aiohttp wakes its reader before it closes, and would answer with 1000 whatever the reason.
            await ws.close(code=1001 if stopped.is_set() else 1000)
        except ConnectionResetError:
            pass
        finally:
            sockets.discard(ws)
        return ws

    return connect


def ready_line(port):
    return {
        "ready": True,
        "port": port,
        "candidate": os.environ.get("CANDIDATE", "example"),
        "runtime": {"name": "python", "version": platform.python_version()},
        "framework": {"name": "aiohttp", "version": aiohttp.__version__},
        "options": {
            "compression": False,
            "maxPayloadBytes": MAX_PAYLOAD_BYTES,
            "backpressureLimitBytes": LIMIT_BYTES,
            "slowConsumer": "disconnect",
            "idleTimeoutSeconds": 0,
            "noDelay": True,
            "utf8Validation": True,
            "backlog": BACKLOG,
            "broadcast": ["send"],
        },
    }


async def health(request):
    port = request.transport.get_extra_info("sockname")[1]
    rss_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    uptime_ms = (time.monotonic() - started) * 1000
    use = {"uptimeMs": uptime_ms, "rssBytes": rss_bytes, "openConnections": len(sockets)}
    return web.json_response({**ready_line(port), **use})


async def main():
    app = web.Application()
    app.add_routes([web.get("/health", health)])
    app.add_routes([web.get(f"/{serve.__name__}", endpoint(serve)) for serve in (echo, push, feed, publish)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0")), backlog=BACKLOG)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(json.dumps(ready_line(port)), flush=True)
    await stopped.wait()
    closing = [asyncio.ensure_future(ws.close(code=1001, message=b"going away")) for ws in list(sockets)]
    if closing:
        await asyncio.wait(closing, timeout=1)
    os._exit(0)


asyncio.run(main())
