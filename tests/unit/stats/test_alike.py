import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.alike import groups_of_alike

sets = st.lists(st.sets(st.integers(0, 12)), max_size=8)


def keys(members: set[int]) -> np.ndarray:
    return np.array(sorted(members), dtype=np.uint64)


@given(sets, st.sampled_from([0.5, 0.8, 1.0]))
def test_each_set_follows_the_first_leader_it_is_alike_to(
    given_sets: list[set[int]], least: float
) -> None:
    wanted: list[list[int]] = []
    for place, own in enumerate(given_sets):
        for group in wanted:
            leader = given_sets[group[0]]
            if own and leader and len(own & leader) >= least * len(own | leader):
                group.append(place)
                break
        else:
            wanted.append([place])

    assert groups_of_alike([keys(each) for each in given_sets], least) == wanted


def test_large_sets_are_compared_by_a_part_of_them() -> None:
    rng = np.random.default_rng(3)
    first = rng.choice(10**6, 20_000, replace=False).astype(np.uint64)
    nearly = np.append(first[:19_000], np.arange(10**6, 10**6 + 1_000, dtype=np.uint64))
    half = np.append(first[:10_000], np.arange(2 * 10**6, 2 * 10**6 + 10_000, dtype=np.uint64))

    assert groups_of_alike([first, nearly, half]) == [[0, 1], [2]]
