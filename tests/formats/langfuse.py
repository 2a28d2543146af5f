"""Langfuse's export of observations, as JSON, one a line or one array, and as CSV."""

import csv
import io
import json
from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    return {
        "id": f"o{n}",
        "trace_id": f"k{n}",
        "project_id": "p",
        "environment": "default",
        "type": "GENERATION",
        "parent_observation_id": "",
        "start_time": f"2026-01-01 00:00:0{n % 10}.000000",
        "end_time": "2026-01-01 00:01:00.000000",
        "metadata": {"draw": n % 2},
        "input": [{"role": "user", "content": f"q{n}"}],
        "output": {"role": "assistant", "content": f"é{n}"},
    }


def as_csv(records: list[dict[str, Any]]) -> bytes:
    """A table with every column of the first record; objects are JSON text."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    names = list(records[0])
    table.writerow(names)
    for each in records:
        cells = (each.get(name) for name in names)
        table.writerow([c if isinstance(c, str | None) else _text(c) for c in cells])
    return out.getvalue().encode(errors="replace")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


FIELDS = (
    *("id", "trace_id", "project_id", "parent_observation_id", "start_time", "end_time", "level"),
    *("metadata", "input", "output", "model_parameters", "session_id", "user_id", "tags", "name"),
    *("tool_definitions", "usage_details", "provided_model_name", "environment", "data"),
)
CASES = {
    "langfuse": Case("langfuse", record, as_lines, FIELDS),
    "langfuse array": Case("langfuse", record, as_array, FIELDS),
    "langfuse csv": Case("langfuse", record, as_csv, FIELDS, apart=False),
}
