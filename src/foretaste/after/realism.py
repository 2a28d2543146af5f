"""How real a run's simulated turns look: to a discriminator trained on them, and to a judge."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from foretaste.adapters.discriminators.judged import JudgedBy
from foretaste.adapters.discriminators.trained import Trained
from foretaste.after.ablation import ablate
from foretaste.after.release import open_study, plan_of
from foretaste.contrasts import (
    Contrast,
    Control,
    Discriminated,
    Judged,
    Realism,
    Setting,
    Taken,
)
from foretaste.errors import PlanError
from foretaste.plan import Plan
from foretaste.planfile import named_judge
from foretaste.protocols import Engine
from foretaste.records import Failure, Lane, Prefix, Rollout, Usage
from foretaste.registry import build
from foretaste.runs.assembly import assemble
from foretaste.runs.presentation import keep_realism, write_report
from foretaste.runs.pricing import Price
from foretaste.runs.sources import model_of, scrubber_of
from foretaste.runs.spending import Spending, hold_to_budget, judging
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.contrast import Paired, paired, single_calls
from foretaste.stages.control import shuffled, trials
from foretaste.stages.preview import tokens
from foretaste.stages.realism import (
    MARGIN,
    Discriminator,
    Read,
    by_layer,
    by_tool,
    judge_pairs,
    win_rate,
)

_JUDGED_CONTROL = 100  # shuffled pairs that a judge is shown
_STYLE = (
    "the candidate's lane: where the candidate acts otherwise than production's model, that counts "
    "as unrealism; the incumbent's lane has no such part"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared, and how.

    Args:
        lane: the replayed lane that is set against the recorded one.
        group: tag that names the task; turns of a task are never on both sides of a training. None:
            the user, or the conversation where the log has no users.
        judge: a model like `openai/gpt-x`, or `plan` for the plan's; None: no judge, no cost.
        margin: equivalence is a win rate within 0.5 +/- this.
        pairs: at most so many, by a seeded draw; None: all.
        trials: control with recorded turns of the same group against one another.
        ablate: answer the recorded calls again, without each layer and with each alone.
    """

    lane: Lane = Lane.INCUMBENT
    group: str | None = None
    judge: str | None = None
    margin: float = MARGIN
    pairs: int | None = None
    trials: bool = False
    ablate: bool = False


def realism(
    path: str, wanted: Wanted | None = None, *, watch: Watch = quiet, announce: Announce = silent
) -> Realism:
    """Tell a finished run's simulated turns from its recorded ones; kept in `realism.json`.

    Raises:
        PlanError: the run lacks the lane, or has no pair with tool calls; an option is wrong, or
            scikit-learn is missing.
        SealBroken: the run is not what was sealed.
        MachineFailed: no judge answers, or the budget is spent.
    """
    wanted = wanted or Wanted()
    if not 0 < wanted.margin < 0.5:
        raise PlanError(f"the margin lies between 0 and 0.5, not {wanted.margin}")
    if wanted.lane is Lane.RECORDED:
        raise PlanError("the recorded lane is the real one: name a replayed lane")
    study = open_study(path)
    plan = plan_of(path, study)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        prefixes = list(store.read(Prefix))
        found = _paired(prefixes, store.read(Rollout), wanted, plan.seed)
    trained = Trained(seed=plan.seed)
    warnings = [_STYLE] if wanted.lane is Lane.CANDIDATE else []
    read = [_discriminated("trained", found.contrasts, trained, wanted, plan.seed, warnings)]
    if wanted.judge is not None:
        read.append(_judged(plan, found.contrasts, wanted, watch, announce))
    whole = Realism(
        seal=study.sealed.seal,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        lane=wanted.lane,
        group=wanted.group or "user",
        margin=wanted.margin,
        pairs=len(found.contrasts),
        without_calls=found.without_calls,
        missing=found.missing,
        missed=found.missed,
        discriminators=tuple(read),
        ablation=_ablation(plan, prefixes, trained, wanted, watch),
        warnings=tuple(warnings),
    )
    with build("stores", {"use": "files", "path": path}) as store:
        keep_realism(store, whole)
        write_report(store, study)
    return whole


