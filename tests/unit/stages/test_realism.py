from collections.abc import Sequence

import numpy as np
import pytest

from foretaste.adapters.engines.local import Local
from foretaste.contrasts import TIE, Contrast, Judged, Taken
from foretaste.errors import ItemFailed
from foretaste.records import Failure, Usage
from foretaste.stages.realism import Read, by_layer, by_tool, judge_pairs, win_rate
from foretaste.stats.proportion import wilson
from unit.looks import contrast, turn

WON, LOST, UNSAID = Taken(1.0, 1.0), Taken(0.0, 0.0), Taken(None, None, "unreadable")


def pairs(count: int, *, each: int = 1, layers: Sequence[tuple[str, ...]] = ()) -> list[Contrast]:
    """So many pairs, `each` of a cluster."""
    return [
        contrast(
            turn(("look", "{}", "a")),
            turn(("look", "{}", "b")),
            name=f"p{n}",
            cluster=f"t{n // each}",
            layers=layers[n] if layers else (),
            tool="look" if n % 2 else "list",
        )
        for n in range(count)
    ]


def read(taken: Sequence[Taken], **more: object) -> Read:
    return Read(contrasts=pairs(len(taken), **more), taken=taken, margin=0.05)  # type: ignore[arg-type]


def test_a_tie_is_half_a_win_and_what_could_not_be_said_is_ungraded() -> None:
    found = win_rate(read([WON] * 10 + [LOST] * 8 + [TIE] * 2 + [UNSAID] * 5))

    assert (found.pairs, found.ties, found.ungraded, found.rate) == (20, 2, 5, 0.55)
    assert (found.lower, found.upper) == wilson(11, 20)


def test_pairs_of_their_own_clusters_are_as_good_as_independent_ones() -> None:
    found = win_rate(read([WON] * 300 + [LOST] * 300))

    assert found.effective_n == pytest.approx(600, rel=0.01)
    assert found.clustered_lower == pytest.approx(found.lower, abs=0.001)
    assert found.needed == pytest.approx(1083, rel=0.02)


def test_pairs_that_say_the_same_within_a_cluster_widen_the_interval_and_need_more() -> None:
    taken = [WON if n // 10 % 2 else LOST for n in range(600)]
    found = win_rate(read(taken, each=10))

    assert found.effective_n is not None
    assert found.effective_n < 75
    assert found.clustered_lower is not None
    assert found.lower is not None
    assert found.clustered_lower < found.lower
    assert found.needed is not None
    assert found.needed > 8 * 1083


def test_with_enough_pairs_half_is_equivalent_and_with_few_it_is_not_shown() -> None:
    assert win_rate(read([WON, LOST] * 700)).equivalent is True
    assert win_rate(read([WON, LOST] * 50)).equivalent is False
    assert win_rate(read([WON, LOST, LOST] * 700)).equivalent is False


def test_the_clustered_interval_covers_a_planted_rate_with_ties() -> None:
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(400):
        own = np.repeat(rng.beta(4.5, 5.5, 60), 6)  # mean 0.45, pairs of a task alike
        tie = rng.random(360) < 0.3
        won = rng.random(360) < own
        taken = [TIE if t else WON if w else LOST for t, w in zip(tie, won, strict=True)]
        found = win_rate(read(taken, each=6))
        truth = 0.7 * 0.45 + 0.3 * 0.5
        assert found.clustered_lower is not None
        assert found.clustered_upper is not None
        held += found.clustered_lower <= truth <= found.clustered_upper

    assert 0.92 < held / 400 <= 0.99


def test_position_bias_is_the_difference_of_the_rates_by_order() -> None:
    found = win_rate(read([Taken(1.0, 0.0), Taken(1.0, 0.0), WON, LOST]))

    assert found.position_bias == 0.5
    assert found.rate == 0.5


def test_nothing_said_is_no_rate() -> None:
    found = win_rate(read([UNSAID, UNSAID]))

    assert (found.pairs, found.ungraded) == (0, 2)
    assert {found.rate, found.lower, found.equivalent, found.needed, found.position_bias} == {None}


def test_a_layer_gets_the_pairs_it_answered_in_and_those_it_mostly_answered() -> None:
    layers = [("a", "a", "b"), ("a", "b"), ("b",), ("a",)]
    turns = Read(contrasts=pairs(4, layers=layers), taken=[WON, LOST, LOST, WON], margin=0.05)
    calls = Read(contrasts=pairs(2, layers=[("a",), ("b",)]), taken=[WON, LOST], margin=0.05)
    a, b = by_layer(turns, calls)

    assert ((a.layer, a.calls), (b.layer, b.calls)) == (("a", 4), ("b", 3))
    assert a.share + b.share == 1
    assert (a.any.pairs, a.most.pairs, a.most.rate) == (3, 2, 1.0)
    assert (b.any.pairs, b.most.pairs, b.most.rate) == (3, 1, 0.0)
    assert a.call is not None
    assert a.call.rate == 1.0
    assert by_layer(turns, None)[0].call is None


def test_each_tool_gets_its_own_rate() -> None:
    rows = by_tool(read([WON, LOST] * 3))

    assert {(row.tool, row.calls, row.call.rate) for row in rows} == {
        ("list", 3, 1.0),
        ("look", 3, 0.0),
    }


def test_a_judge_works_through_the_engine_and_what_fails_is_named() -> None:
    async def judge(pair: Contrast) -> Judged:
        if pair.id == "p1":
            raise ItemFailed("no answer")
        return Judged(pair.id, WON, Usage())

    found = list(judge_pairs(pairs(3), judge=judge, engine=Local()))
    (failed,) = [each for each in found if isinstance(each, Failure)]

    assert (failed.stage, failed.item) == ("realism", "p1")
    assert len(found) == 3
