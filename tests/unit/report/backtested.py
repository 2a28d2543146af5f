"""Backtests built by hand."""

import numpy as np

from foretaste.backtests import Backtest, Point, SameModel
from foretaste.stats.track import TrackRecord


def record(n: int = 12, **more: object) -> TrackRecord:
    values: dict[str, object] = {
        "median_multiplicative_error": 1.4,
        "mean_multiplicative_error": 1.9,
        "nll": 1.957,
        "log_score": 1.8,
        "directional_accuracy": 5 / 6,
        "direction_n": 6,
        "coverage_50": 0.5,
        "coverage_80": 0.83,
        "coverage_90": 0.92,
        "log_rate_correlation": 0.84,
        "pit": (0.1,) * 10,
        "n": n,
    }
    return TrackRecord(**(values | more))  # type: ignore[arg-type]


def point(
    behavior: str = "refusal",
    after: str = "new",
    *,
    replayed: int = 20,
    realized: int = 20,
    turns: int = 200,
    before: str = "old",
) -> Point:
    direct = (replayed + 0.5) / (turns + 1)
    return Point(
        before=before,
        after=after,
        behavior=behavior,
        forecast=direct,
        named=direct,
        direct=direct,
        today=0.05,
        realized=(realized + 0.5) / (turns + 1),
        events=float(replayed),
        turns=float(turns),
        realized_count=realized,
        realized_n=turns,
    )


POINTS = (
    point("refusal", replayed=20, realized=24),
    point("flattery", replayed=10, realized=80),
    point("apology", replayed=0, realized=0),
    point("flattery", "newer", replayed=10, realized=12),
    point("emoji", replayed=30, realized=9),
)


def backtested(
    points: tuple[Point, ...] = POINTS,
    models: dict[str, TrackRecord] | None = None,
    same_model: SameModel | None = None,
    skipped: dict[str, int] | None = None,
    unseen: tuple[str, ...] = (),
    behaviors: tuple[str, ...] = ("refusal", "flattery", "apology", "emoji"),
    releases: tuple[str, ...] = ("old", "new", "newer"),
) -> Backtest:
    methods = ("hierarchical", "direct", "previous-deployment", "ratio-anchored")
    return Backtest(
        default="hierarchical",
        models=models if models is not None else {name: record() for name in methods},
        noise_error=1.36,
        same_model=same_model,
        releases=releases,
        transitions=2,
        skipped=skipped or {},
        prompts_before=64,
        prompts_after=61,
        behaviors=behaviors,
        unseen=unseen,
        points=points,
    )


def many(number: int) -> tuple[Point, ...]:
    """Points of which most lie near to what was forecast."""
    rng = np.random.default_rng(1)
    replayed = rng.integers(0, 60, number).tolist()
    realized = rng.integers(0, 60, number).tolist()
    return tuple(
        point(f"b{at % 7}", f"r{at % 11}", replayed=k, realized=j)
        for at, (k, j) in enumerate(zip(replayed, realized, strict=True))
    )
