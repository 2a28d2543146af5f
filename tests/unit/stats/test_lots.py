"""Clusters drawn whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.lots import clusters_by_lot

SIZES = st.dictionaries(st.text(max_size=3), st.integers(1, 20), max_size=12)


@given(SIZES, st.integers(0, 100), st.integers(0, 9))
def test_what_is_taken_fits_and_nothing_that_fits_is_left(
    size: dict[str, int], most: int, seed: int
) -> None:
    taken = clusters_by_lot(size, most, np.random.default_rng(seed))
    room = most - sum(size[name] for name in taken)

    assert room >= 0
    assert all(size[name] > room for name in set(size) - taken)


def test_a_cluster_is_taken_as_often_as_another_of_its_size() -> None:
    size = dict.fromkeys("abcd", 2)
    counts = dict.fromkeys(size, 0)
    for seed in range(400):
        for name in clusters_by_lot(size, 4, np.random.default_rng(seed)):
            counts[name] += 1

    assert all(160 < count < 240 for count in counts.values()), counts
