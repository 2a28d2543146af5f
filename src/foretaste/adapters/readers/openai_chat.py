"""OpenAI chat: one JSON object a line.

Read are `{"messages": [...]}`, a proxy's pair `{"request": {...}, "response": {...}}`, and a
stored chat completion that holds its messages beside its choices.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from foretaste.adapters.readers.openai_shapes import (
    Body,
    RawCall,
    RawMessage,
    Record,
    Response,
    Usage,
)
from foretaste.adapters.readers.reading import (
    Parsed,
    Unreadable,
    gaps_of,
    read,
    tags_of,
    time_of,
)
from foretaste.adapters.readers.streams import filled_lines
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap, Message, Stop, ToolCall

_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_STOPS = {
    "stop": Stop.FINAL,
    "length": Stop.LENGTH,
    "max_tokens": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
}
_SAME_SETTING = {"max_completion_tokens": "max_tokens", "max_new_tokens": "max_tokens"}
_NUMBERS = frozenset(
    [
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "max_tokens",
        "seed",
        "frequency_penalty",
        "presence_penalty",
        "repetition_penalty",
    ]
)
# What `params` may hold beside settings: parts of the request, and how it was transported.
_NO_SETTINGS = frozenset(
    ["model", "messages", "tools", "functions", "user", "metadata", "stream", "store", "n"]
)


_SETTINGS = Body.__struct_fields__[Body.__struct_fields__.index("temperature") :]
_DECODER = msgspec.json.Decoder(Record)

_KEYS = re.compile(rb'"messages"\s*:\s*\[|"request"\s*:\s*\{')


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIChat:
    """Reads OpenAI chat logs, one JSON object a line.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (scalars of a record's `metadata`) that a record must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each line's conversation, or a `Failure` with its line.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, filled_lines, _parsed, self.where)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return any(
            line.lstrip().startswith(b"{") and _KEYS.search(line) for line in head.splitlines()
        )


def _parsed(data: bytes) -> Parsed:
    """Read one line."""
    record = _DECODER.decode(data)
    body = record.request or record
    answer = record.response or Response(choices=record.choices, usage=record.usage)
    if not body.messages:
        raise Unreadable("no messages")
    raw = body.messages
    own_from, stop = 0, Stop.UNKNOWN
    if record.response is not None or record.choices is not None:
        if not answer.choices:
            raise Unreadable("the response holds no answer")
        own_from = len(raw)
        said = answer.choices[0]
        if said.message.role != "assistant":
            raise Unreadable("the response's message is not the assistant's")
        raw = [*raw, said.message]
        stop = _STOPS.get(said.finish_reason or "", Stop.UNKNOWN)
    messages = _messages(raw)

    settings = _settings(record, body)
    tools: tuple[JSON, ...] = tuple(body.tools or ())
    tools += tuple({"type": "function", "function": f} for f in body.functions or ())
    model = answer.model or body.model or record.model or None
    metadata = {**(body.metadata or {}), **(record.metadata or {})}
    user = _first(
        *(record.user, body.user, metadata.get("user_id"), record.user_id),
        *(record.safety_identifier, body.safety_identifier),
    )
    times = (record.created, record.created_at, record.timestamp, answer.created)
    started_at = time_of(next((time for time in times if time is not None), None))
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        tools=tools,
        model=model,
        started_at=started_at,
        tags=tags_of(metadata),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: tools,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=_lost(raw, messages, answer.usage),
        ),
        own_from=own_from,
        stop=stop,
    )
    return dialogue, _first(record.id, answer.id, record.conversation_id), user


def _messages(raw: list[RawMessage]) -> tuple[Message, ...]:
    found: list[Message] = []
    legacy_call: str | None = None
    for at, message in enumerate(raw):
        role = _ROLES.get(message.role)
        if role is None:
            raise Unreadable(f"unknown role at messages[{at}]")
        calls = tuple(
            _call(call, f"call_{at}_{n}") for n, call in enumerate(message.tool_calls or ())
        )
        if message.function_call is not None:
            legacy_call = f"call_{at}"
            calls += (_call(RawCall(function=message.function_call), legacy_call),)
        answers = message.tool_call_id
        if message.role == "function":
            answers = answers or legacy_call
        found.append(
            Message(
                role=role,  # type: ignore[arg-type]
                content=_text(message),
                name=message.name,
                reasoning=message.reasoning_content or message.reasoning,
                tool_calls=calls,
                tool_call_id=answers,
            )
        )
    return tuple(found)


def _call(call: RawCall, otherwise: str) -> ToolCall:
    """Read a tool call; one that has no id gets its place as id."""
    if call.function is not None:
        arguments = call.function.arguments
        if isinstance(arguments, dict):
            arguments = msgspec.json.encode(arguments).decode()
        return ToolCall(id=call.id or otherwise, name=call.function.name, arguments=arguments or "")
    if call.custom is not None:
        return ToolCall(id=call.id or otherwise, name=call.custom.name, arguments=call.custom.input)
    raise Unreadable("a tool call that names no function")


def _text(message: RawMessage) -> str:
    """A message's text; a refusal is what the model said, so it is text too."""
    if isinstance(message.content, list):
        texts = [
            part if isinstance(part, str) else part.text or part.refusal for part in message.content
        ]
    else:
        texts = [message.content]
    return "\n".join(text for text in [*texts, message.refusal] if text)


def _lost(
    raw: Iterable[RawMessage], messages: Iterable[Message], usage: Usage | None
) -> Iterator[Gap]:
    for message in raw:
        parts = message.content if isinstance(message.content, list) else ()
        texts = (isinstance(part, str) or part.text is not None or part.refusal for part in parts)
        if message.audio is not None or not all(texts):
            yield Gap.ATTACHMENTS
    details = usage.completion_tokens_details if usage else None
    if details and details.reasoning_tokens and not any(m.reasoning for m in messages):
        yield Gap.REASONING


def _settings(record: Record, body: Body) -> dict[str, JSON]:
    """Collect the sampling settings by OpenAI's names; null is none, and the first place wins."""
    found = [(name, getattr(body, name)) for name in _SETTINGS]
    for more in (record.params, record.settings):
        found += [item for item in (more or {}).items() if item[0] not in _NO_SETTINGS]
    settings: dict[str, JSON] = {}
    for name, value in found:
        if value is not None:
            settings.setdefault(_SAME_SETTING.get(name, name), value)
    for name in _NUMBERS & settings.keys():
        if isinstance(settings[name], bool) or not isinstance(settings[name], int | float):
            raise Unreadable(f"the setting {name} is not a number")
    return settings


def _first(*values: object) -> str | None:
    """The first value that is a name, as a string."""
    for value in values:
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None
