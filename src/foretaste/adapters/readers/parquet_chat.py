"""Chat records in Parquet: OpenAI's in a column `messages`, ShareGPT's in `conversations`."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from foretaste.adapters.readers import openai_chat, sharegpt
from foretaste.adapters.readers.files.parquet import rows_as_lines
from foretaste.adapters.readers.parquet_own import MARK, own_row
from foretaste.adapters.readers.reading import Parsed, read
from foretaste.records import JSON, Conversation, Failure

# Columns whose values many writers put down as JSON text: their rows differ too much for one type.
_NESTED = ("messages", "conversations", "tools", "functions", "metadata", "params", "settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetChat:
    """Reads Parquet files with one conversation a row.

    What `foretaste convert` wrote comes back whole. Any other row is what a line of `openai-chat`
    or `sharegpt` is, under the same names. What is null is absent, as every row of a nested column
    has all of its fields. Nested columns may also be JSON text, as may the single tools in a list.

    Attributes:
        path: a file, folder, or glob.
        where: tags (scalars of a record's `metadata`) that a record must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each row's conversation, or a `Failure` with its row.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(
            self.path,
            rows_as_lines,
            _parsed,
            self.where,
            self.recognizes,
            self.recognizes_columns,
        )

    @staticmethod
    def recognizes(_head: bytes) -> bool:
        """Never: the first bytes of a Parquet file say nothing about its columns."""
        return False

    @staticmethod
    def recognizes_columns(names: frozenset[str]) -> bool:
        """Whether the columns of a Parquet file are those of this format."""
        return not names.isdisjoint({"messages", "conversations"})


def _parsed(data: bytes) -> Parsed:
    """Read one row, in whichever of the two forms it is."""
    whole = msgspec.json.decode(data)
    if MARK in whole:
        return own_row(whole)
    row = {name: _unpacked(value) if name in _NESTED else value for name, value in whole.items()}
    row = _filled(row)
    parsed = openai_chat.parsed if "messages" in row else sharegpt.parsed
    return parsed(msgspec.json.encode(row))


def _filled(value: JSON) -> JSON:
    """The value without nulls in its objects."""
    match value:
        case dict():
            return {name: _filled(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [_filled(inner) for inner in value]
    return value


def _unpacked(value: JSON) -> JSON:
    """The value, where it is JSON text that of it; the same for each in a list."""
    if isinstance(value, list):
        return [_unpacked(inner) if isinstance(inner, str) else inner for inner in value]
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
