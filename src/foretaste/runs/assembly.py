"""Wire once: the parts that a plan names, built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from foretaste.adapters.readers.files.fingerprint import fingerprint
from foretaste.errors import PlanError
from foretaste.plan import Part, Plan
from foretaste.protocols import Engine, Model, Reader, Scrubber, Simulator
from foretaste.records import Behavior, Lane, identity
from foretaste.registry import build
from foretaste.runs.panel import Panel, panel
from foretaste.runs.pricing import Price, Priced, dearest, name_of, price_of
from foretaste.runs.sources import model_of, own_log, reader_of, reads_a_log, scrubber_of
from foretaste.runs.tooling import simulator_of, states, tool_model
from foretaste.stages.replay import Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneParts:
    """A model, and what its lane changes of production's conditions."""

    model: Model
    conditions: Conditions
    price: Price | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a run is made of."""

    reader: Reader
    scrubber: Scrubber
    simulator: Simulator
    engine: Engine
    lanes: Mapping[Lane, LaneParts]
    panel: Panel
    log_fingerprint: str  # of the log's content, so that a changed log is a changed run
    judge_name: str
    judge_price: Price | None  # of several judges the dearest, for input and for output
    tool_model: Priced | None = None  # that answers tool calls, where one does


def assemble(plan: Plan, *, known: Iterable[Behavior] = (), reader: Reader | None = None) -> Parts:
    """Build what the plan names; `known` definitions of behaviors are taken, not loaded.

    With a `reader` of the caller's the plan's log is not looked at, and need not be there.

    Raises:
        PlanError: a name, option or behavior that does not exist, with the nearest that does.
    """
    scrubber = scrubber_of(plan)
    return Parts(
        reader=reader or reader_of(plan, plan.log),
        scrubber=scrubber,
        simulator=simulator_of(plan, plan.tools, scrubber),
        engine=build("engines", plan.engine),
        lanes={
            lane: _lane(plan, lane, part, scrubber)
            for lane, part in ((Lane.INCUMBENT, plan.incumbent), (Lane.CANDIDATE, plan.candidate))
            if part is not None
        },
        panel=panel(plan, [model_of(plan, judge, scrubber) for judge in plan.judges], known),
        log_fingerprint="" if reader else fingerprint(plan.resolve(plan.log.path)),
        judge_name=" + ".join(map(name_of, plan.judges)),
        judge_price=dearest(map(price_of, plan.judges)),
        tool_model=tool_model(plan.tools),
    )


def fingerprint_of_all(plan: Plan, parts: Parts) -> str:
    """State of all that a run reads.

    That is the log, those that models and tools read, newer traffic, and the tools' own state.

    Raises:
        LogError: one of these is not there.
    """
    lanes = [part for part in (plan.incumbent, plan.candidate, *plan.judges) if part is not None]
    more = [own_log("models", part).path for part in lanes if reads_a_log("models", part)]
    if plan.forecast.traffic is not None and plan.forecast.traffic.path is not None:
        more.append(plan.forecast.traffic.path)
    if plan.log.tools is not None:
        more.append(plan.log.tools)
    found = [fingerprint(plan.resolve(path)) for path in more] + states(plan)
    return identity(parts.log_fingerprint, found) if found else parts.log_fingerprint


def _lane(plan: Plan, lane: Lane, part: Part, scrubber: Scrubber) -> LaneParts:
    given = {key: part[key] for key in ("system", "settings") if part.get(key) is not None}
    try:
        limits = msgspec.to_builtins(plan.turn)
        conditions = msgspec.convert(given | {"seed": plan.seed, "limits": limits}, Conditions)
    except msgspec.ValidationError as error:
        raise PlanError(f"{lane}: {error}") from error
    model = model_of(plan, part, scrubber)
    return LaneParts(model=model, conditions=conditions, price=price_of(part), name=name_of(part))
