"""WildChat, in Parquet and one record a line."""

from typing import Any

from formats.case import Case
from formats.columns import as_parquet
from formats.writing import as_lines


def record(n: int) -> dict[str, Any]:
    said = {"language": "English", "redacted": False, "toxic": False, "turn_identifier": n}
    return {
        "conversation_hash": f"k{n}",
        "model": "gpt-4-0314",
        "timestamp": "2023-04-09T00:02:53+00:00",
        "conversation": [
            {"content": f"q{n}", "role": "user", "country": "Germany", "hashed_ip": "a1", **said},
            {"content": f"é{n}", "role": "assistant", "country": None, "hashed_ip": None, **said},
        ],
        "turn": 1,
        "language": "English",
        "openai_moderation": [moderation(flagged=False), moderation(flagged=False)],
        "detoxify_moderation": [{"toxicity": 0.25}, {"toxicity": 0.5}],
        "toxic": False,
        "redacted": False,
        "hashed_ip": "a1",
    }


def moderation(*, flagged: bool) -> dict[str, Any]:
    return {
        "categories": {"harassment": flagged, "violence": False},
        "category_scores": {"harassment": 0.9 if flagged else 0.1, "violence": 0.1},
        "flagged": flagged,
    }


FIELDS = ("conversation", "conversation_hash", "model", "timestamp", "openai_moderation", "toxic")
CASES = {
    "wildchat": Case("wildchat", record, as_parquet, FIELDS, apart=False, text=False, tagged=False),
    "wildchat lines": Case("wildchat", record, as_lines, FIELDS, tagged=False),
}
