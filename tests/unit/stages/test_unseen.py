"""What an audit cannot exclude."""

import pytest

from foretaste.discoveries import Pair, Showing
from foretaste.records import Lane
from foretaste.stages.unseen import limits
from foretaste.stats.novelty import novelty_bound, unseen_share
from unit.rows import prefix, rollout


def shown(count: int, users: int, chance: float = 1.0) -> list[Showing]:
    found = []
    for k in range(count):
        asked = prefix(f"c{k}", of=f"u{k % users}")
        pair = Pair(asked, rollout(asked.id, Lane.INCUMBENT), rollout(asked.id))
        found.append(Showing(pair=pair, swapped=False, chance=chance))
    return found


def test_the_bound_counts_users_and_pays_for_unequal_chances() -> None:
    plain = limits(shown(100, 100), [])
    few = limits(shown(100, 50), [])
    unequal = limits([*shown(50, 50, 0.1), *shown(100, 100)[50:]], [])

    assert plain.bound == pytest.approx(novelty_bound(100))
    assert few.bound_n == pytest.approx(50)
    assert few.bound == pytest.approx(novelty_bound(50))
    assert unequal.bound_n is not None
    assert unequal.bound_n < 70


def test_too_little_says_nothing() -> None:
    assert limits([], []) == (None, None, None, None)
    assert limits(shown(5, 5), [])[:2] == (None, 5)


def test_kinds_seen_with_one_user_say_how_much_was_not_seen() -> None:
    found = limits(shown(20, 20), [6, 1, 1])

    assert found.unseen == 0.25
    assert found.unseen_upper == unseen_share([6, 1, 1]).upper
