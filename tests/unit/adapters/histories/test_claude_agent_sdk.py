"""The SDK's own client over a transport that plays the program, and its own transcripts."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from claude_agent_sdk import Transport, UserMessage, query

import foretaste
from foretaste.adapters.histories.claude_agent_sdk import ClaudeAgentSDK
from foretaste.dialects.said import Unreadable
from foretaste.protocols import Request
from foretaste.records import Gap, Message, Stop

USE = "foretaste.adapters.histories.claude_agent_sdk:ClaudeAgentSDK"
SESSION = "550e8400-e29b-41d4-a716-446655440000"


def answer(*content: dict[str, Any], id_: str = "m1", stop: str | None = None) -> dict[str, Any]:
    message = {"id": id_, "type": "message", "role": "assistant", "model": "claude-next"}
    usage = {"input_tokens": 1, "output_tokens": 1}
    body = message | {"content": list(content), "stop_reason": stop, "usage": usage}
    return {"type": "assistant", "message": body, "session_id": SESSION}


def result(id_: str, content: Any, *, failed: bool = False) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": id_, "content": content, "is_error": failed}
    message = {"role": "user", "content": [block]}
    return {"type": "user", "message": message, "session_id": SESSION}


def use(id_: str, command: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": id_, "name": "Bash", "input": {"command": command}}


# As the program writes them: an answer's blocks one a line, results one a line.
LINES: tuple[dict[str, Any], ...] = (
    answer({"type": "thinking", "thinking": "Look first.", "signature": "s"}),
    answer({"type": "text", "text": "I look."}),
    answer(use("1", "ls")),
    answer(use("2", "cat x")),
    result("1", "README.md"),
    result("2", [{"type": "text", "text": "gone"}], failed=True),
    answer({"type": "text", "text": "One file."}, id_="m2", stop="end_turn"),
)
INIT = {"type": "system", "subtype": "init", "session_id": SESSION, "tools": ["Bash"]}
END = {
    "type": "result",
    "subtype": "success",
    "duration_ms": 1,
    "duration_api_ms": 1,
    "is_error": False,
    "num_turns": 2,
    "session_id": SESSION,
    "result": "One file.",
}
SAID: tuple[tuple[str, str, str | None, list[str]], ...] = (
    ("user", "What is here?", None, []),
    ("assistant", "I look.", "Look first.", ["ls", "cat x"]),
    ("tool", "README.md", None, []),
    ("tool", "Error: gone", None, []),
    ("assistant", "One file.", None, []),
)


class Program(Transport):
    """Plays the command-line program: answers the handshake, then says the lines."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def connect(self) -> None:
        """Nothing to start."""

    async def write(self, data: str) -> None:
        for line in data.splitlines():
            await self._inbox.put(json.loads(line))

    async def read_messages(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            heard = await self._inbox.get()
            if heard["type"] == "control_request":
                done = {"subtype": "success", "request_id": heard["request_id"], "response": {}}
                yield {"type": "control_response", "response": done}
            elif heard["type"] == "user":
                for line in (INIT, *LINES, END):
                    yield line
                return

    async def close(self) -> None:
        """Nothing to stop."""

    def is_ready(self) -> bool:
        return True

    async def end_input(self) -> None:
        """The prompt was all."""


def yielded() -> list[Any]:
    async def run() -> list[Any]:
        stream = query(prompt="What is here?", transport=Program())
        return [message async for message in stream]

    return asyncio.run(run())


def comparable(messages: tuple[Message, ...]) -> tuple[Any, ...]:
    return tuple(
        (m.role, m.content, m.reasoning, [json.loads(c.arguments)["command"] for c in m.tool_calls])
        for m in messages
    )


def test_what_the_client_yields_is_replayed() -> None:
    history = [UserMessage(content="What is here?"), *yielded()]
    seen: list[Request] = []

    async def model(request: Request) -> str:
        seen.append(request)
        return "Two files."

    again = foretaste.replay(history, model=model, use=USE)

    assert comparable(seen[0].messages) == SAID[:1]
    assert again.recorded is not None
    assert comparable(again.recorded.messages) == SAID[1:]
    assert (again.prefix.recorded_model, again.recorded.stop) == ("claude-next", Stop.FINAL)
    assert again.gaps == (Gap.SYSTEM, Gap.TOOLS, Gap.SETTINGS)


def test_functions_stand_in_for_tools() -> None:
    history = [UserMessage(content="What is here?"), *yielded()]
    made = [{"name": "Bash", "arguments": {"command": "ls"}}]
    script = {"use": "scripted", "replies": [{"when": "What", "calls": made}]}

    tools = {"Bash": lambda command: f"ran {command}"}
    again = foretaste.replay(history, model=script, tools=tools, use=USE)

    assert again.messages[1].content == "ran ls"


@pytest.fixture
def transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session as the program keeps it, where the SDK looks for it."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    path = tmp_path / "projects" / "-home-me-shop" / f"{SESSION}.jsonl"
    path.parent.mkdir(parents=True)
    prompt = {"type": "user", "message": {"role": "user", "content": "What is here?"}}
    rows = []
    for n, line in enumerate((prompt, *LINES)):
        place = {"uuid": f"u{n}", "parentUuid": f"u{n - 1}" if n else None, "sessionId": SESSION}
        about = {"isSidechain": False, "timestamp": f"2026-10-01T12:00:{n:02}Z", "cwd": "/a/b/c"}
        rows.append(json.dumps({**line, **place, **about}) + "\n")
    path.write_text("".join(rows))
    return path


def test_a_session_is_found_by_its_id(transcript: Path) -> None:
    found = asyncio.run(ClaudeAgentSDK()(SESSION))

    assert found is not None
    assert comparable(found.dialogue.messages) == SAID
    assert (found.dialogue.model, found.dialogue.stop) == ("claude-next", Stop.FINAL)


def test_a_session_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))

    with pytest.raises(Unreadable, match="no such session"):
        asyncio.run(ClaudeAgentSDK()(SESSION))


def test_what_a_subagent_and_the_program_say_is_left_out() -> None:
    own = [UserMessage(content="What is here?"), *yielded()]
    other = UserMessage(content="Inner.", parent_tool_use_id="1")

    found = asyncio.run(ClaudeAgentSDK()([*own, other]))

    assert found is not None
    assert comparable(found.dialogue.messages) == SAID


def test_nothing_else_is_taken() -> None:
    assert asyncio.run(ClaudeAgentSDK()("What is here?")) is None
    assert asyncio.run(ClaudeAgentSDK()([{"role": "user", "content": "Hi"}])) is None
