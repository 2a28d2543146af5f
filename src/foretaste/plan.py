"""The plan: the one file that decides every number of a run."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

from foretaste.errors import PlanError, UnknownName
from foretaste.ledger import NAME as LEDGER
from foretaste.methods import DEFAULT, Method
from foretaste.records import JSON, identity

_FREE = ("store", "engine", "budget", "title")  # keys that decide no number


class _Loader(yaml.SafeLoader):
    """YAML in which a date stays the text that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

Part = dict[str, Any]
"""A plug-in by name (`use`) with its options."""

Count = Annotated[int, msgspec.Meta(ge=1)]
Amount = Annotated[float, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """Where production's conversations are."""

    path: str  # file, folder, glob or - for standard input; relative to the plan's folder
    use: str | None = None  # format; found by content where left out
    where: dict[str, str | int | bool] = field(default_factory=dict)  # keep records with these tags


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """Which time counts: from `since`, to before `until`; ISO 8601, UTC where no zone is given."""

    since: str | None = None
    until: str | None = None

    def moments(self) -> tuple[datetime | None, datetime | None]:
        """Both ends as moments in time.

        Raises:
            PlanError: one is no date or time.
        """
        return _moment(self.since), _moment(self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """What is drawn from the log."""

    unit: Literal["turn", "conversation", "final"] = "turn"
    size: Count | None = 1000  # null: all
    strata: tuple[str, ...] = ()  # tags in whose proportion is drawn
    per_user: Count | None = None  # at most so many of one user


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPlan:
    """What is forecast."""

    turns: Count = 1_000_000  # production turns after release
    method: Method = DEFAULT  # the one that validation scores
    ledger: str | None = ""  # scored forecasts to learn from; "": beside the run; null: none


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPlan:
    """What a run may cost at most."""

    usd: Amount | None = None
    calls: Annotated[int, msgspec.Meta(ge=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPlan:
    """What is allowed of a behavior."""

    per_100k: Amount | None = None  # highest rate, per 100,000 turns
    increase: Amount | None = None  # highest ratio of candidate to incumbent
    decide_on: Literal["upper", "rate"] = "upper"


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorPlan:
    """One behavior: shipped with Foretaste, or defined in a file of your own."""

    name: str
    definition: str | None = None  # Markdown file, relative to the plan's folder
    grader: Part | None = None  # replaces the grader that the definition names
    limit: LimitPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides the numbers of a run."""

    log: LogPlan
    candidate: Part  # in the file also as `openai/gpt-x`
    incumbent: Part | None = None
    title: str = ""
    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    store: Part | None = None
    window: WindowPlan = WindowPlan()
    consent: str | None = None  # tag that must be true for a conversation to be used
    scrub: Part = field(default_factory=lambda: {"use": "patterns"})
    sample: SamplePlan = SamplePlan()
    tools: Part = field(default_factory=lambda: {"use": "recorded"})
    engine: Part = field(default_factory=lambda: {"use": "local"})
    budget: BudgetPlan = BudgetPlan()
    forecast: ForecastPlan = ForecastPlan()
    judge: Part | None = None  # the model that grades behaviors which no rule decides
    behaviors: tuple[BehaviorPlan | str, ...] = ()  # none: every behavior that can be graded
    folder: str = ""  # where relative paths start; set on loading, no key of the file

    @property
    def id(self) -> str:
        """Hash of all that decides a number; not of where the run is kept or what it may cost."""
        filled = self.filled()
        return identity({k: v for k, v in filled.items() if k not in _FREE})

    def filled(self) -> dict[str, JSON]:
        """The plan with every default written out, as plain JSON."""
        # By way of JSON, so that a plan is the same before and after it was kept.
        plain: dict[str, JSON] = msgspec.json.decode(msgspec.json.encode(replace(self, folder="")))
        del plain["folder"]
        return plain

    def resolve(self, path: str) -> str:
        """A path of the plan, seen from the plan's folder."""
        return path if path == "-" else str(Path(self.folder) / path)

    @property
    def learns(self) -> bool:
        """Whether forecasts learn from the ledger."""
        return self.forecast.ledger not in (None, "none")

    def ledger(self, run: str) -> str:
        """The ledger that a run, kept at this path, is written down in."""
        own = self.forecast.ledger if self.learns else None
        return self.resolve(own) if own else str(Path(run).parent / LEDGER)

    def folder_from(self, run: str) -> str:
        """The plan's folder as seen from a run's, so that both may be moved together."""
        return os.path.relpath(self.folder or ".", run)

    def store_part(self, log: str) -> Part:
        """The store with its default path: one folder for each plan and state of its log."""
        part = dict(self.store or {"use": "files"})
        stem = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "run"
        part["path"] = self.resolve(
            str(part.get("path") or f"runs/{stem}-{identity(self.id, log)[:8]}")
        )
        return part


def load_plan(source: str | Path | Mapping[str, Any] | Plan) -> Plan:
    """Read a plan from a YAML file, or take it as a mapping.

    Raises:
        PlanError: the file cannot be read, or a key or value is wrong.
    """
    if isinstance(source, Plan):
        return source
    if isinstance(source, Mapping):
        return _build(dict(source), "plan")
    path = Path(source)
    try:
        loaded = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PlanError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict):
        raise PlanError(f"{path}: a plan is a mapping, like `log: {{path: export.jsonl}}`")
    plan = _build(loaded, str(path))
    return replace(plan, folder=str(path.parent), title=plan.title or path.stem)


def _build(loaded: dict[str, Any], where: str) -> Plan:
    _refuse_unknown(loaded, Plan, where)
    models = {
        lane: model_part(loaded[lane], f"{lane} in {where}")
        for lane in ("incumbent", "candidate", "judge")
        if loaded.get(lane) is not None
    }
    try:
        plan = msgspec.convert(loaded | models, Plan, strict=True)
    except msgspec.ValidationError as error:
        raise PlanError(f"{where}: {error}") from error
    plan.window.moments()  # refuses what is no date
    return plan


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise PlanError(f"window: {written!r} is no date; write it like 2026-10-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def model_part(part: Any, where: str) -> Part:
    """A model's part from either spelling: `openai/gpt-x`, or a mapping with `use` or `model`."""
    if not isinstance(part, str | dict):
        raise PlanError(f"{where}: name a model like `openai/gpt-x`, or say `use:`")
    spelled = {"model": part} if isinstance(part, str) else dict(part)
    if "use" not in spelled:
        found = re.fullmatch(r"([\w-]+)(?::/|:|/)(.+)", str(spelled.get("model", "")))
        if not found:
            raise PlanError(f"{where}: name a model like `openai/gpt-x`, or say `use:`")
        spelled |= {"use": found[1], "model": found[2]}
    return spelled


def _names(kind: type) -> list[str]:
    return [each.name for each in fields(kind) if each.name != "folder"]


def _refuse_unknown(value: Any, kind: Any, where: str) -> None:
    """Converters fill a dataclass and say nothing of a misspelt key; this one does."""
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        hints = get_type_hints(kind)
        for key, inner in value.items():
            if key not in _names(kind):
                raise UnknownName("key", str(key), _names(kind), where)
            _refuse_unknown(inner, hints[key], f"{key} in {where}")
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            _refuse_unknown(value, option, where)
    elif get_origin(kind) is tuple and isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            _refuse_unknown(inner, get_args(kind)[0], f"[{number}] of {where}")
