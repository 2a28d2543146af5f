"""A finished run of an agent that looks up books, half of them in an older way."""

import json
from pathlib import Path
from typing import Any

from foretaste.pipeline import run
from stories.planted import behavior, plan, write_log

BOOKS, TRIALS = 8, 6
LAYERS = [
    "recorded",
    {"name": "older", "use": "database", "path": "older.jsonl", "fuzzy": True},
]


def talk(book: int, tool: str, result: str, **more: Any) -> dict[str, Any]:
    """One conversation: a question, a call with its result, an answer."""
    call = {"name": tool, "arguments": json.dumps({"id": f"B10{book}"})}
    return {
        "model": "old",
        "messages": [
            {"role": "user", "content": f"Where is book B10{book}?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": call}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": result},
            {"role": "assistant", "content": f"On shelf {book}."},
        ],
    } | more


def finish(folder: Path, **more: Any) -> str:
    """A run whose incumbent looks books up as recorded, or finds them as in the older log."""
    log = [
        talk(
            b,
            "look",
            json.dumps({"id": f"B10{b}", "shelf": b}),
            id=f"{b}-{t}",
            user=f"u{t}",
            metadata={"task": f"k{b}"},
        )
        for b in range(BOOKS)
        for t in range(TRIALS)
    ]
    log.append(
        {"id": "chat", "user": "u0", "model": "old", "metadata": {"task": "chat"}}
        | {
            "messages": [
                {"role": "user", "content": "Hi!"},
                {"role": "assistant", "content": "Hi."},
            ]
        }
    )
    write_log(folder / "older.jsonl", [talk(b, "find", "nobody knows") for b in range(BOOKS)])
    replies = [{"when": "shelf|nobody", "say": "There."}]
    for book in range(BOOKS):
        for tool, share in (("look", 0.5), ("find", 0.5)):
            call = {"name": tool, "arguments": {"id": f"B10{book}"}}
            replies.append({"when": f"book B10{book}", "share": share, "calls": [call]})  # type: ignore[dict-item]
    agent = {"use": "scripted", "name": "agent", "replies": replies}
    folder.mkdir(parents=True, exist_ok=True)
    given = plan(folder, write_log(folder / "log.jsonl", log), {}) | {
        "candidate": agent | {"name": "next"},
        "incumbent": agent,
        "behaviors": [behavior(folder, "there")],
        "tools": {"use": "layered", "layers": LAYERS},
    }
    given |= more
    given["log"] = {"path": "log.jsonl"}
    file = folder / "plan.yaml"
    file.write_text(json.dumps({key: value for key, value in given.items() if value is not None}))
    return run(str(file)).path
