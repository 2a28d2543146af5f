import numpy as np
import pytest
from scipy import sparse

from foretaste.discoveries import Seen
from foretaste.regions.telling import told_apart, turns_of
from unit.asked import german_for_the_first, pairs


def changed(rows: list[list[int]]) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.array(rows, dtype=np.float32))


def test_a_change_is_what_only_one_of_the_two_turns_shows() -> None:
    turns = turns_of(pairs(2, 30, after=german_for_the_first), 1)
    column = turns.seen.index(Seen("word", "rechnung"))
    change = turns.change

    assert set(change[:, [column]].data) == {1.0}
    assert not any(seen.kind == "phrase" for seen in turns.seen)
    assert change.data.min() == -1


def test_what_one_lane_always_shows_tells_it() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    rows = [[1, *rng.choice([-1, 0, 1], 20)] for _ in range(300)]
    told = told_apart(changed(rows), np.arange(300) // 2, np.zeros(300, dtype=int), seed=0).right

    assert told.mean() > 0.95


def test_two_draws_of_one_model_are_not_told_apart() -> None:
    pytest.importorskip("sklearn")
    rows = np.random.default_rng(1).choice([-1, 0, 1], (800, 30)).tolist()
    told = told_apart(changed(rows), np.arange(800) // 2, np.zeros(800, dtype=int), seed=0).right

    assert abs(told.mean() - 0.5) < 0.06


def test_what_one_topic_gains_and_another_loses_is_seen_in_both() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(2)
    topic = np.arange(400) % 2
    rows = [[1 if each else -1, *rng.choice([-1, 0, 1], 10)] for each in topic]
    told = told_apart(changed(rows), np.arange(400), topic, seed=0).right

    assert told[topic == 0].mean() > 0.9
    assert told[topic == 1].mean() > 0.9


def test_equal_turns_are_ties_and_so_is_all_where_there_are_too_few_users() -> None:
    none = np.full(20, -1)
    alone = told_apart(changed([[1, -1]] * 20), np.zeros(20, dtype=int), none, seed=0).right
    equal = told_apart(changed([[0, 0]] * 20), np.arange(20), none, seed=0).right

    assert set(alone) == set(equal) == {0.5}


def test_pairs_without_a_topic_are_told_as_well() -> None:
    pytest.importorskip("sklearn")
    rows = changed([[1, k % 2] for k in range(100)])
    told = told_apart(rows, np.arange(100), np.full(100, -1), seed=0).right

    assert set(told) == {1.0}
