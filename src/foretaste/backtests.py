"""What a backtest works on and what it finds.

Rates are shares of turns between 0 and 1. A value that the data cannot give is None, never zero.
"""

from dataclasses import dataclass
from datetime import datetime

from foretaste.columns import Codes
from foretaste.stats.track import TrackRecord


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draw:
    """One answer of a release to each of its prompts, graded."""

    prompts: tuple[str, ...]  # content keys
    users: tuple[str, ...]  # cluster of each prompt
    outcome: Codes  # (prompts, behaviors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A model that was in production, and what it said there."""

    name: str
    since: datetime | None  # its first conversation
    draws: tuple[Draw, ...]  # a prompt's first answer, its second, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SameModel:
    """The same model drawn twice on the same prompts: what a replay gets wrong by itself."""

    median_multiplicative_error: float
    mean_multiplicative_error: float
    noise_error: float  # median that chance alone would give
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One forecast of the default method and what came."""

    before: str
    after: str
    behavior: str
    forecast: float
    direct: float
    today: float
    realized: float  # Jeffreys-smoothed, like `direct` and `today`
    events: float  # sightings behind the direct forecast, deflated for clusters
    turns: float
    realized_count: int
    realized_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Transitions between releases, forecast as if before each and scored."""

    default: str  # the method that Foretaste seals by default
    models: dict[str, TrackRecord]
    noise_error: float  # median multiplicative error of a perfect direct forecast at these counts
    same_model: SameModel | None
    releases: tuple[str, ...]  # in the order of their release
    transitions: int
    skipped: dict[str, int]  # why a transition could not be forecast -> how many
    prompts_before: int  # in the median
    prompts_after: int
    behaviors: tuple[str, ...]
    unseen: tuple[str, ...]  # behaviors that no release shows: nothing to forecast
    points: tuple[Point, ...]
