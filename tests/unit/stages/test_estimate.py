from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from foretaste.columns import ABSENT, MISSING, OUTSIDE, PRESENT, UNGRADED, Columns
from foretaste.findings import Direction, Estimate
from foretaste.records import Lane, Message, Outcome, Rollout, Stop, ToolCall
from foretaste.stages.estimate import compare, estimate, tabulate
from unit.rows import prefix, rates, rollout, verdict

BOTH = (Lane.INCUMBENT, Lane.CANDIDATE)


def columns(
    before: Iterable[int],
    after: Iterable[int],
    cluster: Iterable[int] | None = None,
    weight: Iterable[float] | None = None,
) -> Columns:
    first, second = np.array([*before], dtype=np.int8), np.array([*after], dtype=np.int8)
    codes = np.arange(len(first)) if cluster is None else np.array([*cluster])
    return Columns(
        weight=np.ones(len(first)) if weight is None else np.array([*weight]),
        cluster=codes.astype(np.int64),
        outcome={("b", Lane.INCUMBENT): first, ("b", Lane.CANDIDATE): second},
    )


def test_a_prefix_without_an_answer_is_missing_and_one_without_a_verdict_ungraded() -> None:
    prefixes = [prefix(name) for name in "abcd"]
    rollouts = [rollout(each.id) for each in prefixes[:3]]
    verdicts = [
        verdict(rollouts[0].id, Outcome.PRESENT),
        verdict(rollouts[1].id, Outcome.UNGRADED),
    ]

    found = tabulate(prefixes, rollouts, verdicts, behaviors=["b"], lanes=[Lane.CANDIDATE])

    codes = found.outcome["b", Lane.CANDIDATE]
    assert list(codes) == [PRESENT, UNGRADED, UNGRADED, MISSING]


def test_columns_carry_weights_and_users() -> None:
    prefixes = [
        prefix("a", of="x", probability=0.5),
        prefix("b", of="y"),
        prefix("c", of="x", probability=0.1),
    ]

    found = tabulate(prefixes, [], [], behaviors=["b"], lanes=BOTH)

    assert list(found.weight) == [2, 1, 10]
    assert list(found.cluster) == [0, 1, 0]
    assert (found.behaviors, found.lanes) == (("b",), BOTH)


def test_rows_of_other_runs_lanes_and_behaviors_are_left_out() -> None:
    own = prefix("a")
    mine, other, stray = rollout(own.id), rollout(own.id, Lane.RECORDED), rollout("elsewhere")
    verdicts = [
        verdict(mine.id, Outcome.ABSENT),
        verdict(other.id, Outcome.PRESENT),
        verdict(stray.id, Outcome.PRESENT),
        verdict(mine.id, Outcome.PRESENT, behavior="unasked"),
    ]

    found = tabulate([own], [mine, other, stray], verdicts, behaviors=["b"], lanes=BOTH)

    assert {key: list(codes) for key, codes in found.outcome.items()} == {
        ("b", Lane.INCUMBENT): [MISSING],
        ("b", Lane.CANDIDATE): [ABSENT],
    }


def estimates(found: Columns) -> dict[Lane, Estimate]:
    return {each.lane: each for each in estimate(found)}


def test_ungraded_and_missing_are_counted_and_change_no_rate() -> None:
    some = [PRESENT] * 10 + [ABSENT] * 30
    plain = estimates(columns(some, some))[Lane.CANDIDATE]
    more = estimates(columns(some + [ABSENT] * 25, [*some, *[UNGRADED] * 20, *[MISSING] * 5]))

    found = more[Lane.CANDIDATE]
    assert (found.present, found.graded, found.ungraded, found.missing) == (10, 40, 20, 5)
    assert (found.rate, found.effective_n) == (plain.rate, plain.effective_n)
    assert (found.lower, found.upper, found.floor) == (plain.lower, plain.upper, plain.floor)


def test_what_the_unknown_could_have_shown_is_said_by_weight() -> None:
    codes = [PRESENT] * 10 + [ABSENT] * 60 + [UNGRADED] * 20 + [MISSING] * 10

    even = estimates(columns(codes, codes))[Lane.CANDIDATE]
    heavy = estimates(columns(codes, codes, weight=[1] * 90 + [9] * 10))[Lane.CANDIDATE]

    assert (even.least, even.most) == (0.1, 0.4)
    assert (even.least_n, even.most_n) == pytest.approx((100, 100), rel=0.02)
    assert heavy.least == 10 / 180
    assert heavy.most == pytest.approx((10 + 20 + 90) / 180)


