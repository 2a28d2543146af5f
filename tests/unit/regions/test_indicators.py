import numpy as np

from foretaste.regions.indicators import by_user, indicators, users_of


def test_what_enough_rows_show_gets_a_column() -> None:
    found = indicators([["a", "b"], [], ["b"], ["b", "c"]], 2)

    assert found.columns == ("b",)
    assert found.rows.toarray().tolist() == [[1], [0], [1], [1]]
    assert found.seen == 3


def test_nothing_at_all_is_an_empty_matrix() -> None:
    assert indicators([], 1).rows.shape == (0, 0)
    assert indicators([[], []], 1).rows.shape == (2, 0)


def test_a_user_counts_once_however_often_the_user_shows_it() -> None:
    rows = indicators([["a"], ["a", "b"], ["b"], ["b"]], 1).rows
    user = np.array([0, 0, 0, 2])

    assert by_user(rows, user).toarray().tolist() == [[2, 2], [0, 0], [0, 1]]
    assert users_of(rows, user).tolist() == [1, 2]


def test_in_which_order_a_row_s_things_come_changes_nothing() -> None:
    there = indicators([["b", "a"], ["c", "b", "a"]], 1)
    back = indicators([["a", "b"], ["a", "b", "c"]], 1)

    assert there.columns == back.columns == ("a", "b", "c")
    assert there.rows.indices.tolist() == back.rows.indices.tolist() == [0, 1, 0, 1, 2]
