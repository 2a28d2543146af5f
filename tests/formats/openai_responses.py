"""OpenAI Responses: a stored response with its input, and a proxy's pair."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    part = {"type": "output_text", "text": f"é{n}", "annotations": []}
    answer = {"type": "message", "id": f"m{n}", "role": "assistant", "content": [part]}
    return {
        "id": f"k{n}",
        "object": "response",
        "status": "completed",
        "output": [answer],
        "metadata": {"draw": n % 2},
        "input_items": [{"type": "message", "role": "user", "content": f"q{n}"}],
    }


def pair(n: int) -> dict[str, Any]:
    response = {name: value for name, value in record(n).items() if name != "input_items"}
    return {"response": response, "request": {"model": "m", "input": f"q{n}"}}


FIELDS = (
    *("id", "status", "output", "metadata", "input_items", "input", "instructions", "tools"),
    *("previous_response_id", "conversation", "created_at", "reasoning", "text", "usage", "error"),
    *("temperature", "tool_choice", "incomplete_details", "feedback", "labels", "verdicts", "user"),
)
CASES = {
    "openai-responses": Case("openai-responses", record, as_lines, FIELDS),
    "openai-responses array": Case("openai-responses", record, as_array, FIELDS),
    "openai-responses pair": Case("openai-responses", pair, as_lines, ("request", "response")),
}
