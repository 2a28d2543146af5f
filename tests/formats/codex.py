"""Rollouts of Codex CLI, with and without envelopes; some sessions in one file."""

import json
from typing import Any

from formats.case import Case


def _message(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def record(n: int) -> dict[str, Any]:
    return {
        "session": {"id": f"k{n}", "timestamp": "2026-01-02T03:04:05.678Z", "cli_version": "0.9"},
        "prompt": f"q{n}",
        "answer": f"é{n}",
    }


def _lines(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One session; what a fuzzer adds to the record goes into every line of it."""
    said = [
        ("session_meta", record["session"]),
        ("response_item", _message("user", "<environment_context>here</environment_context>")),
        ("response_item", _message("user", record["prompt"])),
        ("event_msg", {"type": "user_message", "message": record["prompt"]}),
        ("turn_context", {"model": "m", "effort": "high"}),
        ("response_item", _message("assistant", record["answer"])),
    ]
    more = {name: v for name, v in record.items() if name not in ("session", "prompt", "answer")}
    time = record["session"]["timestamp"]
    return [{"timestamp": time, "type": kind, "payload": load} | more for kind, load in said]


def _dump(records: list[dict[str, Any]]) -> bytes:
    lines = [line for each in records for line in _lines(each)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


CASES = {
    "codex": Case(
        "codex",
        record,
        _dump,
        ("type", "payload", "timestamp"),
        apart=False,
        tagged=False,
    )
}
