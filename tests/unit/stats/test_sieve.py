import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.sieve import FULL, Sieve, counted_places, distinct, gathered, places_with

keys = st.lists(st.integers(0, 2**52 - 1), max_size=50).map(lambda n: np.array(n, dtype=np.uint64))


@given(st.lists(keys, max_size=4))
def test_a_place_counts_every_occurrence_of_its_features(parts: list[np.ndarray]) -> None:
    table = counted_places(parts, 100)
    place = np.concatenate([np.zeros(0, dtype=np.uint64), *parts]) % len(table)

    assert table.tolist() == np.bincount(place.astype(int), minlength=len(table)).tolist()


def test_a_count_stops_where_it_is_full() -> None:
    table = counted_places([np.full(FULL + 9, 3, dtype=np.uint64)], 100)

    assert table[3] == FULL
    assert places_with(table)[[0, 1, FULL]].tolist() == [len(table), 1, 1]


def test_distinct_features_are_estimated_to_within_a_hundredth() -> None:
    rng = np.random.default_rng(5)
    found = rng.integers(0, 2**52, 20_000).astype(np.uint64)

    assert abs(distinct(counted_places([found, found], 40_000)) - 20_000) < 200
    assert distinct(counted_places([], 0)) == 0


@given(keys, keys)
def test_a_sieve_loses_none_and_lets_few_others_through(
    wanted: np.ndarray, rest: np.ndarray
) -> None:
    sieve = Sieve.of(wanted)
    places = set((wanted % 2**16).tolist())

    assert sieve(wanted).all()
    assert sieve(rest).tolist() == [each in places for each in (rest % 2**16).tolist()]


@given(st.lists(keys), st.integers(0, 60))
def test_arrays_are_put_together_and_none_is_lost(parts: list[np.ndarray], size: int) -> None:
    found = list(gathered(parts, size))

    assert [n for each in found for n in each.tolist()] == [n for p in parts for n in p.tolist()]
    assert all(len(each) > size for each in found[:-1])