def _paired(
    prefixes: Sequence[Prefix], rollouts: Iterable[Rollout], wanted: Wanted, seed: int
) -> Paired:
    own = list(rollouts)
    if not any(each.lane is wanted.lane for each in own):
        more = (
            "give the plan an `incumbent`, the model that production runs, and run it; "
            "--lane candidate would do, but then the candidate's style counts as unrealism"
            if wanted.lane is Lane.INCUMBENT
            else "run its plan again"
        )
        raise PlanError(f"the run has no {wanted.lane} lane to set against the record: {more}")
    if wanted.group and not any(wanted.group in each.tags for each in prefixes):
        raise PlanError(f"no turn of the run has the tag {wanted.group!r}")
    found = paired(prefixes, own, lane=wanted.lane, group=wanted.group)
    if not found.contrasts:
        raise PlanError(
            f"nothing to compare: of {len(prefixes):,} turns {found.without_calls:,} call no tool "
            f"in one of the two lanes, {found.missing:,} lack one of them"
        )
    if wanted.pairs is None or len(found.contrasts) <= wanted.pairs:
        return found
    drawn = np.random.default_rng(seed).permutation(len(found.contrasts))[: wanted.pairs]
    return found._replace(contrasts=[found.contrasts[k] for k in sorted(drawn)])


def _discriminated(
    name: str,
    contrasts: Sequence[Contrast],
    tell: Discriminator,
    wanted: Wanted,
    seed: int,
    warnings: list[str],
) -> Discriminated:
    def read(pairs: Sequence[Contrast]) -> Read:
        return Read(contrasts=pairs, taken=tell(pairs), margin=wanted.margin)

    turns, calls = read(contrasts), read(list(single_calls(contrasts)))
    rng = np.random.default_rng(seed)
    controls = [Control(name="shuffled", win=win_rate(read(list(shuffled(contrasts, rng=rng)))))]
    if wanted.trials:
        again = list(trials(contrasts, rng=rng))
        controls.append(Control(name="trials", win=win_rate(read(again))))
        if not again:
            warnings.append("no two conversations share a group, so there are no trials to compare")
    return Discriminated(
        discriminator=name,
        win=win_rate(turns),
        layers=by_layer(turns, calls),
        tools=by_tool(calls),
        controls=tuple(controls),
    )


class _Asked(NamedTuple):
    """A judge, and what it may cost."""

    judge: JudgedBy
    engine: Engine
    price: Price | None
    spending: Spending


def _judged(
    plan: Plan, contrasts: Sequence[Contrast], wanted: Wanted, watch: Watch, announce: Announce
) -> Discriminated:
    """The judge's finding; trials follow no common prefix, so it gets the shuffled control only."""
    part = named_judge(plan, str(wanted.judge))
    parts = assemble(replace(plan, judge=part), reader=lambda: iter(()))
    model = model_of(plan, part, scrubber_of(plan))
    rng = np.random.default_rng(plan.seed)
    control = list(shuffled(contrasts, rng=rng))
    control = [control[k] for k in rng.permutation(len(control))[:_JUDGED_CONTROL]]
    judge = (parts.judge_name, parts.judge_price)
    quoted = (judging(judge, _shown((*contrasts, *control))),)
    hold_to_budget(plan, quoted)
    announce(quoted)
    asked = _Asked(
        JudgedBy(model=model, name=parts.judge_name),
        parts.engine,
        parts.judge_price,
        Spending(plan),
    )
    turns = Read(
        contrasts=contrasts, taken=_looks(asked, contrasts, watch, "judge"), margin=wanted.margin
    )
    known = Read(
        contrasts=control, taken=_looks(asked, control, watch, "control"), margin=wanted.margin
    )
    return Discriminated(
        discriminator=parts.judge_name,
        win=win_rate(turns),
        layers=by_layer(turns, None),
        controls=(Control(name="shuffled", win=win_rate(known)),),
    )


def _looks(asked: _Asked, contrasts: Sequence[Contrast], watch: Watch, step: str) -> list[Taken]:
    said: dict[str, Taken] = {}
    found = judge_pairs(
        contrasts, judge=asked.judge, engine=asked.engine, using=(asked.judge.model,)
    )
    for number, each in enumerate(found, start=1):
        watch(step, number, len(contrasts))
        if isinstance(each, Judged):
            said[each.id] = each.taken
            if each.usage != Usage():
                asked.spending.add(each.usage, asked.price, calls=2)
        elif isinstance(each, Failure):
            said[each.item] = Taken(None, None, each.reason)
    return [said[each.id] for each in contrasts]


def _shown(contrasts: Iterable[Contrast]) -> Iterator[int]:
    """Tokens of each call: two a pair, each with the prefix and both turns."""
    for each in contrasts:
        if not each.same:
            both = (*each.real.before, *each.real.messages, *each.simulated.messages)
            yield from (tokens(both),) * 2


def _ablation(
    plan: Plan, prefixes: Sequence[Prefix], tell: Discriminator, wanted: Wanted, watch: Watch
) -> tuple[Setting, ...]:
    if not wanted.ablate:
        return ()
    return tuple(
        ablate(plan, prefixes, tell=tell, group=wanted.group, margin=wanted.margin, watch=watch)
    )
