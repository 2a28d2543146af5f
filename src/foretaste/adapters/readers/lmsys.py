"""LMSYS-Chat-1M: conversations of the arena's visitors, in Parquet or as JSON, one a line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.parquet import lines_or_rows
from foretaste.adapters.readers.reading import Parsed, read, tags_of
from foretaste.adapters.readers.wildchat import WildChat
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.moderation import labels_of
from foretaste.dialects.openai import lost_of, messages_of
from foretaste.dialects.openai_shapes import RawMessage
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap

_ALWAYS = {"conversation_id", "model", "conversation"}


class _Record(msgspec.Struct):
    conversation: list[RawMessage]
    conversation_id: str | None = None
    model: str | None = None
    turn: Any = None
    language: Any = None
    redacted: Any = None
    openai_moderation: Any = None


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class LMSYS:
    """Reads LMSYS-Chat-1M.

    What OpenAI's moderation found about a message are labels, by `openai-moderation`. The data name
    neither users nor times, and hold no system prompts or settings.

    Attributes:
        path: a file, folder, or glob.
        where: tags (`language`, `redacted`, `turn`) that a record must have to be read.
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
        return outline(head).keys() >= _ALWAYS and not WildChat.recognizes(head)

    @staticmethod
    def recognizes_columns(names: frozenset[str]) -> bool:
        """Whether the columns of a Parquet file are those of this format."""
        return names >= _ALWAYS and not WildChat.recognizes_columns(names)


def _parsed(data: bytes) -> Parsed:
    """Read one conversation."""
    record = _RECORD.decode(data)
    if not record.conversation:
        raise Unreadable("no messages")
    messages = messages_of(record.conversation)
    model = record.model or None
    about = {"turn": record.turn, "language": record.language, "redacted": record.redacted}
    missing = dict.fromkeys((Gap.SETTINGS, Gap.TOOLS, Gap.TIME, Gap.USER))
    dialogue = Dialogue(
        messages=messages,
        model=model,
        tags=tags_of(about),
        gaps=gaps_of(
            messages,
            has={**missing, Gap.MODEL: model},
            lost=lost_of(record.conversation, messages),
        ),
        labels=labels_of(len(messages), record.openai_moderation),
    )
    return dialogue, record.conversation_id or None, None
