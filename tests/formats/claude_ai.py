"""The export of Claude.ai, one array of conversations."""

from typing import Any

from formats.case import Case
from formats.writing import as_array


def record(n: int) -> dict[str, Any]:
    asked = {"uuid": f"u{n}", "sender": "human", "text": f"q{n}", "attachments": [], "files": []}
    answered = {
        "uuid": f"a{n}",
        "sender": "assistant",
        "text": f"é{n}",
        "parent_message_uuid": f"u{n}",
    }
    return {"uuid": f"k{n}", "name": "", "chat_messages": [asked, answered]}


FIELDS = ("uuid", "chat_messages", "account", "created_at", "model", "current_leaf_message_uuid")
CASES = {"claude-ai": Case("claude-ai", record, as_array, FIELDS, tagged=False)}
