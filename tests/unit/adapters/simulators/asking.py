"""Ask simulated tools in a test: a call in one line, answers as text."""

import asyncio
import json
from typing import Any

from foretaste.protocols import Session, ToolAnswer
from foretaste.records import Message, ToolCall


def call(name: str, arguments: str | None = None, **given: Any) -> ToolCall:
    """A call with these arguments, or with a text in their place."""
    text = json.dumps(given) if arguments is None else arguments
    return ToolCall(id=f"{name} {text}", name=name, arguments=text)


def asked(session: Session, name: str, arguments: str | None = None, **given: Any) -> str | None:
    """What the session answers to one call; None where it does not."""
    answer = asyncio.run(_ask(session, call(name, arguments, **given)))
    return None if answer is None else answer[0]


def explained(session: Session, name: str, **given: Any) -> tuple[str, str]:
    """Layer and reason of an answer."""
    answer = asyncio.run(_ask(session, call(name, **given)))
    assert answer is not None
    return answer[1], answer[2]


async def _ask(session: Session, asked: ToolCall) -> ToolAnswer | None:
    return await session(asked)


def calling(*calls: ToolCall) -> Message:
    return Message(role="assistant", content="", tool_calls=calls)


def result(of: ToolCall, content: str) -> Message:
    return Message(role="tool", content=content, name=of.name, tool_call_id=of.id)
