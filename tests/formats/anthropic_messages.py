"""Calls of Anthropic's Messages API, as a proxy writes them down."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    answer = {
        "id": f"k{n}",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": f"é{n}"}],
        "stop_reason": "end_turn",
    }
    asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": f"q{n}"}]}
    return {"request": asked, "response": answer, "metadata": {"draw": n % 2}}


def alone(n: int) -> dict[str, Any]:
    said = [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"é{n}"}]
    asked = {"model": "m", "max_tokens": 9, "system": "s", "messages": said}
    return {"id": f"k{n}", **asked, "metadata": {"draw": n % 2}}


FIELDS = ("request", "response", "metadata", "id", "timestamp", "error", "messages", "system")
CASES = {
    "anthropic-messages": Case("anthropic-messages", record, as_lines, FIELDS),
    "anthropic-messages array": Case("anthropic-messages", record, as_array, FIELDS),
    "anthropic-messages alone": Case("anthropic-messages", alone, as_lines, FIELDS),
}
