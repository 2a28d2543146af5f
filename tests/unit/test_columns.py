import numpy as np

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
