"""Real turns through a model without a plan: one history, or the last turns of a log."""

import asyncio
from collections.abc import Mapping
from typing import Any

from foretaste.adapters.readers.files.fingerprint import fingerprint
from foretaste.errand import Errand
from foretaste.pairs import Comparison, SideBySide
from foretaste.personal.diff import NO_BASELINE, diff
from foretaste.plan import LogPlan, Part
from foretaste.records import Rollout, identity
from foretaste.rehearsal import Replayed, areplay
from foretaste.stages.preview import Cost
from foretaste.toolserver import asking
from foretaste.toolserver.reading import said
from foretaste.toolserver.shapes import DiffTold, FlagTold, PairTold, ReplayTold
from foretaste.toolserver.telling import Told
from foretaste.toolserver.work import Call

_GLANCE_S = 0.1  # between two looks whether the call was called off
_CHARACTERS = 6_000
_CHAT = "chat"
_BEFORE = 6  # messages before the turn


def replay_history(asked: asking.Replay, call: Call) -> Told:
    """One turn of one history, written again."""
    history: object = asked.history
    if isinstance(history, str):
        history = call.vetting.log(LogPlan(path=history), None, "history")
    model = _model(asked.model, call, "model")
    with call.spending(asked.max_usd, asked.max_calls):
        found = asyncio.run(_rehearse(history, model, asked, Errand(off=call.off)))
    last = found.rollout
    return Told(
        "The model wrote the turn again; the recorded one stands beside it."
        if found.recorded
        else "The model wrote the next turn.",
        ReplayTold(
            before=said(found.prefix.messages[-_BEFORE:], _CHARACTERS),
            recorded=_turn(found.recorded),
            new=said(last.messages, _CHARACTERS),
            model=last.answered_model or last.asked_model,
            stop=last.stop.value,
            gaps=tuple(gap.value for gap in found.gaps),
            replaced=found.replaced,
        ),
    )


def diff_models(asked: asking.Diff, call: Call) -> Told:
    """A log's last turns, answered again."""
    spec = LogPlan(path=asked.log, use=asked.format)
    log = call.vetting.log(spec, None, "log")
    model = _model(asked.model, call, "model")
    old: str | Part | None = asked.baseline
    if old not in (None, NO_BASELINE):
        old = _model(asked.baseline or "", call, "baseline")
    name = identity("diff", log, fingerprint(log), model, old, asked.count)[:8]
    path = call.visit.admit(f"runs/diff-{name}", base=call.fence.roots[0], what="runs")

    def announce(quoted: tuple[Cost, ...]) -> None:
        call.hold(quoted, asked.max_usd, asked.max_calls)

    with call.spending(asked.max_usd, asked.max_calls):
        found = diff(
            log,
            model=model,
            baseline=old,
            count=asked.count,
            path=path,
            use=asked.format,
            watch=call.watch,
            announce=announce,
        )
    return Told(_summary(found), _told(found, asked.characters))


async def _rehearse(history: object, model: Part, asked: asking.Replay, errand: Errand) -> Replayed:
    work = asyncio.create_task(
        areplay(
            history,
            model=model,
            turn=asked.turn,
            system=asked.system,
            seed=asked.seed,
            use=None if isinstance(history, str) else _CHAT,
        )
    )
    while not work.done():
        await asyncio.wait({work}, timeout=_GLANCE_S)
        errand.check()  # leaving this loop cancels the work
    return work.result()


def _model(part: str | Mapping[str, Any], call: Call, what: str) -> Part:
    own = call.vetting.model(part if isinstance(part, str) else dict(part), None, what)
    if "path" in own:
        own["path"] = call.visit.admit(str(own["path"]), what=what)
    return own


def _turn(rollout: Rollout | None, characters: int = _CHARACTERS) -> tuple[str, ...] | None:
    return said(rollout.messages, characters) if rollout is not None else None


def _summary(found: Comparison) -> str:
    text = f"{len(found.pairs):,} turns beside each other; these numbers describe them alone. "
    if found.noise is None:
        return text + "The old model was not replayed, so what is noise is not known."
    if found.noise.larger is None:
        return text + "Not enough evidence that the difference is more than the old model's noise."
    than = "larger" if found.noise.larger else "no larger"
    return text + f"The difference is {than} than the old model's from itself."


def _told(found: Comparison, characters: int) -> DiffTold:
    return DiffTold(
        old=found.old,
        new=found.new,
        pairs=tuple(_pair(each, characters) for each in found.pairs),
        common=found.common,
        noise=found.noise,
        failures=len(found.failures),
        path=found.path,
        notes=found.notes,
    )


def _pair(pair: SideBySide, characters: int) -> PairTold:
    return PairTold(
        source=pair.source,
        flags=tuple(
            FlagTold(kind=each.kind, says=each.says, quote=each.quote, noise=each.noise)
            for each in pair.flags
        ),
        distance=pair.distance,
        own=pair.own,
        asked=said(pair.prefix.messages[-1:], characters),
        recorded=_turn(pair.recorded, characters) or (),
        again=_turn(pair.again, characters),
        new=_turn(pair.new, characters),
    )
