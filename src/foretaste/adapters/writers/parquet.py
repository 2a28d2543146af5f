"""Parquet: a row for each conversation, in typed and nested columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import msgspec

from foretaste.errors import PlanError
from foretaste.records import Conversation, Label, Message

_ROWS = 1000  # of a group, at most
_BYTES = 16 << 20  # characters of a group, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parquet:
    """Writes a table that DuckDB, Polars and Pandas read without help.

    Settings and tools, which can be anything, are JSON text; all else has its own type.
    """

    endings: ClassVar[tuple[str, ...]] = (".parquet",)
    text: ClassVar[bool] = False

    def __call__(
        self, conversations: Iterable[Conversation], stream: IO[bytes]
    ) -> Mapping[str, int]:
        """Write them all; there is nothing that this table has no column for.

        Raises:
            PlanError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa  # noqa: PLC0415  # large, and only for this
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError as error:
            raise PlanError("Parquet needs pyarrow: pip install 'foretaste[parquet]'") from error
        schema = _schema(pa)
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            rows: list[dict[str, Any]] = []
            size = 0
            for each in conversations:
                rows.append(_row(each))
                size += sum(len(message.content) for message in each.dialogue.messages)
                if len(rows) == _ROWS or size > _BYTES:
                    writer.write_table(pa.Table.from_pylist(rows, schema))
                    rows, size = [], 0
            if rows:
                writer.write_table(pa.Table.from_pylist(rows, schema))
        return {}


def _schema(pa: Any) -> Any:
    text, many = pa.string(), pa.list_
    call = pa.struct([("id", text), ("name", text), ("arguments", text)])
    message = pa.struct(
        [
            ("role", text),
            ("content", text),
            ("name", text),
            ("reasoning", text),
            ("tool_calls", many(call)),
            ("tool_call_id", text),
            ("seconds", pa.float64()),
        ]
    )
    label = pa.struct(
        [
            ("name", text),
            ("value", text),
            ("number", pa.float64()),
            ("truth", pa.bool_()),
            ("message", pa.int64()),
            ("by", text),
        ]
    )
    return pa.schema(
        [
            ("id", text),
            ("messages", many(message)),
            ("model", text),
            ("started_at", pa.timestamp("us", tz="UTC")),
            ("user", text),
            ("tags", pa.map_(text, text)),
            ("settings", pa.map_(text, text)),
            ("tools", many(text)),
            ("stop", text),
            ("own_from", pa.int64()),
            ("labels", many(label)),
            ("gaps", many(text)),
            ("origins", pa.map_(text, text)),
            ("source", text),
            ("line", pa.int64()),
            ("foretaste_id", text),
        ],
        metadata={"foretaste": "conversations"},
    )


def _row(whole: Conversation) -> dict[str, Any]:
    said = whole.dialogue
    return {
        "id": whole.key,
        "messages": [_message(message) for message in said.messages],
        "model": said.model,
        "started_at": said.started_at,
        "user": whole.user,
        "tags": list(said.tags.items()),
        "settings": [(name, _json(value)) for name, value in said.settings.items()],
        "tools": [_json(tool) for tool in said.tools],
        "stop": said.stop.value,
        "own_from": said.own_from,
        "labels": [_label(label) for label in said.labels],
        "gaps": [gap.value for gap in said.gaps],
        "origins": list(said.origins.items()),
        "source": whole.source,
        "line": whole.line,
        "foretaste_id": whole.id,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _message(message: Message) -> dict[str, Any]:
    calls = [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls]
    return {
        "role": message.role,
        "content": message.content,
        "name": message.name,
        "reasoning": message.reasoning,
        "tool_calls": calls,
        "tool_call_id": message.tool_call_id,
        "seconds": message.seconds,
    }


def _label(label: Label) -> dict[str, Any]:
    """A label; its value stands as text, and once more by its own type."""
    value = label.value
    number = None if isinstance(value, str | bool) else value
    return {
        "name": label.name,
        "value": value if isinstance(value, str) else _json(value),
        "number": number,
        "truth": value if isinstance(value, bool) else None,
        "message": label.message,
        "by": label.by,
    }
