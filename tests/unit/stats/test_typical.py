import numpy as np
import pytest

from foretaste.errors import InsufficientData
from foretaste.stats.typical import EXACT, shift

RNG = np.random.default_rng(1)


def test_the_interval_is_that_of_all_subset_means() -> None:
    # Seven changes: 127 subset means, of which the third from either end are the limits.
    change = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3]
    means = sorted(
        np.mean([x for at, x in enumerate(change) if chosen >> at & 1]) for chosen in range(1, 128)
    )
    found = shift(change, np.arange(7), RNG)

    assert found.lower == pytest.approx(means[2])
    assert found.upper == pytest.approx(means[-3])
    assert found.mean == pytest.approx(np.mean(change))


def test_the_p_value_is_fisher_s_of_darwin_s_maize() -> None:
    # Fisher 1935, section 21: of all 32,768 sign patterns 863 reach Darwin's sum, so p = 0.05267.
    darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = shift(darwin, np.arange(15), RNG)

    assert len(darwin) > EXACT  # drawn, so roughly
    assert found.p == pytest.approx(0.0527, abs=0.01)


def test_clusters_are_flipped_as_one() -> None:
    alone = shift([2.0, 4.0, 6.0], [0, 1, 2], RNG)
    together = shift([1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [0, 0, 1, 1, 2, 2], RNG)

    assert (alone.p, alone.clusters) == (together.p, together.clusters) == (0.25, 3)
    assert np.isinf([together.lower, together.upper]).all()


def test_no_change_at_all_is_no_evidence() -> None:
    found = shift(np.zeros(10), np.arange(10), RNG)

    assert (found.lower, found.upper, found.p) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("clusters", [6, 12, 20])
def test_intervals_cover_a_symmetric_centre(clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    drawn = 0.3 + rng.standard_t(3, size=(400, clusters))
    found = [shift(row, np.arange(clusters), rng) for row in drawn]

    assert np.mean([each.lower <= 0.3 <= each.upper for each in found]) >= 0.93
    assert np.mean([each.p <= 0.05 for each in found if each.p]) <= 0.5


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InsufficientData):
        shift([], [], RNG)
    with pytest.raises(ValueError, match="finite"):
        shift([np.nan], [0], RNG)
