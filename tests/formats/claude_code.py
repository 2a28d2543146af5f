"""Sessions of Claude Code. Lines of several lie among each other, as in no file of its own."""

import json
from typing import Any

from formats.case import Case


def record(n: int) -> dict[str, Any]:
    return {"message": {"role": "user", "content": f"q{n}"}, "n": n}


def lines(records: list[dict[str, Any]]) -> bytes:
    asked, answered = [], []
    for at, each in enumerate(records):
        n = each.get("n", at)
        about = {"isSidechain": False, "sessionId": f"k{n}"}
        asked.append({"parentUuid": None, **about, "type": "user", "uuid": f"u{n}"} | each)
        message = {"id": f"m{n}", "model": "m", "content": [{"type": "text", "text": f"é{n}"}]}
        answered.append(
            {"parentUuid": f"u{n}", **about, "type": "assistant", "uuid": f"a{n}"}
            | {"message": message}
        )
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in asked + answered).encode()


FIELDS = (
    *("message", "type", "uuid", "parentUuid", "sessionId", "isSidechain", "isMeta", "timestamp"),
    *("toolUseResult", "cwd", "version", "subtype", "content", "attachment"),
)
CASES = {"claude-code": Case("claude-code", record, lines, FIELDS, apart=False, tagged=False)}
