"""A candidate that may be released: its log, its answers and its plan, to be weakened."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from foretaste.cli import main
from foretaste.errors import ItemFailed
from foretaste.protocols import Reply, Request
from foretaste.testing import ScriptedModel
from stories.planted import answer, behavior, conversation, says, write_log

RATES = {"alpha": 0.05, "bravo": 0.25, "charlie": 0.05}
LIMITS: dict[str, dict[str, float]] = {
    "alpha": {"per_100k": 10_000},
    "bravo": {"increase": 1.6},
    "charlie": {"per_100k": 10_000},  # decided by a judge
    "cut-off": {"per_100k": 3_000},
}
USERS = 200
HEAVY = 20  # users with four turns; the others have one or two

SAYS_CHARLIE = '"answer": \\[\\{"role": "assistant", "content": "charlie!"'
SEEN = '{"present": true, "evidence": "charlie!", "reason": "It says so."}'
UNSEEN = '{"present": false, "evidence": "", "reason": "It does not."}'
JUDGE: dict[str, Any] = {
    "use": "scripted",
    "name": "judge",
    "replies": [{"when": SAYS_CHARLIE, "say": SEEN}],
    "default": UNSEEN,
}

_THINGS = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "haven", "inlet", "jetty"]
_SUBJECTS = [" and ".join(pair) for pair in product(_THINGS, repeat=2)]


@dataclass(slots=True)
class Turn:
    """A turn of the log, and what the candidate answers there; None: nothing."""

    user: str
    number: int  # in its conversation, from 0
    tier: str
    before: list[dict[str, str]]
    recorded: str
    said: str | None
    finish: str = "stop"

    @property
    def asked(self) -> str:
        return self.before[-1]["content"]


@dataclass(slots=True)
class Release:
    """Everything that a decision on a candidate is made of, before anything is run."""

    log: list[dict[str, Any]]
    turns: list[Turn]
    plan: dict[str, Any] = field(default_factory=dict)  # what the plan has in place of the usual
    judge: dict[str, Any] = field(default_factory=lambda: dict(JUDGE))
    limits: dict[str, dict[str, float]] = field(default_factory=lambda: dict(LIMITS))
    spoil: Callable[[bytes], bytes] = bytes  # the log's file as it was written -> as it is read

    def limit(self, *names: str) -> None:
        """Look at these behaviors alone, and ask nobody who is not needed for them."""
        self.limits = {name: LIMITS[name] for name in names}
        if "bravo" not in names:
            self.plan["incumbent"] = None
        if "charlie" not in names:
            self.plan["judge"] = None

    def redraw(
        self, rates: Mapping[str, float], among: Iterable[Turn] | None = None, seed: int = 11
    ) -> None:
        """Let the candidate answer at other rates, everywhere or at some turns."""
        rng = random.Random(seed)
        for turn in self.turns if among is None else among:
            turn.said = answer(rates, rng)


def healthy() -> Release:
    """A log of an old model, and a candidate that shows every behavior as often as that one."""
    rng = random.Random(1)
    log: list[dict[str, Any]] = []
    turns: list[Turn] = []
    for number in range(USERS):
        count = 4 if number < HEAVY else 1 + number % 2
        subject = _SUBJECTS[number % len(_SUBJECTS)]
        words = "plainly" if number < len(_SUBJECTS) else "briefly"
        asked = [f"Speak {words} of {subject}, part {'abcd'[turn]}" for turn in range(count)]
        told = [answer(RATES, rng) for _ in asked]
        tier = "paid" if number % 4 == 0 else "free"
        talk = conversation(
            asked, told, id=f"c{number}", user=f"u{number}", metadata={"tier": tier}
        )
        log.append(talk)
        for turn in range(count):
            before = talk["messages"][: 2 * turn + 1]
            turns.append(Turn(f"u{number}", turn, tier, before, told[turn], "Fine."))
    release = Release(log, turns)
    release.redraw(RATES)
    return release


def prepared(folder: Path, release: Release) -> str:
    """The plan's file, beside the log and the candidate's answers."""
    log = Path(write_log(folder / "log.jsonl", release.log))
    log.write_bytes(release.spoil(log.read_bytes()))
    write_log(folder / "answers.jsonl", list(_answers(release.turns)))
    behaviors = [behavior(folder, word) for word in ("alpha", "bravo")]
    behaviors += [behavior(folder, "charlie", "{use: rubric}"), {"name": "cut-off"}]
    for each in behaviors:
        each["definition"] = Path(each["definition"]).name if "definition" in each else None
    plan: dict[str, Any] = {
        "log": {"path": "log.jsonl", "use": "openai-chat"},
        "store": {"use": "files", "path": "run"},
        "sample": {"size": None},
        "forecast": {"turns": 1_000},
        "incumbent": says(RATES, "old"),
        "candidate": {"use": "recorded", "path": "answers.jsonl"},
        "judge": release.judge,
        "behaviors": [
            each | {"limit": release.limits[each["name"]]}
            for each in behaviors
            if each["name"] in release.limits
        ],
    }
    path = folder / "plan.yaml"
    path.write_text(json.dumps(plan | release.plan))  # JSON is YAML
    return str(path)


def _answers(turns: Iterable[Turn]) -> Iterator[dict[str, Any]]:
    for turn in turns:
        if turn.said is not None:
            said = {"role": "assistant", "content": turn.said}
            choice = {"message": said, "finish_reason": turn.finish}
            yield {"request": {"messages": turn.before}, "response": {"choices": [choice]}}


def decided(folder: Path, release: Release) -> int:
    """The exit code with which `foretaste run` answers."""
    return main(["run", prepared(folder, release), "--json"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Raising:
    """A judge that breaks down where a message holds a text."""

    at: str
    fatal: bool = False

    async def __call__(self, request: Request) -> Reply:
        if self.at in request.messages[-1].content:
            raise RuntimeError("a bug") if self.fatal else ItemFailed("no answer")
        given = {key: value for key, value in JUDGE.items() if key != "use"}
        return await ScriptedModel(**given)(request)
