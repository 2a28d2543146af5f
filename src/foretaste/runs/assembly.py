"""Wire once: the parts that a plan names, built."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.fingerprint import fingerprint
from foretaste.adapters.scrubbers.key import scrub_key
from foretaste.errors import PlanError, UnknownName
from foretaste.plan import LogPlan, Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Engine, Model, Reader, Scrubber, Simulator
from foretaste.records import (
    Behavior,
    Conversation,
    Lane,
    ScrubbedConversation,
    identity,
    usable,
)
from foretaste.registry import Family, build, options, plugins, resolve
from foretaste.runs.panel import Panel, panel
from foretaste.runs.pricing import Price, Priced, name_of, price_of
from foretaste.stages.ingest import ingest
from foretaste.stages.replay import Conditions
from foretaste.stages.scrub import scrub

_LANE_KEYS = ("system", "settings", "price")
_LOG_KEYS = ("path", "format", "where")
_TOOLS_PATHS = frozenset({"state"})


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
    judge_price: Price | None
    tool_model: Priced | None = None  # that answers tool calls, where one does


def assemble(plan: Plan, *, known: Iterable[Behavior] = (), reader: Reader | None = None) -> Parts:
    """Build what the plan names; `known` definitions of behaviors are taken, not loaded.

    With a `reader` of the caller's the plan's log is not looked at, and need not be there.

    Raises:
        PlanError: a name, option or behavior that does not exist, with the nearest that does.
    """
    scrubber = scrubber_of(plan)
    judge = plan.judge
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
        panel=panel(plan, model_of(plan, judge, scrubber) if judge else None, known),
        log_fingerprint="" if reader else fingerprint(plan.resolve(plan.log.path)),
        judge_name=name_of(judge) if judge else "",
        judge_price=price_of(judge) if judge else None,
        tool_model=_tool_model(plan.tools),
    )


def fingerprint_of_all(plan: Plan, parts: Parts) -> str:
    """State of all that a run reads.

    That is the log, those that models and tools read, newer traffic, and the tools' own state.

    Raises:
        LogError: one of these is not there.
    """
    lanes = [part for part in (plan.incumbent, plan.candidate, plan.judge) if part is not None]
    named: list[tuple[Family, Part]] = [("models", part) for part in lanes]
    tools = list(_nested(plan.tools))
    named += tools
    more = [_own_log(*each).path for each in named if _reads_a_log(*each)]
    if plan.forecast.traffic is not None and plan.forecast.traffic.path is not None:
        more.append(plan.forecast.traffic.path)
    more += [
        str(part[key])
        for family, part in tools
        if family == "simulators"
        for key in part.keys() & _TOOLS_PATHS
    ]
    if not more:
        return parts.log_fingerprint
    return identity(parts.log_fingerprint, [fingerprint(plan.resolve(path)) for path in more])


def _reads_a_log(family: Family, part: Part) -> bool:
    """Whether a plug-in takes its answers from a log."""
    return "conversations" in options(resolve(family, str(part.get("use", ""))))


def open_log(path: str, log: LogPlan) -> tuple[str, Reader]:
    """The format and reader of a log; the format is found by content where it is not said."""
    known = {name: resolve("readers", name) for name in plugins("readers")}
    use = log.use or detect(path, known)
    reader: Reader = build("readers", {"use": use, "path": path, "where": log.where})
    return use, reader


def reader_of(plan: Plan, log: LogPlan) -> Reader:
    """The reader of a plan's log."""
    return open_log(plan.resolve(log.path), log)[1]


def scrubber_of(plan: Plan) -> Scrubber:
    """The plan's scrubber, with this user's key if it takes one."""
    takes_key = "key" in options(resolve("scrubbers", str(plan.scrub.get("use", ""))))
    scrubber: Scrubber = build(
        "scrubbers", plan.scrub, **({"key": scrub_key()} if takes_key else {})
    )
    return scrubber


def _lane(plan: Plan, lane: Lane, part: Part, scrubber: Scrubber) -> LaneParts:
    given = {key: part[key] for key in ("system", "settings") if part.get(key) is not None}
    try:
        limits = msgspec.to_builtins(plan.turn)
        conditions = msgspec.convert(given | {"seed": plan.seed, "limits": limits}, Conditions)
    except msgspec.ValidationError as error:
        raise PlanError(f"{lane}: {error}") from error
    model = model_of(plan, part, scrubber)
    return LaneParts(model=model, conditions=conditions, price=price_of(part), name=name_of(part))


