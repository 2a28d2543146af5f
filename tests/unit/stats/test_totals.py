from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.stats.totals import cluster_totals

ROWS = st.lists(
    st.tuples(
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.integers(0, 5),
        st.floats(1, 9),
    ),
    min_size=1,
)


@given(ROWS, st.booleans(), st.booleans())
def test_totals_are_sums_over_the_graded_turns_of_a_cluster(
    rows: list[tuple[Any, ...]], weighted: bool, masked: bool
) -> None:
    table = np.array(rows)
    hit, mask, cluster = table[:, :2] == 1, table[:, 2:4] == 1, table[:, 4].astype(int)
    w = table[:, 5] if weighted else np.ones(len(rows))
    known = mask if masked else np.ones_like(hit)
    found = cluster_totals(hit, cluster, w if weighted else None, graded=mask if masked else None)

    for behavior in range(2):
        sums, seen = found.of(behavior)
        for code in range(cluster.max() + 1):
            mine = known[:, behavior] & (cluster == code)
            assert seen[code] == pytest.approx(w[mine].sum())
            assert sums[code] == pytest.approx(w[mine & hit[:, behavior]].sum())
        chosen = w[known[:, behavior]]
        squares = (chosen**2).sum()
        assert found.turns[behavior] == len(chosen)
        assert found.simple_n[behavior] == pytest.approx(
            chosen.sum() ** 2 / squares if len(chosen) else 0
        )


def test_where_a_turn_is_not_graded_anything_may_stand() -> None:
    found = cluster_totals(
        [[1.0, np.nan], [0.0, 1.0]], [0, 1], graded=[[True, False], [True, True]]
    )

    assert found.hit.tolist() == [[1, 0], [0, 1]]
    assert found.seen.tolist() == [[1, 1], [0, 1]]


def test_the_layout_and_the_type_of_hits_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    hit, cluster = rng.random((200, 3)) < 0.3, rng.integers(0, 20, 200)
    plain = cluster_totals(hit, cluster)

    for other in (np.asfortranarray(hit), hit.astype(np.int8), hit.astype(np.float64)):
        assert np.array_equal(cluster_totals(other, cluster).hit, plain.hit)


def test_telling_clusters_are_the_fewer_of_those_with_a_hit_and_those_with_a_miss() -> None:
    found = cluster_totals([[1, 1], [0, 1], [1, 1], [0, 0]], [0, 0, 1, 2])

    assert [found.telling(behavior) for behavior in range(2)] == [2, 1]


@pytest.mark.parametrize(
    ("hit", "graded", "message"),
    [
        ([1, 0], None, "turns x behaviors"),
        ([[1], [2]], None, "hits must"),
        ([[1], [0]], [[1], [1]], "graded must"),
        ([[1], [0]], [True, True], "graded must"),
    ],
)
def test_what_does_not_fit_together_is_refused(hit: Any, graded: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster_totals(hit, [0, 1], graded=graded)
