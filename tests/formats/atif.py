"""ATIF, one trajectory a line or one array."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    call = {"tool_call_id": "c", "function_name": "f", "arguments": {"messages": [n]}}
    steps = [
        {"step_id": 1, "source": "user", "message": f"q{n}"},
        {
            "step_id": 2,
            "source": "agent",
            "message": "",
            "tool_calls": [call],
            "observation": {"results": [{"source_call_id": "c", "content": "r"}]},
        },
        {"step_id": 3, "source": "agent", "message": f"é{n}"},
    ]
    return {
        "schema_version": "ATIF-v1.8",
        "trajectory_id": f"k{n}",
        "agent": {"name": "a", "version": "1"},
        "steps": steps,
        "extra": {"draw": n % 2},
    }


FIELDS = ("schema_version", "steps", "agent", "extra", "session_id")
CASES = {
    "atif": Case("atif", record, as_lines, FIELDS),
    "atif array": Case("atif", record, as_array, FIELDS),
}
