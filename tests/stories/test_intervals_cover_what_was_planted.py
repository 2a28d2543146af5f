"""Planted truths, 200 seeded repetitions each: intervals hold the truth as often as they say.

At 95 % all but 10 of 200 hold in the mean; fewer than 180, or for a level of 90 % fewer than 166,
come once in a thousand.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from foretaste.columns import ABSENT, PRESENT, Columns
from foretaste.forecasts import Forecast
from foretaste.records import Lane
from foretaste.stages.estimate import compare, estimate
from foretaste.stages.forecast import forecast
from foretaste.stats.judge import two_phase
from foretaste.stats.proportion import wilson
from unit.rows import estimated

REPETITIONS = 200
FEWEST = 180

Rates = np.ndarray[tuple[int], np.dtype[np.float64]]


class World(NamedTuple):
    """True rates of behaviors: what production shows, and what the replay shows of each model."""

    today: Rates
    replayed_incumbent: Rates
    replayed_candidate: Rates
    released: Rates


def odds_times(rates: Rates, log_factor: Rates) -> Rates:
    return 1 / (1 + (1 - rates) / rates * np.exp(-log_factor))


def run(rng: np.random.Generator, world: World, turns: int, future: int) -> list[Forecast]:
    """Forecasts of one run whose lanes are drawn from a world."""
    lanes = {
        Lane.RECORDED: world.today,
        Lane.INCUMBENT: world.replayed_incumbent,
        Lane.CANDIDATE: world.replayed_candidate,
    }
    estimates = [
        estimated(lane, int(count), turns, behavior=str(behavior))
        for lane, rates in lanes.items()
        for behavior, count in enumerate(rng.binomial(turns, rates))
    ]
    return list(forecast(estimates, turns=future))


def held(found: Sequence[Forecast], method: str, counts: Sequence[int]) -> list[bool]:
    own = [each for each in found if each.method == method]
    return [
        each.turns_lower <= count <= each.turns_upper
        for each, count in zip(own, counts, strict=True)
    ]


def share_held(
    make: Callable[[np.random.Generator], World], *, turns: int, future: int, behavior: int
) -> dict[str, int]:
    """How many of the repetitions' predictive intervals hold production's count, by method."""
    rng = np.random.default_rng(20_261_122)
    total = {"hierarchical": 0, "direct": 0, "ratio-anchored": 0}
    for _ in range(REPETITIONS):
        world = make(rng)
        found = run(rng, world, turns, future)
        counts = rng.binomial(future, world.released).tolist()
        for method in total:
            total[method] += held(found, method, counts)[behavior]
    return total


def test_users_who_resemble_themselves() -> None:
    rng = np.random.default_rng(1)
    rate, correlation, users = 0.1, 0.3, 150
    size = (1 - correlation) / correlation
    by_user = by_turn = 0
    for _ in range(REPETITIONS):
        cluster = np.repeat(np.arange(users), 1 + rng.poisson(5, users))
        own = rng.beta(rate * size, (1 - rate) * size, users)
        hit = rng.random(len(cluster)) < own[cluster]
        columns = Columns(
            weight=np.ones(len(cluster)),
            cluster=cluster,
            outcome={("b", Lane.CANDIDATE): np.where(hit, PRESENT, ABSENT).astype(np.int8)},
        )
        (found,) = estimate(columns)
        (direct,) = (f for f in forecast([found], turns=2_000) if f.method == "direct")
        assert found.simple_lower is not None
        assert found.simple_upper is not None
        by_user += direct.lower <= rate <= direct.upper
        by_turn += found.simple_lower <= rate <= found.simple_upper

    assert by_user >= FEWEST
    assert by_turn < FEWEST


def biased(rng: np.random.Generator) -> World:
    """The replay shows every behavior of both models at its own wrong odds."""
    today = rng.uniform(0.01, 0.2, 12)
    released = odds_times(today, rng.normal(0, 0.5, 12))
    bias = rng.normal(0.3, 0.5, 12)
    return World(today, odds_times(today, bias), odds_times(released, bias), released)


def test_a_replay_that_is_wrong_in_both_lanes_alike() -> None:
    found = share_held(biased, turns=2_000, future=2_000, behavior=0)

    assert found["hierarchical"] >= FEWEST
    assert found["ratio-anchored"] >= FEWEST
    assert found["direct"] < FEWEST / 2


def rare(rng: np.random.Generator) -> World:
    """One turn in 50,000 today; it moves as the common behaviors do, by a factor of 1.6 or so."""
    today = np.array([1 / 50_000, 1e-3, 5e-3, 0.02, 0.05, 0.1])
    released = odds_times(today, rng.normal(0, 0.5, len(today)))
    return World(today, today, released, released)


@pytest.mark.parametrize("turns", [50_000, 400_000])
def test_a_behavior_as_rare_as_one_turn_in_50_000(turns: int) -> None:
    found = share_held(rare, turns=turns, future=200_000, behavior=0)

    assert min(found.values()) >= FEWEST


def absent_before(_: np.random.Generator) -> World:
    """A behavior that only the candidate has, among others that hardly move."""
    today = np.array([1e-9, 0.01, 0.02, 0.05, 0.1, 0.2])
    released = odds_times(today, np.array([np.log(5e6), 0.05, -0.05, 0.1, 0.0, 0.02]))
    return World(today, today, released, released)


def test_a_behavior_that_was_absent_before() -> None:
    found = share_held(absent_before, turns=4_000, future=4_000, behavior=0)

    assert found["hierarchical"] >= FEWEST
    assert found["direct"] >= FEWEST


def test_a_behavior_that_fades_where_the_prompts_decide_it() -> None:
    """Two prompts in five ask for it: the old model always obeys, the new one in a tenth."""
    rng = np.random.default_rng(8)
    share, obeys, prompts, future = 0.4, 0.1, 30, 400
    total = 0
    for _ in range(REPETITIONS):
        others = {"b": 0.1, "c": 0.3, "d": 0.02}
        outcome = {
            (name, lane): (rng.random(prompts) < rate).astype(np.int8)
            for name, rate in others.items()
            for lane in Lane
        }
        asks = rng.random(prompts) < share
        shown = {Lane.RECORDED: asks, Lane.INCUMBENT: asks}
        shown[Lane.CANDIDATE] = asks & (rng.random(prompts) < obeys)
        outcome |= {("a", lane): hit.astype(np.int8) for lane, hit in shown.items()}
        columns = Columns(weight=np.ones(prompts), cluster=np.arange(prompts), outcome=outcome)
        paired = (
            *compare(columns, Lane.RECORDED, Lane.INCUMBENT),
            *compare(columns, Lane.INCUMBENT, Lane.CANDIDATE),
        )
        found = forecast(estimate(columns), paired, turns=future)
        (whole,) = (f for f in found if (f.behavior, f.method) == ("a", "hierarchical"))
        total += whole.turns_lower <= rng.binomial(future, share * obeys) <= whole.turns_upper

    assert total >= FEWEST


def test_a_judge_that_errs_is_corrected_by_people_s_labels() -> None:
    """Sensitivity 0.8, specificity 0.97: of 100 turns it flags, 42 show the behavior."""
    rng = np.random.default_rng(5)
    rate, turns = 0.026, 5_000
    corrected = raw = 0
    for _ in range(REPETITIONS):
        truth = rng.random(turns) < rate
        flagged = rng.random(turns) < np.where(truth, 0.8, 0.03)
        read = {  # people read 150 of the flagged turns and 600 of the others
            verdict: truth[rng.permutation(np.flatnonzero(flagged == verdict))[:many]]
            for verdict, many in ((True, 150), (False, 600))
        }
        found = two_phase(
            (flagged.sum(), turns),
            (read[True].sum(), len(read[True])),
            (read[False].sum(), len(read[False])),
        )
        assert found.upper is not None
        corrected += found.lower <= rate <= found.upper
        lower, upper = wilson(flagged.sum(), turns)
        raw += lower <= rate <= upper

    assert corrected >= FEWEST
    assert raw == 0
