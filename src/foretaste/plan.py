"""The plan: the one file that decides every number of a run."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from foretaste.errors import PlanError
from foretaste.ledger import NAME as LEDGER
from foretaste.methods import DEFAULT, Method
from foretaste.records import JSON, identity

_SLACK = 1e-6  # of shares, which people write with few digits
_FREE = ("store", "engine", "budget", "title")  # keys that decide no number
_GRADING = ("judge", "behaviors")  # keys that decide no answer


Part = dict[str, Any]
"""A plug-in by name (`use`) with its options."""

Count = Annotated[int, msgspec.Meta(ge=1)]
Amount = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """Where production's conversations are."""

    path: str  # file, folder, glob or - for standard input; relative to the plan's folder
    use: str | None = None  # format; found by content where left out
    where: dict[str, str | int | bool] = field(default_factory=dict)  # keep records with these tags
    tools: str | None = None  # JSON file of tool schemas, for records that hold none
    options: dict[str, JSON] = field(default_factory=dict)  # of the format


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
class TrafficPlan:
    """The traffic that is forecast, where it is not like the log's: by shares or by a newer log."""

    by: str | tuple[str, ...] = ()  # tag, or tags, that shares are given of; `language` is found
    shares: dict[str, Share] = field(default_factory=dict)  # value -> share; they sum to 1
    path: str | None = None  # newer log: file, folder or glob; what is asked there is weighted to
    use: str | None = None  # its format; found by content where left out
    where: dict[str, str | int | bool] = field(default_factory=dict)  # keep records with these tags

    @property
    def names(self) -> tuple[str, ...]:
        """The tags that shares are given of."""
        return (self.by,) if isinstance(self.by, str) else self.by

    def check(self) -> None:
        """Refuse what does not say one traffic.

        Raises:
            PlanError: not exactly one of shares and a newer log, or shares that do not sum to 1.
        """
        if bool(self.shares) == bool(self.path):
            raise PlanError("forecast.traffic: give `shares` or the `path` of a newer log")
        if bool(self.shares) != bool(self.by):
            raise PlanError("forecast.traffic: `by` goes with `shares`: the tag they are of")
        if self.shares and (self.use or self.where):
            raise PlanError("forecast.traffic: `use` and `where` go with `path`")
        if self.path == "-":
            raise PlanError("forecast.traffic: a newer log is read twice, so it must be a file")
        total = sum(self.shares.values())
        if self.shares and abs(total - 1) > _SLACK:
            raise PlanError(f"forecast.traffic: shares must sum to 1, not to {total:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenPlan:
    """Traffic that nobody has seen: what if there is some? Limits for it stand beside forecasts."""

    share: Share  # of the turns after release that are of a new kind
    rate: Share  # highest rate of a behavior among them: 0.1 is a tenth of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPlan:
    """What is forecast."""

    turns: Count = 1_000_000  # production turns after release
    method: Method = DEFAULT  # the one that validation scores
    ledger: str | None = ""  # scored forecasts to learn from; "": beside the run; null: none
    traffic: TrafficPlan | None = None  # after release; left out: like the log's
    unseen: UnseenPlan | None = None  # traffic of a kind that nobody has seen


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPlan:
    """How far one replayed turn may go; a rollout that is cut says which limit it met."""

    calls: Count = 50  # of the model
    tokens: Count | None = None  # that the model writes in all; null: no limit
    seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None  # its tools' own time counted
    answer: Count = 200_000  # characters of a tool's answer; the rest is cut off, and it says so


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
    turn: TurnPlan = TurnPlan()
    engine: Part = field(default_factory=lambda: {"use": "local"})
    budget: BudgetPlan = BudgetPlan()
    forecast: ForecastPlan = ForecastPlan()
    judge: Part | None = None  # grades what no rule decides: a model, or `models`; and `panel`
    behaviors: tuple[BehaviorPlan | str, ...] = ()  # `tag:` takes all of a tag
    folder: str = ""  # where relative paths start; set on loading, no key of the file

    @property
    def judges(self) -> tuple[Part, ...]:
        """The models that grade, each with the votes of its own; none where the plan has none."""
        whole = self.judge or {"models": ()}
        alone = {key: value for key, value in whole.items() if key != "panel"}
        return tuple(whole["models"]) if "models" in whole else (alone,)

    @property
    def judge_panel(self) -> int:
        """Behaviors that a judge is asked about in one call, at most."""
        return int((self.judge or {}).get("panel", 1))

    @property
    def id(self) -> str:
        """Hash of all that decides a number; not of where the run is kept or what it may cost."""
        filled = self.filled()
        return identity({k: v for k, v in filled.items() if k not in _FREE})

    @property
    def asking(self) -> str:
        """Hash of all that decides which answers a run asks for, and of whom."""
        return asking_of(self.filled())

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


def asking_of(filled: Mapping[str, JSON]) -> str:
    """`Plan.asking` of a plan as a run's folder keeps it."""
    free = (*_FREE, *_GRADING)
    return identity("asking", {k: v for k, v in filled.items() if k not in free})


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise PlanError(f"window: {written!r} is no date; write it like 2026-10-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
