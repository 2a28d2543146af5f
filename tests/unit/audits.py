"""A finished run whose candidate does in one of ten turns what no plan names; and its auditor."""

import json
from pathlib import Path
from typing import Any

from foretaste.pipeline import run
from stories.planted import plain_log, plan, says, write_log

RATE = 0.1
SOLD = "zebra"  # the word that the candidate plants
ODD = {
    "name": "sells-zebras",
    "description": "The answer offers the user a zebra that nobody asked about.",
    "quote": f"{SOLD}!",
    "severity": 3,
}


def proposes(turn: str, **more: Any) -> str:
    return json.dumps({"behaviors": [ODD | {"turn": turn} | more]})


def verdict(present: bool) -> str:
    said = {"present": present, "severity": 3 if present else 0, "reason": "seen"}
    return json.dumps(said | {"evidence": f"{SOLD}!" if present else ""})


def line(when: str, say: str) -> dict[str, str]:
    return {"when": when, "say": say}


GOOD: dict[str, Any] = {
    "use": "scripted",
    "name": "auditor",
    "replies": [
        line(rf'"A": \[[^]]*{SOLD}', proposes("A")),
        line(rf'"B": \[[^]]*{SOLD}', proposes("B")),
        line('"A": ', json.dumps({"behaviors": []})),
        line(rf'"answer": \[[^]]*{SOLD}', verdict(True)),
        line('"answer": ', verdict(False)),
    ],
}


def finish(folder: Path, **more: Any) -> str:
    """A run of some 600 turns; beside the planted word both lanes say two others at random."""
    words = {"well": 0.3, "sure": 0.3}
    log = plain_log(folder / "log.jsonl", words, users=240, seed=5)
    given = plan(folder, log, {"well": 0.3}) | {
        "incumbent": says(words, "now"),
        "candidate": says({SOLD: RATE} | words, "next"),
    }
    file = folder / "plan.yaml"
    write_log(file, [given | more])
    return run(str(file)).path
