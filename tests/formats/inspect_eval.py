"""Inspect's logs, as an archive and as plain JSON."""

import io
import json
import struct
import zlib
from typing import Any

import zstandard

from formats.case import Case

HEADER = {
    "version": 2,
    "status": "success",
    "eval": {"task": "t", "model": "m", "created": "2026-01-01T00:00:00+00:00"},
    "plan": {"config": {"temperature": 0.5}},
}


def record(n: int) -> dict[str, Any]:
    said = [
        {"id": f"u{n}", "role": "user", "content": f"q{n}"},
        {"id": f"a{n}", "role": "assistant", "content": f"é{n}"},
    ]
    call = {"event": "model", "input": [], "input_refs": [[0, 1]], "tools": [], "config": {}}
    return {
        "id": n,
        "epoch": 1,
        "messages": said,
        "output": {"model": "m", "choices": [{"message": said[1], "stop_reason": "stop"}]},
        "scores": {"match": {"value": "C"}},
        "metadata": {"draw": n % 2},
        "uuid": f"k{n}",
        "attachments": {},
        "events": [call | {"output": {"choices": [{"message": said[1]}]}}],
        "events_data": {"messages": [said[0]], "calls": []},
    }


def zstd_zip(files: dict[str, bytes]) -> bytes:
    """A zip archive whose members are packed as Inspect's are, which `zipfile` cannot write."""
    out, directory = io.BytesIO(), io.BytesIO()
    for name, data in files.items():
        packed, path = zstandard.compress(data), name.encode()
        sizes = (zlib.crc32(data), len(packed), len(data), len(path), 0)
        about = struct.pack("<HHHHHLLLHH", 63, 0x800, 93, 0, 33, *sizes)
        at = out.tell()
        out.write(b"PK\x03\x04" + about + path + packed)
        directory.write(
            b"PK\x01\x02"
            + struct.pack("<H", 63)
            + about
            + struct.pack("<HHHLL", 0, 0, 0, 0, at)
            + path
        )
    start, listed = out.tell(), directory.getvalue()
    out.write(listed)
    end = struct.pack("<HHHHLLH", 0, 0, len(files), len(files), len(listed), start, 0)
    out.write(b"PK\x05\x06" + end)
    return out.getvalue()


def as_archive(records: list[dict[str, Any]]) -> bytes:
    files = {"_journal/start.json": json.dumps(HEADER).encode()}
    for place, each in enumerate(records):
        files[f"samples/{place}_epoch_1.json"] = json.dumps(each, ensure_ascii=False).encode()
    files["header.json"] = json.dumps(HEADER).encode()
    return zstd_zip(files)


def as_plain(records: list[dict[str, Any]]) -> bytes:
    return json.dumps(HEADER | {"samples": records}, indent=2, ensure_ascii=False).encode()


FIELDS = (
    *("id", "epoch", "messages", "output", "scores", "metadata", "started_at", "uuid", "error"),
    *("limit", "attachments", "events", "events_data", "score"),
)
CASES = {
    "inspect-eval": Case("inspect-eval", record, as_archive, FIELDS, text=False),
    "inspect-eval json": Case("inspect-eval", record, as_plain, FIELDS),
}
