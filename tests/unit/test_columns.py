from dataclasses import replace

import numpy as np
import pytest

from foretaste.columns import ABSENT, MISSING, PRESENT, UNGRADED, Columns
from foretaste.records import Lane

CODES = np.zeros(2, dtype=np.int8)
BOTH = Columns(
    weight=np.ones(2),
    cluster=np.arange(2),
    outcome={
        ("b", Lane.CANDIDATE): CODES,
        ("b", Lane.RECORDED): CODES,
        ("a", Lane.CANDIDATE): CODES,
    },
)


def test_behaviors_keep_the_order_in_which_they_were_asked_for() -> None:
    assert BOTH.behaviors == ("b", "a")


def test_lanes_stand_in_their_own_order_whatever_the_columns_order() -> None:
    assert BOTH.lanes == (Lane.RECORDED, Lane.CANDIDATE)


def test_only_what_is_graded_is_absent_or_more() -> None:
    assert PRESENT > ABSENT > max(UNGRADED, MISSING)
    assert UNGRADED != MISSING


def test_other_weights_multiply_and_a_weight_of_nothing_leaves_its_row_out() -> None:
    found = replace(BOTH, weight=np.array([2.0, 3.0])).reweighted(np.array([0.0, 0.5]))

    assert found.weight.tolist() == [1.5]
    assert found.cluster.tolist() == [1]
    assert {len(codes) for codes in found.outcome.values()} == {1}


def test_every_row_needs_a_weight() -> None:
    with pytest.raises(ValueError, match="3 weights for 2 rows"):
        BOTH.reweighted(np.ones(3))