def model_of(plan: Plan, part: Part, scrubber: Scrubber) -> Model:
    """A model plug-in; one that answers from a log gets that log, scrubbed like production's."""
    model: Model = _with_log(plan, "models", part, scrubber, _LANE_KEYS)
    return model


def simulator_of(plan: Plan, part: Part, scrubber: Scrubber) -> Simulator:
    """A simulator plug-in; one that answers from a log gets that log, scrubbed likewise.

    One that has a `model`, or `examples` from another simulator, gets those, built.
    """
    given: dict[str, Any] = {}
    for family, name, inner in _parts_of(part):
        make = model_of if family == "models" else simulator_of
        given[name] = make(plan, inner, scrubber)
    seen = {
        key: plan.resolve(value) if key in _TOOLS_PATHS and isinstance(value, str) else value
        for key, value in part.items()
        if key not in given
    }
    simulator: Simulator = _with_log(plan, "simulators", seen, scrubber, given=given)
    return simulator


def _parts_of(part: Part) -> Iterator[tuple[Family, str, Part]]:
    """The parts that a simulator is made of: family, option, part."""
    own = options(resolve("simulators", str(part.get("use", ""))))
    where = f"simulator {part.get('use')!r}"
    if "model" in own and "model" in part:
        inner = model_part(part["model"], f"model of {where}")
        for name in inner.keys() & {"system", "settings"}:
            raise PlanError(f"{where}: {name!r} is no key of its model; `settings` stand beside it")
        yield "models", "model", inner
    if "examples" in own and part.get("examples") is not None:
        written = part["examples"]
        if not isinstance(written, dict):
            raise PlanError(f"{where}: say `examples: {{use: database, path: ...}}`")
        yield "simulators", "examples", written


def _nested(part: Part) -> Iterator[tuple[Family, Part]]:
    """A simulator's part, and those that it is made of."""
    yield "simulators", part
    for family, _, inner in _parts_of(part):
        if family == "simulators":
            yield from _nested(inner)
        else:
            yield family, inner


def _tool_model(tools: Part) -> Priced | None:
    """The model that answers tool calls; their tokens are counted together, so there is one."""
    asked = [Priced(name_of(p), price_of(p)) for family, p in _nested(tools) if family == "models"]
    if len(set(asked)) > 1:
        raise PlanError("tools: two models of different names or prices; take one")
    return asked[0] if asked else None


def _with_log(
    plan: Plan,
    family: Family,
    part: Part,
    scrubber: Scrubber,
    beside: tuple[str, ...] = (),
    given: Mapping[str, Any] | None = None,
) -> Any:
    """A plug-in; keys in `beside` are not its own, and `given` fields not the plan's."""
    use = str(part.get("use", ""))
    known, from_log = options(resolve(family, use)).keys(), _reads_a_log(family, part)
    beside += _LOG_KEYS if from_log else ()
    for name in part.keys() - known - {"use", *beside}:
        where = f"{family.removesuffix('s')} {use!r}"
        raise UnknownName("option", name, {*known, *beside} - {"conversations"}, where)
    own = {key: value for key, value in part.items() if key not in beside}
    filled = dict(given or {})
    if from_log:
        filled["conversations"] = _scrubbed(plan, _own_log(family, part), scrubber)
    return build(family, own, **filled)


def _own_log(family: Family, part: Part) -> LogPlan:
    """The log that a plug-in takes answers from."""
    where = f"{family.removesuffix('s')} {part['use']!r}"
    if "path" not in part:
        raise PlanError(f"{where} needs a `path`: the file of answers")
    spec = {key: part[key] for key in _LOG_KEYS if key in part}
    try:
        return msgspec.convert({"use": spec.pop("format", None), **spec}, LogPlan)
    except msgspec.ValidationError as error:
        raise PlanError(f"{where}: {error}") from error


def _scrubbed(
    plan: Plan, log: LogPlan, scrubber: Scrubber
) -> Callable[[], Iterable[ScrubbedConversation]]:
    def read() -> Iterable[ScrubbedConversation]:
        raw = usable(ingest(reader_of(plan, log)), Conversation)
        return usable(scrub(raw, scrubber=scrubber), ScrubbedConversation)

    return read
