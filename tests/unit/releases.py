"""Logs of past releases."""

import json
from pathlib import Path
from typing import Any

SORRY = "I'm sorry, but I can't help with that."


def log(
    path: Path,
    model: str | None,
    refused: int,
    *,
    day: int | None = None,
    draws: int = 2,
    late_first: bool = False,
    size: int = 60,
) -> str:
    """One release: so many of its prompts are refused in the first draw, one more in the second."""
    lines = []
    for draw in range(draws):
        for number in range(size):
            said = SORRY if number < refused + draw else "Here it is:\n\n```python\nprint(1)\n```"
            record: dict[str, Any] = {
                "id": f"{number}-{draw}",
                "messages": [
                    {"role": "user", "content": f"Question {number}"},
                    {"role": "assistant", "content": said},
                ],
                "metadata": {"draw": str(draw)},
            }
            if model is not None:
                record["model"] = model
            if day is not None:
                record["created"] = f"2026-01-{day:02d}T00:00:00"
            lines.append(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = reversed(lines) if late_first else lines
    path.write_text("".join(json.dumps(line) + "\n" for line in ordered))
    return str(path)
