"""Planted releases: what each method says of them, and what it may know."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.backtests import Backtest, Draw, Release
from foretaste.columns import ABSENT, MISSING, PRESENT, UNGRADED, Codes
from foretaste.errors import InsufficientData
from foretaste.stages.backtest import CHALLENGING, backtest

NAMES = ("alpha", "beta", "gamma")
PROMPTS = tuple(f"p{number}" for number in range(400))


def is_even(prompt: str) -> bool:
    return int(prompt[1:]) % 2 == 0


def outcomes(rates: Sequence[float], size: int, seed: int) -> Codes:
    rng = np.random.default_rng(seed)
    return np.asarray(np.where(rng.random((size, len(rates))) < rates, PRESENT, ABSENT), np.int8)


def release(
    name: str,
    rates: Sequence[float],
    seed: int,
    *,
    draws: int = 2,
    prompts: Sequence[str] = PROMPTS,
) -> Release:
    return Release(
        name=name,
        since=None,
        draws=tuple(
            Draw(
                prompts=tuple(prompts),
                users=tuple(prompts),
                outcome=outcomes(rates, len(prompts), 100 * seed + draw),
            )
            for draw in range(draws)
        ),
    )


RATES = [(0.05, 0.3, 0.1), (0.3, 0.31, 0.02), (0.1, 0.29, 0.2), (0.4, 0.3, 0.02)]
RELEASES = [release(f"r{at}", rates, at) for at, rates in enumerate(RATES)]
ALL = [(old, new) for old in range(4) for new in range(4) if old != new]
NEXT = [(0, 1), (1, 2), (2, 3)]


def scored(
    releases: Sequence[Release] = RELEASES,
    pairs: Sequence[tuple[int, int]] = ALL,
    before: Callable[[str], bool] | None = is_even,
    names: Sequence[str] = NAMES,
    challenging: dict[str, Release] | None = None,
) -> Backtest:
    return backtest(
        releases,
        behaviors=names,
        pairs=pairs,
        before=before,
        challenging=challenging,
        watch=lambda done, total: None,
    )


def test_a_replay_without_error_is_right_in_direction_and_size() -> None:
    found = scored()

    assert found.transitions == 12
    for method in ("direct", found.default):
        record = found.models[method]
        assert record.directional_accuracy == 1.0
        assert record.direction_n > 15
        assert record.median_multiplicative_error < 1.3


def test_the_previous_deployment_says_nothing_of_direction() -> None:
    found = scored()

    assert found.models["previous-deployment"].directional_accuracy == 0.0
    assert found.models["previous-deployment"].nll > 3 * found.models["direct"].nll


def test_every_behavior_of_every_transition_is_a_point_with_its_counts() -> None:
    found = scored(pairs=[(0, 1)])
    (alpha, beta, gamma) = found.points
    column = RELEASES[1].draws[0].outcome[::2, 0]
    later = RELEASES[1].draws[1].outcome[1::2, 0]

    assert [each.behavior for each in found.points] == list(NAMES)
    assert (alpha.before, alpha.after) == ("r0", "r1")
    # Deflated for clusters: one user of 200 is lost to the mean.
    assert alpha.turns == pytest.approx(199)
    assert alpha.events / alpha.turns == pytest.approx((column == PRESENT).mean())
    assert (alpha.realized_count, alpha.realized_n) == ((later == PRESENT).sum(), 200)
    assert alpha.realized == pytest.approx((alpha.realized_count + 0.5) / 201)
    assert alpha.today == pytest.approx(0.05, abs=0.04)
    assert beta.forecast == pytest.approx(0.3, abs=0.08)
    assert gamma.named == pytest.approx(0.02, abs=0.02)


def test_the_halves_share_no_prompt_and_draws_share_all() -> None:
    halves, draws = scored(), scored(before=None)

    assert (halves.prompts_before, halves.prompts_after) == (200, 200)
    assert (draws.prompts_before, draws.prompts_after) == (400, 400)


def moved(changed: Release, keep: Callable[[str], bool]) -> Release:
    """The release with every outcome turned around, but on the prompts that are kept."""
    rows = np.array([keep(prompt) for prompt in PROMPTS])[:, None]
    return replace(
        changed,
        draws=tuple(
            replace(draw, outcome=np.where(rows, draw.outcome, 1 - draw.outcome))
            for draw in changed.draws
        ),
    )


def test_what_came_after_a_release_never_reaches_its_forecast() -> None:
    bent = [*RELEASES[:3], moved(RELEASES[3], is_even)]
    before, after = scored(pairs=[(2, 3)]).points, scored(bent, pairs=[(2, 3)]).points

    assert [each.forecast for each in before] == [each.forecast for each in after]
    assert [each.realized for each in before] != [each.realized for each in after]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_later_release_never_changes_an_earlier_forecast(seed: int) -> None:
    rates = np.random.default_rng(seed).uniform(0.01, 0.6, 3)
    bent = [*RELEASES[:3], release("r3", rates.tolist(), seed % 1_000)]
    among_earlier = [pair for pair in ALL if 3 not in pair]

    one = [each.forecast for each in scored(pairs=among_earlier).points]
    other = [each.forecast for each in scored(bent, pairs=among_earlier).points]
    assert one == other


def test_earlier_releases_are_learned_from() -> None:
    bent = [RELEASES[0], moved(RELEASES[1], is_even), *RELEASES[2:]]
    one, other = (scored(which, pairs=[(2, 3)]).points for which in (RELEASES, bent))

    # The second release's outcomes refute the forecast of it; the lanes of this pair are the same.
    assert [each.direct for each in one] == [each.direct for each in other]
    assert [each.forecast for each in one] != [each.forecast for each in other]


def test_the_first_transition_has_no_past() -> None:
    alone = scored(RELEASES[:2], pairs=[(0, 1)]).points

    assert [p.forecast for p in scored(pairs=[(0, 1)]).points] == [p.forecast for p in alone]


def test_behaviors_that_no_release_shows_are_named_and_not_scored() -> None:
    found = scored([release(f"r{at}", (0.2, 0.0, 0.3), at) for at in range(2)], pairs=[(0, 1)])

    assert found.behaviors == ("alpha", "gamma")
    assert found.unseen == ("beta",)
    assert {each.behavior for each in found.points} == {"alpha", "gamma"}


def test_a_transition_with_too_few_shared_prompts_is_skipped_with_its_reason() -> None:
    other = release("r9", RATES[0], 9, prompts=[f"p{number}" for number in range(390, 800)])
    found = scored([*RELEASES[:2], other], pairs=[(0, 1), (1, 2), (0, 2)])

    assert found.transitions == 1
    assert found.skipped == {"fewer than 10 prompts that both releases answered": 2}


def test_too_few_prompts_after_a_release_are_another_reason() -> None:
    few = release("r9", RATES[0], 9, prompts=[p for p in PROMPTS if is_even(p) or int(p[1:]) < 12])
    found = scored([*RELEASES[:2], few], pairs=[(0, 1), (1, 2)])

    assert found.skipped == {"fewer than 10 prompts after the release": 1}


def test_one_answer_each_leaves_nothing_to_come_if_no_prompt_is_set_apart() -> None:
    single = [release(f"r{at}", RATES[at], at, draws=1) for at in range(2)]

    with pytest.raises(InsufficientData, match="nothing is left to come"):
        scored(single, pairs=[(0, 1)], before=None)


def test_a_log_with_one_answer_has_no_incumbent_lane() -> None:
    single = [release(f"r{at}", RATES[at], at, draws=1) for at in range(2)]
    found = scored(single, pairs=[(0, 1), (1, 0)])

    assert "ratio-anchored" not in found.models
    assert found.same_model is None
    assert found.models[found.default].n == 6


def test_the_same_model_twice_is_off_by_about_what_chance_gives() -> None:
    same = scored().same_model

    assert same is not None
    assert same.n == 12
    assert 1 < same.median_multiplicative_error < 1.4
    assert 1 < same.noise_error < 1.4


def test_ungraded_and_missing_answers_are_left_out_of_the_counts() -> None:
    def gappy(whole: Release) -> Release:
        outcome = whole.draws[0].outcome.copy()
        outcome[:40, 0], outcome[40:60, 0] = UNGRADED, MISSING
        return replace(whole, draws=(replace(whole.draws[0], outcome=outcome),))

    found = scored([gappy(each) for each in RELEASES[:2]], pairs=[(0, 1)])

    assert found.points[0].turns == pytest.approx(169)
    assert found.points[0].realized_n == 170
    assert found.points[1].turns == pytest.approx(199)


def test_a_behavior_that_is_never_graded_on_one_side_has_no_forecast() -> None:
    outcome = RELEASES[1].draws[0].outcome.copy()
    outcome[:, 0] = UNGRADED
    bent = replace(RELEASES[1], draws=(replace(RELEASES[1].draws[0], outcome=outcome),))
    found = scored([RELEASES[0], bent], pairs=[(0, 1)])

    assert [each.behavior for each in found.points] == ["beta", "gamma"]


def test_challenging_prompts_are_a_baseline_where_both_releases_have_them() -> None:
    harder = {
        name: release(name, rates, seed, draws=1, prompts=[f"q{n}" for n in range(300)])
        for name, rates, seed in (("r0", (0.3, 0.6, 0.5), 50), ("r1", (0.7, 0.6, 0.2), 51))
    }
    found = scored(challenging=harder)
    record = found.models[CHALLENGING]

    # alpha rises and gamma falls, there as in production; beta stays.
    assert record.n == 6
    assert (record.directional_accuracy, record.direction_n) == (1.0, 4)


def test_nothing_to_forecast_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData, match="no transition"):
        scored([release(f"r{at}", RATES[at], at, prompts=PROMPTS[:8]) for at in range(2)], [(0, 1)])


def test_the_watch_hears_of_every_transition() -> None:
    heard: list[tuple[int, int]] = []
    few = release("few", RATES[0], 9, prompts=PROMPTS[:8])
    backtest(
        [*RELEASES, few],
        behaviors=NAMES,
        pairs=[*NEXT, (3, 4)],
        before=is_even,
        watch=lambda done, total: heard.append((done, total)),
    )

    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
