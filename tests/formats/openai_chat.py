"""OpenAI chat, one record a line."""

from typing import Any

from formats.case import Case
from formats.writing import as_lines


def record(n: int) -> dict[str, Any]:
    said = [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"é{n}"}]
    return {"id": f"k{n}", "messages": said, "metadata": {"draw": n % 2}}


FIELDS = (
    *("messages", "id", "model", "created", "tools", "metadata", "params", "request", "response"),
    *("choices", "user", "temperature", "usage", "verdicts", "feedback", "labels"),
)
CASES = {"openai-chat": Case("openai-chat", record, as_lines, FIELDS)}
