"""OpenAI chat: one JSON object a line.

Read are `{"messages": [...]}`, a proxy's pair `{"request": {...}, "response": {...}}`, and a
stored chat completion that holds its messages beside its choices; and, more slowly, pairs whose
response is a stream or a text, or stands in an HTTP `body`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec

from foretaste.adapters.readers.anthropic_messages import AnthropicMessages
from foretaste.adapters.readers.files.streams import filled_lines
from foretaste.adapters.readers.labels import labels_in
from foretaste.adapters.readers.openai_spellings import respelled
from foretaste.adapters.readers.reading import Parsed, read, tags_of, time_of, trial_of
from foretaste.carried import restored
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.openai import lost_of, messages_of
from foretaste.dialects.openai_shapes import Body, Record, Response
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap, Stop

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
_set = attrgetter(*_SETTINGS)
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
        return read(self.path, filled_lines, parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        chat = any(
            line.lstrip().startswith(b"{") and _KEYS.search(line) for line in head.splitlines()
        )
        return chat and not AnthropicMessages.recognizes(head)


def _record(data: bytes) -> Record:
    """One line, as it is or, where that tells nothing, as other loggers spell it."""
    with suppress(msgspec.ValidationError):
        record = _DECODER.decode(data)
        if (record.request or record).messages:
            return record
    return respelled(data)


def parsed(data: bytes) -> Parsed:
    """Read one record.

    Raises:
        Unreadable: it is no conversation.
        msgspec.MsgspecError: it is not JSON, or has not the shape that it should have.
    """
    record = _record(data)
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
    messages = messages_of(raw)

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
        tags=tags_of(trial_of(record.task_id, record.trial, record.reward) | metadata),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: tools,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=lost_of(raw, messages, answer.usage),
        ),
        own_from=own_from,
        stop=stop,
        labels=labels_in(verdicts=record.verdicts, feedback=record.feedback, labels=record.labels),
    )
    key = _first(record.id, answer.id, record.conversation_id)
    return restored(dialogue, key, user, record.foretaste)


def _settings(record: Record, body: Body) -> dict[str, JSON]:
    """Collect the sampling settings by OpenAI's names; null is none, and the first place wins."""
    found = [item for item in zip(_SETTINGS, _set(body), strict=True) if item[1] is not None]
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
