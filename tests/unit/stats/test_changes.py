from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.changes import (
    FEWEST,
    Changes,
    changed_features,
    discordant_pairs,
    sign_tests,
)
from foretaste.stats.paired import mcnemar_exact

shown = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), unique=True, max_size=80)


def batches(rows: list[tuple[int, int, int]]) -> Iterator[Changes]:
    ordered = sorted(rows)  # a user's pairs come together
    for part in (ordered[: len(rows) // 2], ordered[len(rows) // 2 :]):
        pair, feature, change = np.array(part, dtype=np.int64).reshape(-1, 3).T
        yield Changes(pair, feature.astype(np.uint64), change.astype(np.int8))


@given(shown, st.randoms(use_true_random=False))
def test_features_are_counted_by_pair_and_by_user(
    at: list[tuple[int, int]], random: np.random.Generator
) -> None:
    rows = [(pair, feature, random.choice([-1, 0, 1, 1])) for pair, feature in at]
    cluster = np.arange(41) // 2
    weight = (1.0 + np.arange(41) % 3).astype(np.float64)
    found = changed_features(lambda sieve: batches(rows), cluster, weight, 100, level=1e9)

    for feature in range(4):
        own = [(pair, change) for pair, of, change in rows if of == feature]
        net: dict[int, list[int]] = defaultdict(list)
        for pair, change in own:
            if change:
                net[pair // 2].append(change)
        where = np.flatnonzero(found.feature == feature).tolist()
        assert len(where) == (len(net) >= FEWEST)
        for row in where:
            assert found.only_before[row] == sum(change == -1 for _, change in own)
            assert found.only_after[row] == sum(change == 1 for _, change in own)
            assert found.both[row] == sum(change == 0 for _, change in own)
            assert found.both_weight[row] == sum(weight[pair] for pair, c in own if c == 0)
            assert found.fell[row] == sum(sum(changes) < 0 for changes in net.values())
            assert found.rose[row] == sum(sum(changes) > 0 for changes in net.values())

    if rows:
        wanted = np.array([3, 0, 9], dtype=np.uint64)
        for feature, entries in zip(
            (3, 0, 9), discordant_pairs(batches(rows), wanted), strict=True
        ):
            own = [(pair, change) for pair, of, change in rows if of == feature]
            assert entries.tolist() == sorted(2 * pair + (c > 0) for pair, c in own if c)


@pytest.mark.parametrize("flipped", [1, -1])
def test_what_is_tested_does_not_depend_on_the_direction(flipped: int) -> None:
    rows = [(pair, pair % 7, flipped * (-1) ** (pair // 7)) for pair in range(200)]
    found = changed_features(
        lambda sieve: batches(rows), np.arange(200), np.ones(200), 1_000, level=0.05
    )

    assert found.feature.tolist() == list(range(7))
    assert found.least == 9  # 7 features * 2^(1 - 9) <= 0.05, and no earlier


def test_nothing_to_compare_is_nothing_tested() -> None:
    found = changed_features(lambda sieve: iter(()), np.zeros(0, dtype=np.intp), np.ones(0), 0)

    assert (len(found.feature), found.seen, found.least) == (0, 0, FEWEST)


def test_features_seen_are_estimated_to_within_a_few_of_a_thousand() -> None:
    rng = np.random.default_rng(5)
    rows = [(n, int(key), 1) for n, key in enumerate(rng.integers(0, 2**52, 20_000))]
    found = changed_features(
        lambda sieve: batches(rows), np.arange(20_000), np.ones(20_000), 20_000
    )

    assert found.seen == pytest.approx(20_000, rel=0.01)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1))
def test_many_sign_tests_are_each_the_exact_one(counts: list[tuple[int, int]]) -> None:
    fell, rose = np.array(counts).T

    assert sign_tests(fell, rose) == pytest.approx([mcnemar_exact(*each) for each in counts])
