"""Bands of scores, and shapes over them."""

import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.bands import TOP, bands, shapes


def test_bands_grow_from_the_top_and_hold_every_rollout() -> None:
    score = np.random.default_rng(1).permutation(10_000) / 10_000
    cut = bands(score)

    assert cut.size.sum() == 10_000
    assert cut.size[0] == TOP
    assert set(np.flatnonzero(cut.band == 0)) == set(np.argsort(-score)[:TOP])
    assert cut.share.sum() == pytest.approx(1)


def test_scores_on_any_scale_make_the_same_bands() -> None:
    score = np.random.default_rng(2).standard_normal(3_000)

    assert np.array_equal(bands(score).band, bands(np.exp(3 * score)).band)


def test_equal_scores_share_a_band() -> None:
    cut = bands([1.0] * 3 + [0.0] * 997)

    assert cut.size.tolist() == [3, 997]
    assert bands([0.5] * 500).size.tolist() == [500]


def test_weights_decide_a_band_s_share() -> None:
    share = bands([1] * 60 + [0] * 40, [1.0] * 60 + [3.0] * 40).share

    assert share.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        bands([0.1, np.nan])
    with pytest.raises(InsufficientData):
        bands([])


def test_a_shape_is_a_distribution_and_a_useless_screen_is_one_of_them() -> None:
    share = np.array([0.01, 0.09, 0.9])
    found = shapes(share)

    assert found.share.sum(axis=1) == pytest.approx(1)
    assert found.prior.sum() == pytest.approx(1)
    assert np.min(np.abs(found.share - share).max(axis=1)) < 1e-6
