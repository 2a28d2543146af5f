"""Plug-ins that a plan names and that read a log: readers, models, and whatever else does."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.toolfile import WithTools, tool_schemas
from foretaste.adapters.scrubbers.key import scrub_key
from foretaste.errors import PlanError, UnknownName
from foretaste.plan import LogPlan, Part, Plan
from foretaste.protocols import Model, Reader, Scrubber
from foretaste.records import Conversation, ScrubbedConversation
from foretaste.registry import Family, build, options, plugins, resolve
from foretaste.stages.ingest import ingest
from foretaste.stages.scrub import scrub
from foretaste.usable import usable

LANE_KEYS = ("system", "settings", "price")
_LOG_KEYS = ("path", "format", "where", "options")


def open_log(path: str, log: LogPlan) -> tuple[str, Reader]:
    """The format and reader of a log; the format is found by content where it is not said."""
    known = {name: resolve("readers", name) for name in plugins("readers")}
    use = log.use or detect(path, known)
    part = log.options | {"use": use, "path": path, "where": log.where}
    reader: Reader = build("readers", part)
    return use, reader


def reader_of(plan: Plan, log: LogPlan) -> Reader:
    """The reader of a plan's log."""
    reader = open_log(plan.resolve(log.path), log)[1]
    if log.tools is None:
        return reader
    return WithTools(reader=reader, tools=tool_schemas(plan.resolve(log.tools)))


def scrubber_of(plan: Plan) -> Scrubber:
    """The plan's scrubber, with this user's key if it takes one."""
    takes_key = "key" in options(resolve("scrubbers", str(plan.scrub.get("use", ""))))
    scrubber: Scrubber = build(
        "scrubbers", plan.scrub, **({"key": scrub_key()} if takes_key else {})
    )
    return scrubber


def model_of(plan: Plan, part: Part, scrubber: Scrubber) -> Model:
    """A model plug-in; one that answers from a log gets that log, scrubbed like production's."""
    model: Model = plug_in(plan, "models", part, scrubber, LANE_KEYS)
    return model


def plug_in(
    plan: Plan,
    family: Family,
    part: Part,
    scrubber: Scrubber,
    beside: tuple[str, ...] = (),
    given: Mapping[str, Any] | None = None,
) -> Any:
    """A plug-in that may read a log; it gets that log, scrubbed like production's.

    Args:
        plan: says where relative paths start.
        family: of the plug-in.
        part: names it, and the log it reads.
        scrubber: the plan's.
        beside: keys of the part that are not the plug-in's own.
        given: fields that the program fills.

    Raises:
        PlanError: a name or an option that is not there, or no `path` where a log is read.
    """
    use = str(part.get("use", ""))
    known, from_log = options(resolve(family, use)).keys(), reads_a_log(family, part)
    beside += _LOG_KEYS if from_log else ()
    for name in part.keys() - known - {"use", *beside}:
        where = f"{family.removesuffix('s')} {use!r}"
        raise UnknownName("option", name, {*known, *beside} - {"conversations"}, where)
    own = {key: value for key, value in part.items() if key not in beside}
    filled = dict(given or {})
    if from_log:
        filled["conversations"] = _scrubbed(plan, own_log(family, part), scrubber)
    return build(family, own, **filled)


def reads_a_log(family: Family, part: Part) -> bool:
    """Whether a plug-in takes its answers from a log."""
    return "conversations" in options(resolve(family, str(part.get("use", ""))))


def own_log(family: Family, part: Part) -> LogPlan:
    """The log that a plug-in takes answers from.

    Raises:
        PlanError: it names none.
    """
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
