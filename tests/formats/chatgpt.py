"""ChatGPT's export, an array in one line as it comes, and indented."""

import json
from typing import Any

from formats.case import Case
from formats.writing import as_array


def record(n: int) -> dict[str, Any]:
    return {
        "title": f"t{n}",
        "create_time": 1.7e9 + n,
        "update_time": 1.7e9 + n,
        "mapping": tree(f"q{n}", f"é{n}"),
        "moderation_results": [],
        "current_node": "n2",
        "conversation_id": f"k{n}",
        "id": f"k{n}",
    }


def tree(asked: str, answered: str) -> dict[str, Any]:
    root = {"id": "root", "message": None, "parent": None, "children": ["n1"]}
    return {
        "root": root,
        "n1": {"id": "n1", "message": message("user", asked), "parent": "root", "children": ["n2"]},
        "n2": {"id": "n2", "message": message("assistant", answered), "parent": "n1"},
    }


def message(role: str, text: str, **more: Any) -> dict[str, Any]:
    author = {"role": role, "name": more.pop("name", None), "metadata": {}}
    model = {"model_slug": "gpt-4o"} if role == "assistant" else {}
    return {
        "id": f"m-{text[:20]}",
        "author": author,
        "create_time": 1.7e9,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "end_turn": True if role == "assistant" else None,
        "weight": 1.0,
        "metadata": model,
        "recipient": "all",
        **more,
    }


def as_one_line(records: list[dict[str, Any]]) -> bytes:
    return json.dumps(records, ensure_ascii=False).encode()


FIELDS = ("mapping", "current_node", "conversation_id", "create_time", "title", "gizmo_id")
CASES = {
    "chatgpt": Case("chatgpt", record, as_one_line, FIELDS, tagged=False),
    "chatgpt indented": Case("chatgpt", record, as_array, FIELDS, tagged=False),
}
