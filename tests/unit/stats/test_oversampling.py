"""Draws that look more often where something is likely."""

import numpy as np
import pytest

from foretaste.stats.oversampling import oversample


def test_half_comes_from_the_rest_and_half_alike_from_the_others() -> None:
    stratum = np.array([0] * 900 + [1] * 80 + [2] * 20)
    draw = oversample(stratum, 40, rng=np.random.default_rng(1))

    assert np.bincount(stratum[draw.place]).tolist() == [20, 10, 10]
    assert draw.chance[stratum[draw.place] == 2] == pytest.approx(0.5)
    assert len(set(draw.place.tolist())) == 40


def test_what_a_stratum_is_too_small_for_goes_to_the_others() -> None:
    stratum = np.array([0] * 50 + [1] * 3)
    draw = oversample(stratum, 40, rng=np.random.default_rng(1))

    assert np.bincount(stratum[draw.place]).tolist() == [37, 3]
    assert oversample(stratum, 99, rng=np.random.default_rng(1)).chance.tolist() == [1.0] * 53
    assert oversample([], 5, rng=np.random.default_rng(1)).place.tolist() == []


def test_every_stratum_is_drawn_from_or_it_is_refused() -> None:
    draw = oversample([0, 1, 2, 3, 3], 4, rng=np.random.default_rng(1))

    assert draw.place.tolist()[:3] == [0, 1, 2]
    with pytest.raises(ValueError, match="3 items cannot be drawn from 4 strata"):
        oversample([0, 1, 2, 3], 3, rng=np.random.default_rng(1))


def test_weighted_by_its_inverse_chance_a_draw_stands_for_all_items() -> None:
    stratum = np.array([0] * 900 + [1] * 100)
    hit = np.arange(1000) % 10 == 0
    rng = np.random.default_rng(7)
    totals = []
    for _ in range(400):
        draw = oversample(stratum, 100, rng=rng)
        totals.append((hit[draw.place] / draw.chance).sum())

    error = np.std(totals) / np.sqrt(len(totals))
    assert np.mean(totals) == pytest.approx(hit.sum(), abs=3 * error)
