"""WildChat: the first, 1M and 4.8M, in Parquet as published or as JSON, one record a line."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import msgspec

from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.parquet import lines_or_rows
from foretaste.adapters.readers.reading import Parsed, read, tags_of, time_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.moderation import labels_of
from foretaste.dialects.openai import lost_of, messages_of
from foretaste.dialects.openai_shapes import RawMessage, Usage
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap

_SETTINGS = ("temperature", "top_p")
_ABOUT = ("turn", "language", "toxic", "redacted", "country", "state")
# What neither LMSYS-Chat-1M nor anything else holds beside a `conversation`.
_OWN = frozenset(["conversation_hash", "hashed_ip", "detoxify_moderation", "toxic"])


class _Message(RawMessage):
    timestamp: str | float | None = None
    created: str | float | None = None
    country: Any = None
    state: Any = None
    hashed_ip: Any = None
    temperature: Any = None
    top_p: Any = None
    usage: Any = None


class _Record(msgspec.Struct):
    conversation: list[_Message]
    conversation_hash: str | None = None
    conversation_id: str | None = None
    model: str | None = None
    timestamp: str | float | None = None
    turn: Any = None
    language: Any = None
    toxic: Any = None
    redacted: Any = None
    country: Any = None
    state: Any = None
    hashed_ip: Any = None
    openai_moderation: Any = None
    detoxify_moderation: Any = None


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class WildChat:
    """Reads WildChat: conversations of ChatGPT's users who gave them to research.

    The hashed address is the user. What OpenAI's moderation and Detoxify found about a message are
    labels, by `openai-moderation` and `detoxify`; of the latter the score `toxicity` alone.

    Attributes:
        path: a file, folder, or glob.
        where: tags (`language`, `country`, `state`, `toxic`, `redacted`, `turn`) that a record must
            have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its row or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(
            self.path,
            lines_or_rows,
            _parsed,
            self.where,
            self.recognizes,
            self.recognizes_columns,
        )

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return _known(outline(head).keys()) or (
            # A long first conversation hides what comes behind it.
            {"conversation_id", "timestamp", "conversation"} <= outline(head).keys()
        )

    @staticmethod
    def recognizes_columns(names: frozenset[str]) -> bool:
        """Whether the columns of a Parquet file are those of this format."""
        return _known(names)


def _known(names: AbstractSet[str]) -> bool:
    return "conversation" in names and bool(names & _OWN)


def _parsed(data: bytes) -> Parsed:
    """Read one conversation."""
    record = _RECORD.decode(data)
    said = record.conversation
    if not said:
        raise Unreadable("no messages")
    messages = messages_of(said)
    asked = next((message for message in said if message.role == "user"), said[0])
    answers = [message for message in said if message.role == "assistant"]
    last = answers[-1] if answers else None
    settings = {
        name: value
        for name in _SETTINGS
        if isinstance(value := getattr(last, name, None), int | float)
        and not isinstance(value, bool)
    }
    times = (asked.timestamp, record.timestamp, last.created if last else None)
    started_at = time_of(next((time for time in times if time not in (None, "")), None))
    user = next((ip for ip in (record.hashed_ip, asked.hashed_ip) if isinstance(ip, str)), "")
    about = {name: getattr(record, name) for name in _ABOUT}
    for name in ("country", "state"):
        about[name] = about[name] or getattr(asked, name)
    model = record.model or None
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        model=model,
        started_at=started_at,
        tags=tags_of(about),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: None,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=lost_of(said, messages, _usage(last)),
        ),
        labels=labels_of(len(said), record.openai_moderation, record.detoxify_moderation),
    )
    return dialogue, record.conversation_hash or record.conversation_id or None, user or None


def _usage(answer: _Message | None) -> Usage | None:
    """How an answer's tokens were spent, where that is told."""
    try:
        return msgspec.convert(answer.usage, Usage) if answer and answer.usage else None
    except msgspec.ValidationError:
        return None
