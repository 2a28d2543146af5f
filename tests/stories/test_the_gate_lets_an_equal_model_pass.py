"""A hundred equal models and a hundred regressions, and what the gate says of each.

The hundreds go through the stages that decide, on verdicts drawn at planted rates; a few are whole
runs, from the log to the exit code. 400 users have about 1,000 turns, and differ much in how often
they bring a behavior about.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from foretaste.columns import Codes, Columns
from foretaste.findings import Limit, Ruling
from foretaste.records import Lane
from foretaste.stages.estimate import estimate, pair_up
from foretaste.stages.gate import gate
from stories.releases import RATES, decided, healthy

RUNS = 100
USERS = 400
USUAL = {"often": 0.25, "sometimes": 0.1, "seldom": 0.02}
LIMITS = (
    Limit(behavior="often", increase=1.5),
    Limit(behavior="sometimes", increase=2),
    Limit(behavior="sometimes", per_100k=20_000),
    Limit(behavior="seldom", per_100k=5_000),
)


def verdicts(rng: np.random.Generator, factors: dict[str, float]) -> Columns:
    """Two lanes on the same turns; the candidate shows behaviors so many times as often."""
    cluster = np.repeat(np.arange(USERS), rng.integers(1, 5, USERS))
    outcome: dict[tuple[str, Lane], Codes] = {}
    for name, rate in USUAL.items():
        own = rng.beta(8 * rate, 8 * (1 - rate), USERS)[cluster]
        for lane, factor in ((Lane.INCUMBENT, 1.0), (Lane.CANDIDATE, factors.get(name, 1.0))):
            outcome[name, lane] = (rng.random(len(cluster)) < own * factor).astype(np.int8)
    return Columns(weight=np.ones(len(cluster)), cluster=cluster, outcome=outcome)


def rulings(factors: dict[str, float], *limits: Limit, seed: int = 8) -> Counter[Ruling]:
    found: Counter[Ruling] = Counter()
    rng = np.random.default_rng(seed)
    for _ in range(RUNS):
        columns = verdicts(rng, factors)
        pairs = pair_up(columns, Lane.INCUMBENT, Lane.CANDIDATE)
        decision = gate(estimate(columns), limits or LIMITS, pairs=pairs)
        assert decision is not None
        found[decision.ruling] += 1
    return found


def test_an_equal_model_passes() -> None:
    assert rulings({})[Ruling.RELEASE] >= 95


@pytest.mark.parametrize(
    "factors", [{"often": 2.5}, {"sometimes": 4}, {"seldom": 5}, dict.fromkeys(USUAL, 2.2)]
)
def test_a_planted_regression_is_held(factors: dict[str, float]) -> None:
    found = rulings(factors)

    assert found[Ruling.RELEASE] == 0
    assert found[Ruling.HOLD] >= 95


def test_a_model_that_is_just_at_a_limit_is_seldom_released() -> None:
    limit = Limit(behavior="sometimes", increase=2)
    found = rulings({"sometimes": 2}, limit)

    assert found[Ruling.RELEASE] <= 6  # 2.5 are to be expected
    assert found[Ruling.HOLD] <= 6


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_whole_runs_say_the_same(seed: int, tmp_path: Path) -> None:
    equal, worse = healthy(), healthy()
    equal.redraw(RATES, seed=seed)
    worse.redraw(RATES | {"bravo": 0.75}, seed=seed)
    for release in (equal, worse):
        release.limits = {"bravo": {"increase": 2, "per_100k": 40_000}}
        release.plan["judge"] = None

    assert decided(tmp_path / "equal", equal) == 0
    assert decided(tmp_path / "worse", worse) == 1
