"""Wire once: the parts that a plan names, built."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from foretaste.adapters.prices import list_price
from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.fingerprint import fingerprint
from foretaste.adapters.scrubbers.key import scrub_key
from foretaste.errors import PlanError, UnknownName
from foretaste.plan import LogPlan, Part, Plan
from foretaste.protocols import Engine, Model, Reader, Scrubber, Simulator
from foretaste.records import (
    Behavior,
    Conversation,
    Lane,
    ScrubbedConversation,
    Usage,
    identity,
    usable,
)
from foretaste.registry import Family, build, options, plugins, resolve
from foretaste.runs.panel import Panel, panel
from foretaste.stages.ingest import ingest
from foretaste.stages.replay import Conditions
from foretaste.stages.scrub import scrub

FREE = frozenset({"embedded", "recorded", "scripted"})
OPENAI_URL = "https://api.openai.com/v1"
_LANE_KEYS = ("system", "settings", "price")
_LOG_KEYS = ("path", "format", "where")
_TOOLS_PATHS = frozenset({"state"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> float:
        """Cost of these tokens in US dollars."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


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
        judge_name=_name(judge) if judge else "",
        judge_price=_price(judge) if judge else None,
    )


def fingerprint_of_all(plan: Plan, parts: Parts) -> str:
    """State of all that a run reads.

    That is the log, those that models and tools read, newer traffic, and the tools' own state.

    Raises:
        LogError: one of these is not there.
    """
    lanes = [part for part in (plan.incumbent, plan.candidate, plan.judge) if part is not None]
    named: list[tuple[Family, Part]] = [("models", part) for part in lanes]
    tools = list(_with_nested(plan.tools))
    named += [("simulators", part) for part in tools]
    more = [_own_log(*each).path for each in named if _reads_a_log(*each)]
    if plan.forecast.traffic is not None and plan.forecast.traffic.path is not None:
        more.append(plan.forecast.traffic.path)
    more += [str(part[key]) for part in tools for key in part.keys() & _TOOLS_PATHS]
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
    return LaneParts(model=model, conditions=conditions, price=_price(part), name=_name(part))


def _name(part: Part) -> str:
    return f"{part['use']}/{part['model']}" if part.get("model") else str(part["use"])


def model_of(plan: Plan, part: Part, scrubber: Scrubber) -> Model:
    """A model plug-in; one that answers from a log gets that log, scrubbed like production's."""
    model: Model = _with_log(plan, "models", part, scrubber, _LANE_KEYS)
    return model


def simulator_of(plan: Plan, part: Part, scrubber: Scrubber) -> Simulator:
    """A simulator plug-in; one that answers from a log gets that log, scrubbed likewise.

    One that is made of others (`layers`) gets those, built.
    """
    seen = {
        key: plan.resolve(value) if key in _TOOLS_PATHS and isinstance(value, str) else value
        for key, value in part.items()
    }
    given = {}
    if _is_layered(part):
        given["layers"] = {
            name: simulator_of(plan, layer, scrubber) for name, layer in layers_of(part).items()
        }
        del seen["layers"]
    simulator: Simulator = _with_log(plan, "simulators", seen, scrubber, given=given)
    return simulator


def layers_of(part: Part) -> dict[str, Part]:
    """The layers that a simulator's part names, by name: that of `name`, or of `use`.

    Raises:
        PlanError: they are no list, one is no layer, or two have the same name.
    """
    written = part.get("layers")
    if not isinstance(written, list | tuple):
        raise PlanError("tools: `layers` is a list, like [recorded, {use: database, path: ...}]")
    found: dict[str, Part] = {}
    for each in written:
        layer = {"use": each} if isinstance(each, str) else each
        if not isinstance(layer, dict) or not isinstance(layer.get("use"), str):
            raise PlanError(f"tools: {each!r} is no layer; name one, or say `use:`")
        name = str(layer.get("name", layer["use"]))
        if name in found:
            raise PlanError(f"tools: two layers are called {name!r}; give one another `name:`")
        found[name] = {key: value for key, value in layer.items() if key != "name"}
    return found


def _is_layered(part: Part) -> bool:
    return "layers" in part and "layers" in options(resolve("simulators", str(part.get("use", ""))))


def _with_nested(part: Part) -> Iterator[Part]:
    """A simulator's part, and those of its layers."""
    yield part
    if _is_layered(part):
        for layer in layers_of(part).values():
            yield from _with_nested(layer)


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


def _price(part: Part) -> Price | None:
    """The price that the plan states, or the list price; models without a bill cost nothing."""
    if part.get("price") is None:
        if part["use"] in FREE:
            return Price(input=0.0, output=0.0)
        found = list_price(str(part.get("model")), str(part.get("base_url", OPENAI_URL)))
        return Price(input=found[0], output=found[1]) if found else None
    if isinstance(part["price"], dict):
        for name in part["price"].keys() - {"input", "output"}:
            raise UnknownName("key", str(name), ("input", "output"), "price")
    try:
        return msgspec.convert(part["price"], Price)
    except msgspec.ValidationError as error:
        raise PlanError(f"price: {error}; say price: {{input: 1.0, output: 3.0}}") from error
