"""One person's history with a model, as Claude Code, Codex and ChatGPT's export keep it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from formats.chatgpt import message as exported

CLAUSE = "This is no legal advice, please ask your own lawyer."
TOPICS = (
    *("leases", "patents", "pensions", "wills", "tariffs", "permits", "fences", "noise"),
    *("trees", "dogs"),
)
READ = {"path": "notes.md"}
NOTES = "Keep it short and be kind."


class Call(NamedTuple):
    """A tool call that a turn makes before it ends."""

    name: str
    arguments: dict[str, Any]


class Said(NamedTuple):
    """One turn: what was asked, the call that was made if any, and the answer."""

    asked: str
    call: Call | None
    answer: str


def history() -> list[Said]:
    """A turn for each topic; every other one reads a file first, every one ends with the clause."""
    return [
        Said(
            f"Write to our client about {topic}.",
            Call("Read", READ) if number % 2 else None,
            f"We looked into {topic} for you, and there is little to fear. A reply is due in two "
            f"weeks; until then nothing about {topic} has to change. {CLAUSE}",
        )
        for number, topic in enumerate(TOPICS)
    ]


def claude_code(folder: Path, said: Sequence[Said]) -> str:
    """A session a turn, in a folder of projects."""
    for number, turn in enumerate(said):
        about = {"sessionId": f"s{number}", "isSidechain": False, "timestamp": _time(number)}
        steps: list[tuple[str, Any]] = [("user", turn.asked)]
        if turn.call is not None:
            use = {"type": "tool_use", "id": f"t{number}", "name": turn.call.name}
            steps.append(("assistant", [use | {"input": turn.call.arguments}]))
            result = {"type": "tool_result", "tool_use_id": f"t{number}", "content": NOTES}
            steps.append(("user", [result]))
        steps.append(("assistant", [{"type": "text", "text": turn.answer}]))
        lines = []
        for at, (role, content) in enumerate(steps):
            message: dict[str, Any] = {"role": role, "content": content}
            if role == "assistant":
                message |= {"id": f"m{number}-{at}", "model": "old"}
            tree = {"uuid": f"{number}-{at}", "parentUuid": f"{number}-{at - 1}" if at else None}
            lines.append({**about, **tree, "type": role, "message": message})
        _write(folder / "projects" / "mine" / f"s{number}.jsonl", lines)
    return str(folder / "projects")


def codex(folder: Path, said: Sequence[Said]) -> str:
    """A rollout a turn."""
    for number, turn in enumerate(said):
        meta = {"id": f"k{number}", "timestamp": _time(number), "cli_version": "0.9"}
        items: list[tuple[str, Any]] = [
            ("session_meta", meta),
            ("turn_context", {"model": "old", "effort": "high"}),
            ("response_item", _item("user", turn.asked)),
        ]
        if turn.call is not None:
            call = {"type": "function_call", "name": turn.call.name, "call_id": f"t{number}"}
            arguments = json.dumps(turn.call.arguments)
            items.append(("response_item", call | {"arguments": arguments}))
            output = {"type": "function_call_output", "call_id": f"t{number}", "output": NOTES}
            items.append(("response_item", output))
        items.append(("response_item", _item("assistant", turn.answer)))
        lines = [{"timestamp": _time(number), "type": k, "payload": load} for k, load in items]
        _write(folder / "sessions" / f"rollout-{number}.jsonl", lines)
    return str(folder / "sessions")


def chatgpt(folder: Path, said: Sequence[Said]) -> str:
    """An export: no tools are in it."""
    records = []
    for number, turn in enumerate(said):
        answer = exported("assistant", turn.answer, metadata={"model_slug": "old"})
        nodes: dict[str, Any] = {
            "root": {"id": "root", "message": None, "parent": None, "children": ["n1"]},
            "n1": {"id": "n1", "message": exported("user", turn.asked), "parent": "root"},
            "n2": {"id": "n2", "message": answer, "parent": "n1", "children": []},
        }
        nodes["n1"]["children"] = ["n2"]
        key, time = f"k{number}", 1.78e9 + number
        about = {"title": key, "conversation_id": key, "id": key, "current_node": "n2"}
        times = {"create_time": time, "update_time": time, "moderation_results": []}
        records.append({**about, **times, "mapping": nodes})
    (folder / "conversations.json").write_text(json.dumps(records))
    return str(folder / "conversations.json")


HISTORIES: dict[str, Callable[[Path, Sequence[Said]], str]] = {
    "claude-code": claude_code,
    "codex": codex,
    "chatgpt": chatgpt,
}


def _item(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def _time(number: int) -> str:
    return f"2026-11-{1 + number:02d}T09:00:00.000Z"


def _write(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
