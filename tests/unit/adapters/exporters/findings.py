"""Findings of a small run: every lane, every outcome, with and without traces."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from foretaste.findings import Study
from foretaste.protocols import Exporter, Graded
from foretaste.records import Lane, Message, Outcome, Rollout, Stop, ToolCall, Verdict
from foretaste.testing import check_exporter
from unit.report.studies import study
from unit.rows import prefix, user

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UUIDS = "0190a8c5-1b1c-7c3e-9f55-2f1f0a7cbe01/0190a8c5-1b1c-7c3e-9f55-2f1f0a7cbe02"
# As a run keeps it: numbers of NumPy are none in JSON.
STUDY = msgspec.json.decode(msgspec.json.encode(study(), enc_hook=float), type=Study)
NAME = STUDY.behaviors[0].name
OUTCOMES = {
    "one": Outcome.PRESENT,
    "two": Outcome.ABSENT,
    "three": Outcome.UNGRADED,
    "four": Outcome.OUTSIDE,
}


def verdict(answer: Rollout, outcome: Outcome, **more: Any) -> Verdict:
    reason = "the judge said neither" if outcome is Outcome.UNGRADED else ""
    whole = {"evidence": "=1+1, “so”" if outcome is Outcome.PRESENT else "", "reason": reason}
    return Verdict(parent=answer.id, behavior=NAME, outcome=outcome, grader="g", **(whole | more))


def graded(origin: str = "") -> list[Graded]:
    """Four turns in two lanes: present, absent, ungraded, outside."""
    found = []
    call = ToolCall(id="c", name="get", arguments='{"a": 1}')
    messages = (
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="r", tool_call_id="c", name="get"),
        Message(role="assistant", content="Yes, Zoë.\r\n"),
    )
    for name, outcome in OUTCOMES.items():
        asked = prefix(
            name, of=f"user-{name}", messages=(user("Is it so?"),), origin=origin, probability=0.25
        )
        for lane in (Lane.RECORDED, Lane.CANDIDATE):
            answer = Rollout(
                parent=asked.id, lane=lane, messages=messages, stop=Stop.FINAL, asked_model="m"
            )
            severity = 2 if outcome is Outcome.PRESENT else None
            score = 0.75 if outcome is Outcome.PRESENT else None
            mine = verdict(answer, outcome, severity=severity, score=score)
            found.append(Graded(asked, answer, (mine,)))
    return found


def linked() -> list[Graded]:
    return graded(f"{TRACE}/{SPAN}")


def only(outcome: Outcome, lane: Lane, every: list[Graded]) -> Graded:
    (found,) = (
        each for each in every if each.rollout.lane is lane and each.verdicts[0].outcome is outcome
    )
    return found


def saying(text: str) -> list[Graded]:
    """One answer, of which a grader quotes this."""
    first = graded()[0]
    return [first._replace(verdicts=(replace(first.verdicts[0], evidence=text),))]


def written(exporter: Exporter, every: list[Graded], folder: Path) -> Path:
    for name, data in check_exporter(exporter, STUDY, every).items():
        (folder / name).write_bytes(data)
    return folder


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]
