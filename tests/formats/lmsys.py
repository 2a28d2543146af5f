"""LMSYS-Chat-1M, in Parquet and one record a line."""

from typing import Any

from formats.case import Case
from formats.columns import as_parquet
from formats.wildchat import moderation
from formats.writing import as_lines


def record(n: int) -> dict[str, Any]:
    return {
        "conversation_id": f"k{n}",
        "model": "vicuna-13b",
        "conversation": [
            {"content": f"q{n}", "role": "user"},
            {"content": f"é{n}", "role": "assistant"},
        ],
        "turn": 1,
        "language": "English",
        "openai_moderation": [moderation(flagged=True), moderation(flagged=False)],
        "redacted": False,
    }


FIELDS = ("conversation", "conversation_id", "model", "language", "openai_moderation", "turn")
CASES = {
    "lmsys": Case("lmsys", record, as_parquet, FIELDS, apart=False, text=False, tagged=False),
    "lmsys lines": Case("lmsys", record, as_lines, FIELDS, tagged=False),
}