def test_with_nothing_unknown_both_extremes_are_the_rate() -> None:
    codes = [PRESENT] * 10 + [ABSENT] * 30
    found = estimates(columns(codes, codes, cluster=[n // 2 for n in range(40)]))[Lane.CANDIDATE]

    assert found.least == found.most == found.rate
    assert found.least_n == found.most_n == found.effective_n


def test_what_a_turn_without_a_word_does_not_show_is_ungraded() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")
    calling = Message(role="assistant", content="", tool_calls=(call,))
    prefixes = [prefix(name) for name in "abcd"]
    texts = ["", " \n", ""]
    rollouts = [rollout(each.id, text=text) for each, text in zip(prefixes, texts, strict=False)]
    acting = Rollout(
        parent=prefixes[3].id, lane=Lane.CANDIDATE, messages=(calling,), stop=Stop.FINAL
    )
    outcomes = [Outcome.ABSENT, Outcome.ABSENT, Outcome.PRESENT, Outcome.ABSENT]
    rollouts.append(acting)
    verdicts = [verdict(r.id, outcome) for r, outcome in zip(rollouts, outcomes, strict=True)]

    found = tabulate(prefixes, rollouts, verdicts, behaviors=["b"], lanes=[Lane.CANDIDATE])

    codes = found.outcome["b", Lane.CANDIDATE]
    assert list(codes) == [UNGRADED, UNGRADED, PRESENT, ABSENT]


def test_an_empty_lane_gives_none_and_not_zero() -> None:
    found = estimates(columns([MISSING] * 9, [UNGRADED] * 9))

    for each, ungraded, missing in (
        (found[Lane.INCUMBENT], 0, 9),
        (found[Lane.CANDIDATE], 9, 0),
    ):
        assert (each.graded, each.ungraded, each.missing) == (0, ungraded, missing)
        assert {each.rate, each.lower, each.upper, each.simple_lower, each.floor} == {None}


def test_a_behavior_never_seen_has_an_upper_end_and_a_floor_above_zero() -> None:
    found = estimates(columns([ABSENT] * 100, [ABSENT] * 100))[Lane.CANDIDATE]

    assert (found.rate, found.lower) == (0.0, 0.0)
    assert found.upper is not None
    assert found.upper > 0.03
    assert found.floor == pytest.approx(1 - 0.05 ** (1 / 100), rel=0.01)


def test_independent_turns_get_wilson_s_interval() -> None:
    codes = [PRESENT] * 30 + [ABSENT] * 170
    found = estimates(columns(codes, codes))[Lane.CANDIDATE]

    exact = binomtest(30, 200).proportion_ci(method="wilson")
    assert (found.simple_lower, found.simple_upper) == pytest.approx((exact.low, exact.high))
    assert (found.lower, found.upper) == pytest.approx((exact.low, exact.high), abs=1e-3)


def test_users_who_repeat_themselves_widen_the_interval() -> None:
    codes = [PRESENT] * 50 + [ABSENT] * 150
    found = estimates(columns(codes, codes, cluster=[n // 10 for n in range(200)]))[Lane.CANDIDATE]

    assert found.users == 20
    assert found.effective_n < 25
    assert found.lower is not None
    assert found.simple_lower is not None
    assert found.lower < found.simple_lower - 0.03


def test_a_unit_drawn_with_half_the_chance_counts_twice() -> None:
    codes = [PRESENT] * 20 + [ABSENT] * 40
    found = estimates(columns(codes, codes, weight=[2.0] * 20 + [1.0] * 40))

    assert found[Lane.CANDIDATE].rate == pytest.approx(0.5)


def test_changes_are_paired_on_prefixes_graded_in_both_lanes() -> None:
    both = [(PRESENT, PRESENT)] * 5 + [(ABSENT, ABSENT)] * 50
    moved = [(ABSENT, PRESENT)] * 30 + [(PRESENT, ABSENT)] * 2
    lost = [(PRESENT, MISSING)] * 8 + [(UNGRADED, PRESENT)] * 8
    before, after = zip(*both, *moved, *lost, strict=True)

    (found,) = compare(columns(before, after), *BOTH)

    assert (found.pairs, found.both, found.only_before, found.only_after) == (87, 5, 2, 30)
    assert found.difference == pytest.approx(28 / 87)
    assert found.p_pairs == pytest.approx(binomtest(2, 32).pvalue)
    assert found.direction is Direction.UP
    assert found.lower is not None
    assert found.upper is not None
    assert 0 < found.lower < 28 / 87 < found.upper


def test_the_other_order_is_the_mirror_image() -> None:
    given = columns([PRESENT] * 5 + [ABSENT] * 60, [PRESENT] * 25 + [ABSENT] * 40)

    (up,) = compare(given, Lane.INCUMBENT, Lane.CANDIDATE)
    (down,) = compare(given, Lane.CANDIDATE, Lane.INCUMBENT)

    assert (up.direction, down.direction) == (Direction.UP, Direction.DOWN)
    assert down.difference == pytest.approx(-(up.difference or 0))
    assert (down.lower, down.upper) == pytest.approx((-(up.upper or 0), -(up.lower or 0)))
    assert down.multiplicative_error == pytest.approx(up.multiplicative_error)
    assert (up.ratio or 0) * (down.ratio or 0) == pytest.approx(1)


def test_lanes_without_a_common_prefix_have_no_change() -> None:
    (found,) = compare(columns([PRESENT, MISSING], [MISSING, PRESENT]), *BOTH)

    assert found.pairs == 0
    assert {found.difference, found.lower, found.ratio, found.p_value, found.q_value} == {None}
    assert found.direction is Direction.UNCLEAR


def test_equal_lanes_are_not_called_changed() -> None:
    (found,) = compare(columns([PRESENT] * 40, [PRESENT] * 40), *BOTH)

    assert (found.difference, found.p_value, found.direction) == (0, 1, Direction.UNCLEAR)


def test_one_user_s_many_turns_prove_no_direction() -> None:
    turns = 60
    (found,) = compare(columns([ABSENT] * turns, [PRESENT] * turns, cluster=[0] * turns), *BOTH)

    assert found.p_pairs is not None
    assert found.p_pairs < 1e-9
    assert (found.users, found.p_value, found.direction) == (1, 1.0, Direction.UNCLEAR)


def test_a_direction_needs_the_q_value_and_not_only_the_p_value() -> None:
    # Alone 1 against 8 is significant (p = 0.039); beside 19 behaviors that do not move it is not.
    quiet = np.zeros(100, dtype=np.int8)
    before, after = quiet.copy(), quiet.copy()
    before[:1], after[1:9] = PRESENT, PRESENT
    outcome = {}
    for number in range(20):
        name = f"b{number}"
        outcome[name, Lane.INCUMBENT] = before if number == 0 else quiet
        outcome[name, Lane.CANDIDATE] = after if number == 0 else quiet
    whole = Columns(weight=np.ones(100), cluster=np.arange(100), outcome=outcome)
    alone = replace(whole, outcome={key: v for key, v in outcome.items() if key[0] == "b0"})

    assert compare(alone, *BOTH)[0].direction is Direction.UP
    crowded = compare(whole, *BOTH)[0]
    assert crowded.p_value == pytest.approx(0.0390625)
    assert crowded.q_value == pytest.approx(0.78125)
    assert crowded.direction is Direction.UNCLEAR


def test_from_records_to_a_rate() -> None:
    given = [
        (f"p{n}", Lane.CANDIDATE, Outcome.PRESENT if n < 3 else Outcome.ABSENT) for n in range(12)
    ]
    found = tabulate(*rates(given), behaviors=["b"], lanes=[Lane.CANDIDATE])

    assert estimates(found)[Lane.CANDIDATE].rate == 0.25


def test_a_direction_is_not_claimed_against_the_users_who_moved() -> None:
    # Ten users lose the behavior in one turn each, one user gains it in sixty: the sign test over
    # users is significant downwards, the rate went up, and neither may be claimed.
    before = [PRESENT] * 10 + [ABSENT] * 60
    after = [ABSENT] * 10 + [PRESENT] * 60
    cluster = [*range(10), *[10] * 60]

    (found,) = compare(columns(before, after, cluster=cluster), *BOTH)

    assert found.q_value is not None
    assert found.q_value < 0.05
    assert (found.difference or 0) > 0
    assert found.direction is Direction.UNCLEAR


def test_a_prefix_outside_in_one_lane_is_so_in_all_even_where_an_answer_is_missing() -> None:
    prefixes = [prefix("a", probability=0.5), prefix("b")]
    recorded = [rollout(each.id, Lane.RECORDED) for each in prefixes]
    verdicts = [
        verdict(recorded[0].id, Outcome.OUTSIDE),
        verdict(recorded[1].id, Outcome.ABSENT),
    ]
    lanes = (Lane.RECORDED, Lane.CANDIDATE)

    found = tabulate(prefixes, recorded, verdicts, behaviors=["b"], lanes=lanes)
    of_recorded, of_candidate = estimate(found)

    assert list(found.outcome["b", Lane.CANDIDATE]) == [OUTSIDE, MISSING]
    assert (of_candidate.outside, of_candidate.missing, of_candidate.most) == (1, 1, 1.0)
    assert of_recorded.outside_share == pytest.approx(2 / 3)
    assert (of_recorded.graded, of_recorded.rate) == (1, 0.0)


def test_a_behavior_that_is_defined_for_no_turn_has_no_rate() -> None:
    (found, _) = estimate(columns([OUTSIDE] * 3, [OUTSIDE] * 3))

    assert (found.rate, found.most, found.outside, found.outside_share) == (None, None, 3, 1.0)
