"""Messages as OpenTelemetry's GenAI conventions write them: a role, and parts of many types."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from foretaste.dialects import openai
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}
_THOUGHT = ("reasoning", "thinking")
_SERVERS_CALL = "server_tool_call"  # of a tool that the provider runs itself, within the answer
_SERVERS_RESULT = "server_tool_call_response"
_CALLS = ("tool_call", _SERVERS_CALL)
_FILES = ("blob", "file", "uri")
_RESULTS = ("tool_call_response", _SERVERS_RESULT)


class _Part(msgspec.Struct):
    type: str = "text"
    content: Any = None
    text: Any = None  # of those who write parts as OpenAI does
    id: str | int | None = None
    name: str | None = None
    arguments: Any = None
    response: Any = None
    result: Any = None  # an older name of `response`
    server_tool_call: Any = None
    server_tool_call_response: Any = None


class _RawMessage(msgspec.Struct):
    role: str
    parts: list[str | _Part] | None = None
    content: Any = None
    name: str | None = None


class _Step(NamedTuple):
    """What of a message becomes one message of the records."""

    texts: list[str]
    thoughts: list[str]
    calls: list[ToolCall]


def said(value: JSON) -> Said:
    """Read a list of messages that is parsed already; one without parts is read as OpenAI's.

    A call that the provider ran itself becomes a call and its result within the answer. A summary
    that took the place of earlier messages is a system message, as nobody said it.

    Raises:
        Unreadable: a role that nobody knows, or a call that names no tool.
        msgspec.ValidationError: it is no list of messages.
    """
    raw = msgspec.convert(value, list[_RawMessage])
    if raw and not any(message.parts is not None for message in raw):
        return openai.said(value)
    lost: set[Gap] = set()
    every = (part for message in raw for part in _parts(message))
    answered = {_id(part) for part in every if part.type == _SERVERS_RESULT}
    messages: list[Message] = []
    still_open: list[str] = []  # calls, for results that name none
    for at, message in enumerate(raw):
        if message.role not in _ROLES:
            raise Unreadable(f"unknown role at messages[{at}]")
        for found in _messages(message, at, answered, lost):
            answers = found.tool_call_id
            if found.role == "tool" and answers is None and still_open:
                answers = still_open[0]
            if answers in still_open:
                still_open.remove(answers)
            still_open += [call.id for call in found.tool_calls]
            messages.append(replace(found, tool_call_id=answers))
    return Said(tuple(messages), frozenset(lost))


def text_of(value: JSON) -> str:
    """A tool's result, or anything else that should be text, as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(_only_text(part) for part in value):
        return "\n".join(part["text"] for part in value)
    return "" if value is None else msgspec.json.encode(value).decode()


def _only_text(part: JSON) -> bool:
    return (
        isinstance(part, dict)
        and part.get("type") == "text"
        and isinstance(part.get("text"), str)
        and len(part) <= len(("type", "text", "annotations"))
    )


def _parts(message: _RawMessage) -> Iterator[_Part]:
    given: Iterable[str | _Part] = message.parts or ()
    if message.parts is None and message.content is not None:
        given = [text_of(message.content)]
    for part in given:
        yield _Part(content=part) if isinstance(part, str) else part


def _messages(
    message: _RawMessage, at: int, answered: set[str | None], lost: set[Gap]
) -> Iterator[Message]:
    """What one message comes to: itself, with results and summaries taken out of it."""
    role = _ROLES[message.role]
    step = _Step([], [], [])
    gave = False

    def closed() -> Iterator[Message]:
        if any(step):
            yield Message(
                role=role,
                content="\n".join(step.texts),
                name=message.name,
                reasoning="\n".join(step.thoughts) or None,
                tool_calls=tuple(step.calls),
            )
            for held in step:
                held.clear()

    for n, part in enumerate(_parts(message)):
        if part.type in _RESULTS:
            yield from closed()
            gave = True
            yield Message(role="tool", content=_result(part), tool_call_id=_id(part))
        elif part.type == "compaction":
            lost.add(Gap.TRUNCATED)
            yield from closed()
            gave = True
            yield Message(role="system", content=text_of(part.content))
        elif part.type in _CALLS:
            if role != "assistant":
                raise Unreadable(f"a tool call in messages[{at}], which is not the assistant's")
            if part.type == _SERVERS_CALL and _id(part) not in answered:
                lost.add(Gap.TRUNCATED)  # what it gave is nowhere
            else:
                step.calls.append(_call(part, f"call_{at}_{n}"))
        else:
            _take(part, step, lost)
    if any(step):
        yield from closed()
    elif not gave:
        yield Message(role=role, content="", name=message.name)


def _take(part: _Part, step: _Step, lost: set[Gap]) -> None:
    """Keep a part's text; of one that has none, or is a file, only that it is lost."""
    thought = part.type in _THOUGHT
    found = part.content if part.content is not None else part.text
    if not isinstance(found, str) or part.type in _FILES:
        lost.add(Gap.REASONING if thought else Gap.ATTACHMENTS)
    elif found:
        (step.thoughts if thought else step.texts).append(found)


def _call(part: _Part, otherwise: str) -> ToolCall:
    if not part.name:
        raise Unreadable("a tool call that names no function")
    given = part.server_tool_call if part.type == _SERVERS_CALL else part.arguments
    text = given if isinstance(given, str) else "" if given is None else _json(given)
    return ToolCall(id=_id(part) or otherwise, name=part.name, arguments=text)


def _result(part: _Part) -> str:
    if part.type == _SERVERS_RESULT:
        return text_of(part.server_tool_call_response)
    found = (part.response, part.result, part.content)
    return text_of(next((value for value in found if value is not None), None))


def _id(part: _Part) -> str | None:
    return None if part.id in (None, "") else str(part.id)


def _json(value: JSON) -> str:
    return msgspec.json.encode(value).decode()
