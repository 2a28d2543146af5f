"""Tools for a model without a template for them: told in the prompt, called by writing JSON.

The system message lists the tools; a JSON schema leaves the model two ways to answer,
`{"say": text}` and `{"call": name, "arguments": {...}}`. Earlier turns are shown in the same
form, which teaches a small model more than any instruction does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from msgspec import structs

from foretaste.adapters.models.toolschema import Schema, constraint, example, signature
from foretaste.errors import ItemFailed
from foretaste.records import JSON, Message, Stop, ToolCall, identity

SAID = 800  # characters of a text that the model may say
_TOLD = 200  # characters of a tool's description
_SHOWN = 3  # examples
_SHORTEST = 80  # characters that a tool's result keeps
_SAYING = re.compile(r'\s*\{\s*"say"\s*:\s*"(.*)', re.DOTALL)
_ESCAPE = 13  # characters of the longest escape, a pair of surrogates, and one

_HEAD = """\
# Tools

Write one JSON object and nothing else. To talk to the user: {"say": "..."}
To call a tool: {"call": "name", "arguments": {...}}. You then see its result, and may go on.
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the request, as far as its schema can be read."""

    name: str
    about: str
    arguments: Schema


def usable(tools: Sequence[JSON]) -> tuple[Tool, ...]:
    """The tools that have a name, each name once; in OpenAI's form, flat or wrapped."""
    found: dict[str, Tool] = {}
    for each in tools:
        inner = each.get("function", each) if isinstance(each, dict) else {}
        inner = inner if isinstance(inner, dict) else {}
        name, about = inner.get("name"), inner.get("description")
        if isinstance(name, str) and name:
            about = " ".join(about.split())[:_TOLD] if isinstance(about, str) else ""
            found.setdefault(name, Tool(name, about, constraint(inner.get("parameters"))))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Offer:
    """What the model may do next: which tools it may call, and whether it may talk."""

    tools: tuple[Tool, ...]
    callable: tuple[Tool, ...]
    may_say: bool

    @property
    def schema(self) -> JSON:
        """The JSON schema of an answer."""
        said = {"type": "string", "maxLength": SAID}
        ways = [_exactly(say=said)] if self.may_say else []
        ways += [
            _exactly(call={"const": tool.name}, arguments=tool.arguments) for tool in self.callable
        ]
        return {"anyOf": ways}

    def told(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The conversation as the model gets it, the tools in its first system message."""
        names = {call.id: call.name for m in messages for call in m.tool_calls}
        shown = [_shown(message, names) for message in messages]
        text = "\n".join([_HEAD, *map(_line, self.tools), *self._examples(messages)])
        if shown and shown[0].role == "system":
            system, shown = shown[0], shown[1:]
            text = f"{system.content}\n\n{text}"
        return (Message(role="system", content=text), *shown)

    def _examples(self, messages: Sequence[Message]) -> Iterator[str]:
        """A few invented calls, where the conversation has none to learn from."""
        if not self.callable or any(m.tool_calls for m in messages):
            return
        made = [(tool.name, example(tool.arguments)) for tool in self.callable]
        made.sort(key=lambda each: (not each[1], len(_json(each[1]))))
        yield "\nExamples:"
        yield from (_json({"call": name, "arguments": given}) for name, given in made[:_SHOWN])


def offer(tools: Sequence[JSON], choice: JSON) -> tuple[Offer, bool]:
    """What a request offers, and whether its `tool_choice` could be kept."""
    known = usable(tools)
    if choice in (None, "auto"):
        return Offer(known, known, may_say=True), True
    if choice == "none":
        return Offer(known, (), may_say=True), True
    if choice == "required":
        return Offer(known, known, may_say=False), True
    inner = choice.get("function", choice) if isinstance(choice, dict) else {}
    name = inner.get("name") if isinstance(inner, dict) else None
    only = tuple(tool for tool in known if tool.name == name)
    if only:
        return Offer(known, only, may_say=False), True
    return Offer(known, known, may_say=True), False


def read(written: Message, stop: Stop, before: Sequence[Message]) -> tuple[Message, Stop]:
    """What the model said or called, or as much of a text as it came to say.

    A call that was cut off stays as it was written: it calls nothing.

    Raises:
        ItemFailed: the model closed its answer, and it is not of the form that it was held to.
    """
    try:
        parsed = msgspec.json.decode(written.content)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        parsed = None
    match parsed:
        case {"say": str(text)}:
            cut = len(text) >= SAID  # the schema ended it
            return structs.replace(written, content=text), Stop.LENGTH if cut else stop
        case {"call": str(name), "arguments": dict(arguments)}:
            number = sum(len(m.tool_calls) for m in before)
            text = _json(arguments)
            call_id = f"call_{identity(number, name, text)[:12]}"
            call = ToolCall(id=call_id, name=name, arguments=text)
            return structs.replace(written, content="", tool_calls=(call,)), stop
    if stop is Stop.LENGTH:
        return structs.replace(written, content=_begun(written.content)), stop
    raise ItemFailed("the model kept neither form: it said nothing and called nothing")


def shortened(messages: Sequence[Message], spare: int) -> tuple[Message, ...]:
    """The messages with so many fewer characters, or as near to that as results of tools go.

    The longest are cut first, all to one length and in the middle.
    """
    sizes = sorted((len(m.content) for m in messages if m.role == "tool"), reverse=True)
    length = _SHORTEST
    for number, following in enumerate([*sizes[1:], 0][: len(sizes)], start=1):
        # What the `number` longest come down to; if below the next, that is cut as well.
        down = (sum(sizes[:number]) - spare) // number
        if down >= max(following, _SHORTEST):
            length = down
            break
    return tuple(_cut(m, length) if m.role == "tool" else m for m in messages)


def _begun(written: str) -> str:
    """The text of an answer that was cut while it said something; else all of it."""
    begun = _SAYING.match(written)
    if begun is None:
        return written
    for lost in range(_ESCAPE):  # half an escape at the end is no text
        with suppress(msgspec.DecodeError, UnicodeError):
            return str(msgspec.json.decode(f'"{begun[1][: len(begun[1]) - lost]}"'))
    return written


def _cut(message: Message, length: int) -> Message:
    text = message.content
    if len(text) <= length:
        return message
    mark = f" [{len(text) - length} characters left out] "
    head = (length - len(mark)) // 2
    tail = length - len(mark) - head
    return structs.replace(message, content=f"{text[:head]}{mark}{text[-tail:]}")


def _shown(message: Message, names: Mapping[str, str]) -> Message:
    if message.role == "tool":
        name = message.name or names.get(message.tool_call_id or "", "the tool")
        # What a tool says must not pass for another speaker: this ends no message in a template.
        text = message.content.replace("<|", "< |")
        return Message(role="tool", content=f"Result of {name}: {text}")
    if message.role != "assistant":
        return Message(role=message.role, content=message.content)
    parts = [_json({"say": message.content})] if message.content else []
    parts += [
        _json({"call": call.name, "arguments": _parsed(call.arguments)})
        for call in message.tool_calls
    ]
    return Message(role="assistant", content="\n".join(parts))


def _parsed(arguments: str) -> JSON:
    try:
        return msgspec.json.decode(arguments or "{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return arguments


def _line(tool: Tool) -> str:
    about = f": {tool.about}" if tool.about else ""
    return f"- {tool.name} {signature(tool.arguments)}{about}"


def _exactly(**properties: JSON) -> JSON:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _json(value: JSON) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeError, RecursionError) as error:
        raise ItemFailed("a message holds what no model can be sent") from error
