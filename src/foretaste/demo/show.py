"""The whole line, once: play production, replay, forecast, seal; play release, score."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from foretaste.adapters.engines.local import Local
from foretaste.adapters.models.embedded import Embedded
from foretaste.adapters.models.weights import WEIGHTS, install
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.adapters.stores.files import Files
from foretaste.after.validation import validate
from foretaste.demo.production import FIRST_DAY, Deployment, log_lines, play
from foretaste.demo.source import Source, conversations, source
from foretaste.findings import Study
from foretaste.forecasts import Scorecard
from foretaste.pipeline import run
from foretaste.records import JSON, Prefix
from foretaste.runs.watch import Watch
from foretaste.stages.replay import Conditions
from foretaste.stages.sample import sample

TODAY = "You are a helpful assistant."
NEXT = "Answer in one short sentence."
MODEL = "smollm2"
SETTINGS: dict[str, JSON] = {"temperature": 0.7, "max_tokens": 40}
NEXT_SETTINGS: dict[str, JSON] = {"stop": ["\n"]}
LONGEST = 600
"""Characters before the answer: longer conversations are left out, to keep the demo short."""
MOST = 64
"""Conversations before release, and as many after it."""
SECONDS = 32.0
"""How long production is played before release, and again after it."""


class Shown(NamedTuple):
    """What the demo ends with."""

    path: str
    study: Study
    scorecard: Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays, and who is told."""

    folder: Path
    say: Callable[[str], None]
    watch: Watch


def demo(stage: Stage, log: str | None = None) -> Shown:
    """Run the demo, or go on with it; a finished one is only read again.

    Args:
        stage: where to keep everything, and who is told.
        log: the log to take conversations from; real public ones if left out.

    Raises:
        MachineFailed: the model or its weights cannot be had.
        LogError: the log cannot be read.
    """
    say = stage.say
    say(f"model: {WEIGHTS[MODEL].source},")
    say(f"   license: {WEIGHTS[MODEL].license}; runs in this process")
    install(MODEL, say)
    found = source(log, say)
    prefixes = _prefixes(found)
    stage = replace(stage, folder=stage.folder / found.name)  # each source plays its own production
    stage.folder.mkdir(parents=True, exist_ok=True)

    say("")
    say("1. Production. The model behind these conversations is not at hand, so the")
    say(f"   demo plays production first: {MODEL} answers the first days' conversations")
    say(f"   (those with up to {LONGEST} characters before the answer) under today's")
    say(f'   system prompt, "{TODAY}"')
    first = prefixes[: min(MOST, len(prefixes) // 2)]
    later = prefixes[len(first) : 2 * len(first)]
    before = Conditions(system=TODAY, settings=SETTINGS, seed=1)
    today = _release(stage, before, first, "production", FIRST_DAY)

    say("")
    say("2. Foretaste. Replay the incumbent (the same setup, a fresh draw) and a")
    say(f'   candidate (system prompt "{NEXT}", stop at the first line')
    say("   break) on production's prefixes; grade, forecast, seal.")
    plan = stage.folder / "foretaste.yaml"
    plan.write_text(PLAN.format(log=today.name, next=NEXT), "utf-8")
    path, study = run(str(plan), watch=stage.watch)
    say(f"   Sealed as {study.sealed.seal[:12]}, before any of what follows was said.")

    say("")
    say("3. Release. The candidate answers later conversations; the forecast is scored.")
    next_ = Conditions(system=NEXT, settings=SETTINGS | NEXT_SETTINGS, seed=2)
    after = _release(stage, next_, later, "release", FIRST_DAY + timedelta(days=10))
    card = validate(path, str(after), watch=stage.watch)
    return Shown(path, study, card)


PLAN = """\
# Written by `foretaste demo`.
title: demo
log: {{path: {log}}}
sample: {{size: null}}
incumbent: {{use: embedded, model: smollm2}}
candidate: {{use: embedded, model: smollm2, system: "{next}", settings: {{stop: ["\\n"]}}}}
engine: {{use: local, concurrency: 4}}
forecast: {{turns: 100000}}
"""


def _prefixes(found: Source) -> list[Prefix]:
    """Short prefixes, one a conversation, in the order of the log."""
    drawn = sample(conversations(found), unit="conversation", rng=np.random.default_rng(1))
    return [p for p in drawn.prefixes if sum(len(m.content) for m in p.messages) <= LONGEST]


def _release(
    stage: Stage, conditions: Conditions, prefixes: list[Prefix], step: str, first_day: datetime
) -> Path:
    """Play one setup in production, and write its log."""
    deployment = Deployment(
        model=Embedded(model=MODEL),
        name=MODEL,
        conditions=conditions,
        simulator=RecordedTools(),
        engine=Local(concurrency=4),
    )
    target = stage.folder / f"{step}.jsonl"
    with Files(path=str(stage.folder / step)) as store:
        answered = play(
            deployment, prefixes, store, seconds=SECONDS, step=f"play {step}", watch=stage.watch
        )
    target.write_bytes(b"".join(log_lines(answered, deployment, first_day)))
    return target
