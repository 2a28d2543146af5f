"""Stored completions: a page of them, and for each a page of its messages."""

import json
from typing import Any

from formats.case import Case
from formats.writing import as_lines


def record(n: int) -> dict[str, Any]:
    answer = {"role": "assistant", "content": f"é{n}"}
    return {
        "id": f"k{n}",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}],
        "metadata": {"draw": n % 2},
        "asked": f"q{n}",
    }


def _pages(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    whole = [{k: v for k, v in each.items() if k != "asked"} for each in records]
    asked = [
        {"id": f"{r['id']}-0", "role": "user", "content": r["asked"], "content_parts": None}
        for r in records
    ]
    pages = [whole, *([message] for message in asked)]
    return [{"object": "list", "data": page, "has_more": False} for page in pages]


def _as_lines(records: list[dict[str, Any]]) -> bytes:
    return as_lines(_pages(records))


def _indented(records: list[dict[str, Any]]) -> bytes:
    return "\n".join(
        json.dumps(page, indent=2, ensure_ascii=False) for page in _pages(records)
    ).encode()


FIELDS = ("object", "choices", "model", "created", "metadata", "tools", "messages", "usage")
CASES = {
    "openai-stored": Case("openai-stored", record, _as_lines, FIELDS, apart=False),
    "openai-stored indented": Case("openai-stored", record, _indented, FIELDS, apart=False),
}
