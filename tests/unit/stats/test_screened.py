"""Screened rates: unbiased, and with intervals that say what may be hidden."""

from typing import Any

import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.proportion import clopper_pearson
from foretaste.stats.screened import (
    NOT_ASKED,
    effective_count,
    screened_rate,
    screened_truth,
    standing_for,
)
from unit.stats.screens import checked, graded, world

SMALL: dict[str, Any] = {"rollouts": 4_000, "rate": 0.02, "specificity": 0.99}


def test_the_rate_is_unbiased_though_waves_follow_verdicts_and_the_screen_errs() -> None:
    rng = np.random.default_rng(1)
    errors = []
    for _ in range(300):
        planted = world(rng, better=2.0, unseen=0.3, **SMALL)
        wave = graded(rng, planted, calls=400)
        hit = np.where(wave >= 0, planted.judge, np.nan)
        found = screened_rate(planted.score, wave, hit, rng=rng)
        errors.append(found.rate - planted.judge.mean())

    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5


def test_a_judge_that_read_all_leaves_nothing_open() -> None:
    planted = world(np.random.default_rng(2), **SMALL)
    everything = np.zeros(4_000, dtype=np.intp)
    found = screened_rate(planted.score, everything, planted.judge, rng=np.random.default_rng(1))

    rate = planted.judge.mean()
    assert found == pytest.approx((rate, rate, rate, rate, rate))


def test_with_few_sightings_nothing_is_assumed_of_the_screen() -> None:
    score, wave = np.arange(5_000.0), np.where(np.arange(5_000) % 10 == 0, 0, NOT_ASKED)
    found = screened_rate(score, wave, np.zeros(5_000), rng=np.random.default_rng(1))

    assert (found.lower, found.upper) == (found.sure_lower, found.sure_upper)
    assert found.rate == 0
    assert found.upper > 3 / 500


def test_the_rate_of_other_traffic_is_unbiased_where_some_rollouts_are_none_of_it() -> None:
    rng = np.random.default_rng(5)
    errors, held = [], 0
    for _ in range(100):
        planted = world(rng, better=2.0, **SMALL)
        more = np.where(planted.score > 0.5, 0.0, np.where(planted.score > -0.5, 3.0, 1.0))
        more = np.where(planted.truth, 2.0, more)  # the traffic has more of it, wherever it scores
        wave = graded(rng, planted, calls=400)
        found = screened_rate(
            planted.score, wave, np.where(wave >= 0, planted.judge, np.nan), more, rng=rng
        )
        rate = float(np.average(planted.judge, weights=more))
        errors.append(found.rate - rate)
        held += found.sure_lower <= rate <= found.sure_upper

    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5
    assert held >= 90


def test_what_the_judge_could_not_say_is_not_absent() -> None:
    planted = world(np.random.default_rng(3), **SMALL)
    rng = np.random.default_rng(4)
    wave = graded(rng, planted, calls=400)
    hit = np.where(wave >= 0, planted.judge, np.nan)
    hazy = np.where(rng.random(4_000) < 0.5, np.nan, hit)
    whole, half = (
        screened_rate(planted.score, wave, each, rng=np.random.default_rng(1))
        for each in (hit, hazy)
    )

    assert half.rate > 0.6 * whole.rate
    with pytest.raises(InsufficientData):
        screened_rate(planted.score, wave, np.full(4_000, np.nan), rng=rng)


def test_people_who_find_the_judge_right_leave_its_rate() -> None:
    rng = np.random.default_rng(5)
    planted = world(rng, sensitivity=1.0, **(SMALL | {"specificity": 1.0}))
    wave = graded(rng, planted, calls=1_000)
    truth, chance = checked(rng, planted, wave, labels=400)
    hit = np.where(wave >= 0, planted.judge, np.nan)
    found = screened_truth(planted.score, wave, hit, truth, chance, rng=rng)

    assert found.rate == pytest.approx(screened_rate(planted.score, wave, hit, rng=rng).rate)
    for side in (hit == 1, hit == 0):
        half = np.where(side, np.nan, truth)
        with pytest.raises(InsufficientData, match="some of what was flagged"):
            screened_truth(planted.score, wave, hit, half, chance, rng=rng)


@pytest.mark.parametrize(("rate", "specificity"), [(0.1, 0.99), (0.03, 0.95)])
def test_labels_of_a_part_of_the_flagged_lead_to_the_true_rate(
    rate: float, specificity: float
) -> None:
    rng = np.random.default_rng(6)
    errors, held, judged = [], [], []
    for _ in range(100):
        planted = world(rng, rollouts=4_000, rate=rate, specificity=specificity, better=2.0)
        wave = graded(rng, planted, calls=600)
        truth, chance = checked(rng, planted, wave, labels=100)
        hit = np.where(wave >= 0, planted.judge, np.nan)
        found = screened_truth(planted.score, wave, hit, truth, chance, rng=rng)
        true = float(planted.truth.mean())
        errors.append(found.rate - true)
        held.append((found.lower <= true <= found.upper, found.sure_lower <= true))
        judged.append(np.nanmean(truth) - true)

    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5
    assert np.sum(held, axis=0).min() >= 90
    assert np.mean(judged) > 0.2  # what the labels alone would say


def test_each_judged_rollout_stands_for_a_part_of_all() -> None:
    rng = np.random.default_rng(7)
    planted = world(rng, **SMALL)
    wave = graded(rng, planted, calls=400)
    hit = np.where(wave >= 0, planted.judge, np.nan)
    hit[rng.random(4_000) < 0.2] = np.nan
    found = standing_for(planted.score, wave, hit)

    assert found.sum() == pytest.approx(4_000)
    assert np.all((found > 0) == np.isfinite(hit))
    rate = screened_rate(planted.score, wave, hit, rng=rng).rate
    assert found @ np.nan_to_num(hit) / 4_000 == pytest.approx(rate)


def test_a_label_of_what_the_judge_did_not_grade_is_refused() -> None:
    rng = np.random.default_rng(1)
    given: dict[str, Any] = {"score": [1.0, 0.0], "wave": [0, 0], "hit": [1, np.nan], "rng": rng}

    with pytest.raises(ValueError, match="the judge graded"):
        screened_truth(**given, truth=[1, 0], chance=[1, 1])
    with pytest.raises(ValueError, match="above 0"):
        screened_truth(**given, truth=[1, np.nan], chance=[0, 1])


def test_the_effective_count_has_that_upper_limit() -> None:
    size = effective_count(0.001, 0.002)

    assert clopper_pearson(0.001 * size, size).upper == pytest.approx(0.002)
    assert effective_count(0.1, 1.0) == 0.5


def test_arrays_that_do_not_fit_are_refused() -> None:
    rng = np.random.default_rng(1)

    with pytest.raises(ValueError, match="one for each"):
        screened_rate([1.0, 0.0], [0], [1, 0], rng=rng)
    with pytest.raises(ValueError, match="a hit is"):
        screened_rate([1.0, 0.0], [0, 0], [2, 0], rng=rng)
