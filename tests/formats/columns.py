"""Parquet, as its own software writes it."""

import io
import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet


def as_parquet(records: list[dict[str, Any]]) -> bytes:
    """One row a record; a column of values that share no type holds them as JSON text."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: _column([record.get(name) for record in records]) for name in names}
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written)
    return written.getvalue()


def _column(values: list[Any]) -> pa.Array:
    try:
        column = pa.array(values)
        parquet.write_table(pa.table({"column": column}), io.BytesIO())
    except (pa.ArrowException, OverflowError, UnicodeError):
        texts = [one if isinstance(one, str) else json.dumps(one) for one in values]
        return pa.array([text.encode(errors="replace").decode() for text in texts])
    else:
        return column
