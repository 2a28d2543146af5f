"""LangSmith's runs, one a line or one array."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    said = {"type": "ai", "content": f"é{n}"}
    return {
        "id": f"r{n}",
        "name": "ChatOpenAI",
        "trace_id": f"k{n}",
        "run_type": "llm",
        "start_time": "2026-01-01T00:00:00+00:00",
        "dotted_order": f"20260101T00000000000{n % 10}Zr{n}",
        "inputs": {"messages": [[{"type": "human", "content": f"q{n}"}]]},
        "outputs": {"generations": [[{"text": f"é{n}", "message": said}]]},
        "extra": {"metadata": {"draw": n % 2}},
    }


FIELDS = (
    *("id", "trace_id", "parent_run_id", "start_time", "end_time", "dotted_order", "inputs"),
    *("outputs", "extra", "error", "status", "tags", "feedback_stats", "metadata", "session_name"),
    *("runs", "messages", "completion_token_details", "session_id"),
)
CASES = {
    "langsmith": Case("langsmith", record, as_lines, FIELDS),
    "langsmith array": Case("langsmith", record, as_array, FIELDS),
}
