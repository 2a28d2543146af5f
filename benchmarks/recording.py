"""CPU time that the recorder adds to a call, against a bare relay of bytes.

`python benchmarks/recording.py [calls]`. A fake provider, the recorder and the client are processes
of their own; CPU is the recorder's (user + system, all threads), on Linux. A request is 1.3 KB. The
answer is whole (1.7 KB), a stream of 200 chunks sent as fast as they can be, or the same stream a
chunk every 2 ms, as a model writes it. "passed on" takes a path that is not recorded: the hot path
alone. "recorded" is all of it, the writer's thread included. The peer is the least that a proxy in
Python can do: asyncio's own sockets, both ways, without a look at what they carry.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHUNKS = 200
PAUSE = 0.002  # seconds between two chunks
WORDS = (" the", "gener", " of", "data", " a", ".")
PATHS = {"passed on": "/v1/elsewhere", "recorded": "/v1/chat/completions"}
HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "m", "system_fingerprint": "fp_4"}
BODY: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "What does it say? " * 70}],
}


def chunk(number: int) -> bytes:
    end = "stop" if number == CHUNKS - 1 else None
    delta = {"content": WORDS[number % len(WORDS)]}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
    event = {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}
    data = f"data: {json.dumps(event)}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM = [chunk(number) for number in range(CHUNKS)]
MESSAGE = {"role": "assistant", "content": "It says this. " * 100}
CHOICE = {"index": 0, "finish_reason": "stop", "message": MESSAGE}
WHOLE = json.dumps({**HEAD, "object": "chat.completion", "choices": [CHOICE]}).encode()


async def provide() -> None:
    """The fake provider; its port on the output."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                asked = json.loads(await reader.readexactly(size))
                if not asked.get("stream"):
                    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    writer.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(WHOLE), WHOLE))
                    continue
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
                for piece in STREAM:
                    writer.write(piece)
                    if asked["paced"]:
                        await asyncio.sleep(PAUSE)
                writer.write(b"0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    await _serve(answer)


async def relay(port: int) -> None:
    """The peer; its port on the output."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, to = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, to), pump(theirs, writer))

    await _serve(answer)


async def _serve(answer: Any) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def started(*words: str, said_on: str = "stdout") -> Iterator[tuple[int, int]]:
    """A process, and the port that it says."""
    process = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = next(line for line in getattr(process, said_on) if "http://127.0.0.1:" in line)
        yield process.pid, int(line.strip().rpartition("127.0.0.1:")[2].partition("/")[0])
    finally:
        process.terminate()
        process.communicate()


def ask(to: socket.socket, path: str, body: bytes, *, stream: bool) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{to.getpeername()[1]}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    to.sendall(head.encode() + body)
    end, found = b"0\r\n\r\n" if stream else WHOLE[-20:], b""
    while not found.endswith(end):
        piece = to.recv(1 << 16)
        assert piece
        found = found[-20:] + piece


def milliseconds(process: int, port: int, path: str, how: dict[str, bool], calls: int) -> float:
    """CPU of a process for each call."""

    def spent() -> float:
        return time.clock_gettime((~process << 3) | 2)  # Linux: a process's own clock

    body = json.dumps(BODY | how).encode()
    with socket.create_connection(("127.0.0.1", port)) as to:
        for _ in range(calls // 10 + 1):
            ask(to, path, body, stream=bool(how))
        time.sleep(0.2)
        before = spent()
        for _ in range(calls):
            ask(to, path, body, stream=bool(how))
        time.sleep(0.2)  # the writer's thread ends what it has
        return (spent() - before) / calls * 1e3


def main(calls: int) -> None:
    kinds: dict[str, tuple[dict[str, bool], int]] = {
        "whole": ({}, calls),
        f"stream, {CHUNKS} chunks at once": ({"stream": True, "paced": False}, calls),
        f"stream, {CHUNKS} chunks paced": ({"stream": True, "paced": True}, max(calls // 20, 5)),
    }
    own = str(Path(__file__))
    with tempfile.TemporaryDirectory() as folder, started(own, "provide") as (_, provider):
        url = f"http://127.0.0.1:{provider}"
        recorder = ("-m", "foretaste", "record", "--to", folder, "--port", "0")
        with (
            started(own, "relay", str(provider)) as peer,
            started(*recorder, "--openai", f"{url}/v1", said_on="stderr") as ours,
        ):
            for kind, (how, count) in kinds.items():
                least = milliseconds(*peer, PATHS["recorded"], how, count)
                print(f"{kind}: bare relay {least:.2f} CPU ms a call", end="")
                for name, path in PATHS.items():
                    cpu = milliseconds(*ours, path, how, count)
                    print(f", {name} {cpu:.2f} ({cpu / least:.1f} x)", end="", flush=True)
                print()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["provide"]:
            asyncio.run(provide())
        case ["relay", port]:
            asyncio.run(relay(int(port)))
        case [*given]:
            main(int(given[0]) if given else 500)
