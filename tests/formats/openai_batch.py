"""OpenAI batches: the lines of the input and those of the output."""

from typing import Any

from formats.case import Case
from formats.writing import as_lines


def record(n: int) -> dict[str, Any]:
    asked = {
        "model": "m",
        "messages": [{"role": "user", "content": f"q{n}"}],
        "metadata": {"draw": n % 2},
    }
    answer = {"choices": [{"message": {"role": "assistant", "content": f"é{n}"}}]}
    return {"custom_id": f"k{n}", "asked": asked, "answer": answer}


def _dump(records: list[dict[str, Any]]) -> bytes:
    """What a fuzzer adds to a record goes into both of its lines."""
    named = ("asked", "answer")
    rest = [{k: v for k, v in each.items() if k not in named} for each in records]
    given = {"method": "POST", "url": "/v1/chat/completions"}
    asked = [
        {"custom_id": r["custom_id"], **given, "body": r["asked"]} | more
        for r, more in zip(records, rest, strict=True)
    ]
    got = [
        {"id": "b", "custom_id": r["custom_id"], "error": None}
        | {"response": {"status_code": 200, "request_id": "r", "body": r["answer"]}}
        | more
        for r, more in zip(records, rest, strict=True)
    ]
    return as_lines(asked + got)


FIELDS = ("custom_id", "url", "body", "response", "error")
CASES = {"openai-batch": Case("openai-batch", record, _dump, FIELDS, apart=False)}
