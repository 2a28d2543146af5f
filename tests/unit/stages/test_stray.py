from dataclasses import replace

import numpy as np
import pytest

from foretaste.pairs import SideBySide
from foretaste.stages.stray import stray
from unit.comparisons import beside


def compared(new: float | None, own: float | None, user: str) -> SideBySide:
    pair = beside("Fine.", "Fine.", parent=user)
    return replace(pair, distance=new, own=own)


def drawn(rng: np.random.Generator, more: float = 0.0, users: int = 10) -> list[SideBySide]:
    """Twenty turns of some users, whose turns are alike: the same model, or one further off."""
    usual = rng.beta(2, 2, size=users)
    return [
        compared(float(new), float(own), f"u{at % users}")
        for at in range(20)
        for new, own in [np.clip(usual[at % users] * 0.5 + 0.3 * rng.random(2) + [more, 0], 0, 1)]
    ]


def test_the_same_model_on_both_sides_is_seldom_called_further_off() -> None:
    found = [stray(drawn(np.random.default_rng(seed))) for seed in range(100)]

    assert sum(each is not None and each.larger is True for each in found) <= 5


def test_a_model_that_is_further_off_is_called_so() -> None:
    found = [stray(drawn(np.random.default_rng(seed), more=0.2)) for seed in range(20)]

    assert sum(each is not None and each.larger is True for each in found) >= 19


def test_means_and_interval_are_of_the_turns_that_both_answered() -> None:
    pairs = [compared(0.5, 0.25, f"u{n}") for n in range(8)]
    found = stray([*pairs, compared(None, 0.9, "u"), compared(0.9, None, "u")])

    assert found is not None
    assert (found.pairs, found.new, found.own) == (8, 0.5, 0.25)
    assert (found.lower, found.upper) == pytest.approx((0.25, 0.25))
    assert found.p == pytest.approx(2 / 256)
    assert found.larger is True


def test_a_difference_that_nobody_would_see_is_none() -> None:
    found = stray([compared(0.30, 0.31, f"u{n}") for n in range(8)])

    assert found is not None
    assert found.larger is False


def test_few_users_are_not_enough_evidence_however_large_the_difference() -> None:
    found = stray([compared(0.9, 0.1, f"u{n % 5}") for n in range(20)])

    assert found is not None
    assert (found.lower, found.upper, found.larger) == (-1.0, 1.0, None)


def test_one_user_s_turns_come_in_conversations() -> None:
    pairs = [compared(0.5, 0.25, f"c{n}") for n in range(8)]
    alone = [replace(pair, prefix=replace(pair.prefix, user="me")) for pair in pairs]

    found = stray(alone)
    assert found is not None
    assert found.larger is True
    assert stray([compared(0.5, None, "u")]) is None
