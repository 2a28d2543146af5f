"""What SWE-agent and mini-SWE-agent write down of a run, from shapes to records."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from foretaste.dialects.openai import lost_of, messages_of
from foretaste.dialects.openai_shapes import RawMessage
from foretaste.dialects.said import Said
from foretaste.records import Message, ToolCall

SHELL = "bash"
"""What a command in the assistant's text calls."""

_FENCED = re.compile(r"```(?:mswea_bash_command|bash)[ \t]*\n(.*?)\n```", re.DOTALL)
# How mini-SWE-agent's interface begins what a person at the keyboard said.
_PERSON = re.compile(r"\s*(?:Interrupted by user:|Command not executed\. The user)")


class Entry(RawMessage):
    """One message of a history."""

    is_demo: bool | None = None
    action: Any = None
    tool_call_ids: Any = None
    thinking_blocks: Any = None
    extra: Any = None


def said(entries: Sequence[Entry]) -> Said:
    """Read a history; commands in the assistant's text are calls of a shell.

    There the text stays as it was written, and what the environment says next in the user's role
    is the result: nobody spoke. The same holds where a text without one command got a complaint.
    Demonstrations stay as they were shown.
    """
    found = messages_of(entries)
    messages: list[Message] = []
    answers: str | None = None  # the call whose result comes next
    by_agent = False  # the message before is the agent's
    for at, (entry, message) in enumerate(zip(entries, found, strict=True)):
        new = message
        if message.role == "assistant":
            new = replace(message, reasoning=message.reasoning or _thinking(entry.thinking_blocks))
            command = None if message.tool_calls or entry.is_demo else _command(entry)
            if command is not None:
                arguments = msgspec.json.encode({"command": command}).decode()
                call = ToolCall(id=f"call_{at}", name=SHELL, arguments=arguments)
                new = replace(new, tool_calls=(call,))
            answers = new.tool_calls[0].id if new.tool_calls else None
        elif message.role == "tool":
            ids = entry.tool_call_ids
            named = ids[0] if isinstance(ids, list) and ids and isinstance(ids[0], str) else None
            new = replace(message, tool_call_id=message.tool_call_id or named or answers)
        elif message.role == "user" and by_agent and not _spoken(entry, message):
            new = replace(message, role="tool", tool_call_id=answers)
        by_agent = message.role == "assistant" and not entry.is_demo
        messages.append(new)
    return Said(tuple(messages), frozenset(lost_of(entries, messages)))


def _spoken(entry: Entry, message: Message) -> bool:
    return bool(entry.is_demo) or _PERSON.match(message.content) is not None


def _command(entry: Entry) -> str | None:
    """The one command in a text; None where there is none, or several."""
    if isinstance(entry.action, str):
        return entry.action or None
    actions = entry.extra.get("actions") if isinstance(entry.extra, dict) else None
    if isinstance(actions, list) and len(actions) == 1 and isinstance(actions[0], dict):
        command = actions[0].get("command")
        if isinstance(command, str) and command:
            return command
    text = entry.content if isinstance(entry.content, str) else ""
    found = _FENCED.findall(text)
    return found[0].strip() if len(found) == 1 else None


def _thinking(blocks: Any) -> str | None:
    if not isinstance(blocks, list):
        return None
    texts = [block.get("thinking") for block in blocks if isinstance(block, dict)]
    return "\n\n".join(text for text in texts if isinstance(text, str) and text) or None
