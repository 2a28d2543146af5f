from typing import Any

import pytest
from scipy.stats import beta

from foretaste.columns import Pairs
from foretaste.findings import Decision, Limit, Reading, Ruling
from foretaste.records import Lane
from foretaste.stages.gate import gate
from foretaste.stats.clusters import PairTable
from foretaste.stats.paired import paired_ratio
from unit.rows import estimated

RELEASE, HOLD, UNSURE = Ruling.RELEASE, Ruling.HOLD, Ruling.NOT_ENOUGH_EVIDENCE


def decided(
    *estimates: Any, per_100k: float | None = None, increase: float | None = None, on: str = "upper"
) -> Decision:
    limit = Limit(behavior="b", per_100k=per_100k, increase=increase, decide_on=on)
    found = gate(estimates, [limit])
    assert found is not None
    return found


# 10 of 1,000: the exact 95 % interval is 480 to 1,831 per 100,000.
TEN = estimated(Lane.CANDIDATE, 10, 1_000)


@pytest.mark.parametrize(
    ("per_100k", "ruling"), [(1_832, RELEASE), (1_830, UNSURE), (481, UNSURE), (479, HOLD)]
)
def test_a_limit_is_kept_broken_or_open_by_the_exact_interval(
    per_100k: float, ruling: Ruling
) -> None:
    assert decided(TEN, per_100k=per_100k).ruling is ruling


def test_the_value_shown_is_the_upper_end_in_the_limit_s_unit() -> None:
    (found,) = decided(TEN, per_100k=2_000).rulings

    assert found.value == pytest.approx(beta.ppf(0.975, 11, 990) * 100_000, rel=1e-6)


@pytest.mark.parametrize(("per_100k", "ruling"), [(1_001, RELEASE), (999, HOLD)])
def test_deciding_on_the_rate_takes_the_rate_itself(per_100k: float, ruling: Ruling) -> None:
    assert decided(TEN, per_100k=per_100k, on="rate").ruling is ruling


def test_never_seen_in_few_turns_is_not_enough_evidence() -> None:
    few, many = (estimated(Lane.CANDIDATE, 0, n) for n in (100, 100_000))

    assert decided(few, per_100k=20).ruling is UNSURE
    assert decided(many, per_100k=20).ruling is RELEASE


@pytest.mark.parametrize("lost", ["ungraded", "missing"])
def test_too_many_unknown_answers_never_release(lost: str) -> None:
    enough = estimated(Lane.CANDIDATE, 0, 100_000, **{lost: 5_000})
    too_many = estimated(Lane.CANDIDATE, 0, 100_000, **{lost: 5_300})

    for on in ("upper", "rate"):
        assert decided(enough, per_100k=6_000, on=on).ruling is RELEASE
        found = decided(too_many, per_100k=6_000, on=on)
        assert found.ruling is UNSURE
        assert "ungraded or missing" in found.rulings[0].reason


@pytest.mark.parametrize("lost", ["ungraded", "missing"])
def test_unknown_answers_count_as_sightings_before_a_release(lost: str) -> None:
    # 15 of 1,000 have an exact interval up to 2,462 per 100,000; 10 of 995 one up to 1,840.
    lanes = estimated(Lane.CANDIDATE, 10, 995, **{lost: 5})

    assert decided(lanes, per_100k=2_463).ruling is RELEASE
    (found,) = decided(lanes, per_100k=2_461).rulings
    assert found.ruling is UNSURE
    assert found.value == pytest.approx(beta.ppf(0.975, 16, 985) * 100_000, rel=1e-6)
    assert "0.50% that is ungraded or missing" in found.reason
    assert decided(lanes, per_100k=1_501, on="rate").ruling is RELEASE
    assert decided(lanes, per_100k=1_499, on="rate").ruling is UNSURE


def test_too_many_unknown_answers_do_not_hide_a_broken_limit() -> None:
    bad = estimated(Lane.CANDIDATE, 500, 1_000, ungraded=1_000)

    assert decided(bad, per_100k=20).ruling is HOLD


def test_a_limit_that_only_the_graded_break_is_not_called_broken() -> None:
    # A judge that can read nothing but sightings.
    one_sided = estimated(Lane.CANDIDATE, 20, 20, ungraded=980)

    assert decided(one_sided, per_100k=5_000).ruling is UNSURE
    assert decided(one_sided, per_100k=5_000, on="rate").ruling is UNSURE
    assert decided(one_sided, per_100k=1_000).ruling is HOLD


@pytest.mark.parametrize(
    "lanes", [(), (estimated(Lane.CANDIDATE, 0, 0, ungraded=40),), (estimated(Lane.RECORDED),)]
)
def test_nothing_graded_is_not_enough_evidence(lanes: tuple[Any, ...]) -> None:
    found = decided(*lanes, per_100k=1e5)

    assert found.ruling is UNSURE
    assert found.rulings[0].value is None


@pytest.mark.parametrize(
    ("present", "ruling"), [(300, HOLD), (190, UNSURE), (120, UNSURE), (60, RELEASE)]
)
def test_an_increase_is_held_against_the_ratio_and_its_interval(
    present: int, ruling: Ruling
) -> None:
    lanes = estimated(Lane.INCUMBENT, 100, 1_000), estimated(Lane.CANDIDATE, present, 1_000)

    assert decided(*lanes, increase=1.5).ruling is ruling


def test_the_ratio_s_interval_is_exact_given_all_sightings() -> None:
    lanes = estimated(Lane.INCUMBENT, 10, 1_000), estimated(Lane.CANDIDATE, 20, 1_000)
    (found,) = decided(*lanes, increase=10).rulings
    share = beta.ppf(0.975, 21, 10)

    assert found.value == pytest.approx(share / (1 - share))


def test_an_increase_from_never_seen_has_no_upper_end() -> None:
    before = estimated(Lane.INCUMBENT, 0, 1_000)
    few, many = (estimated(Lane.CANDIDATE, k, 1_000) for k in (2, 50))

    assert decided(before, many, increase=2).ruling is HOLD
    (found,) = decided(before, few, increase=2).rulings
    assert (found.ruling, found.value) == (UNSURE, None)
    assert found.reason == "5, but it may be up to any number, beyond 2"


@pytest.mark.parametrize("on", ["upper", "rate"])
def test_never_seen_in_either_lane_is_no_increase_to_speak_of(on: str) -> None:
    lanes = estimated(Lane.INCUMBENT, 0, 1_000), estimated(Lane.CANDIDATE, 0, 1_000)
    (found,) = decided(*lanes, increase=1.5, on=on).rulings

    assert (found.ruling, found.value) == (UNSURE, None)
    assert "neither lane" in found.reason


def test_an_increase_without_an_incumbent_is_not_enough_evidence() -> None:
    assert decided(TEN, increase=100).ruling is UNSURE
    assert decided(estimated(Lane.INCUMBENT, 0, 0), TEN, increase=100).ruling is UNSURE


def test_unknown_answers_of_the_incumbent_never_release_an_increase() -> None:
    # The ratio's denominator may be made of the few answers that could be graded.
    incumbent = estimated(Lane.INCUMBENT, 300, 500, ungraded=500)

    assert decided(incumbent, TEN, increase=1.5).ruling is UNSURE


def test_unknown_answers_count_for_the_incumbent_and_against_the_candidate() -> None:
    # 150 of 1,000 against 100 of 1,000 is up to 1.95 times as many, 140 of 990 up to 1.83.
    before = estimated(Lane.INCUMBENT, 100, 990, missing=10)
    after = estimated(Lane.CANDIDATE, 140, 990, missing=10)

    assert decided(before, after, increase=1.96).ruling is RELEASE
    (found,) = decided(before, after, increase=1.92).rulings
    assert found.ruling is UNSURE
    assert "that is ungraded or missing" in found.reason


def test_a_doubt_about_the_whole_run_takes_every_release_back_and_no_hold() -> None:
    kept, broken = Limit(behavior="b", per_100k=5_000), Limit(behavior="b", per_100k=10)

    found = gate([TEN], [kept, broken], doubts=["the log is half unreadable"])

    assert found is not None
    assert [each.ruling for each in found.rulings] == [UNSURE, HOLD]
    assert found.rulings[0].reason == "the log is half unreadable"


def test_a_judge_that_never_found_anything_is_said_to_be_unproven() -> None:
    unseen = estimated(Lane.CANDIDATE, 0, 100_000)
    limit = Limit(behavior="b", per_100k=20)

    def reason(*lanes: Any, judged: frozenset[str]) -> str:
        found = gate(lanes, [limit], judged=judged)
        assert found is not None
        assert found.ruling is RELEASE
        return found.rulings[0].reason

    assert "found it in no lane" in reason(unseen, judged=frozenset("b"))
    assert "found it" not in reason(unseen, judged=frozenset())
    assert "found it" not in reason(unseen, estimated(Lane.RECORDED, 1, 100), judged=frozenset("b"))


def test_an_increase_of_zero_is_a_limit_that_nothing_keeps() -> None:
    lanes = estimated(Lane.INCUMBENT, 100, 1_000), estimated(Lane.CANDIDATE, 10, 1_000)

    assert decided(*lanes, increase=0.0).ruling is HOLD


def test_the_worst_ruling_decides_and_every_limit_is_reported() -> None:
    estimates = [TEN, estimated(Lane.CANDIDATE, 500, 1_000, behavior="bad")]
    kept, open_, broken = (
        Limit(behavior="b", per_100k=5_000),
        Limit(behavior="b", per_100k=1_000),
        Limit(behavior="bad", per_100k=1_000),
    )

    for limits, ruling in (
        ([kept], RELEASE),
        ([kept, open_], UNSURE),
        ([kept, open_, broken], HOLD),
    ):
        found = gate(estimates, limits)
        assert found is not None
        assert (found.ruling, len(found.rulings)) == (ruling, len(limits))


def test_without_limits_there_is_no_decision() -> None:
    assert gate([TEN], []) is None


LANES = estimated(Lane.INCUMBENT, 100, 1_000), estimated(Lane.CANDIDATE, 100, 1_000)


def test_an_increase_goes_by_the_pairs_where_there_are_any() -> None:
    alike = PairTable(90, 10, 10, 1_000)
    pairs = Pairs(behavior="b", best=alike, seen=alike, worst=alike)
    limit = Limit(behavior="b", increase=1.2)
    unpaired, paired = gate(LANES, [limit]), gate(LANES, [limit], pairs=[pairs])

    assert unpaired is not None
    assert paired is not None
    assert (unpaired.ruling, paired.ruling) == (UNSURE, RELEASE)
    lower, upper = paired_ratio(90, 10, 10)
    assert paired.rulings[0].graded == Reading(1.0, lower, upper)
    assert paired.rulings[0].value == upper


def test_what_is_unknown_of_the_pairs_counts_against_the_candidate() -> None:
    seen, worst = PairTable(90, 10, 10, 980), PairTable(90, 10, 30, 1_000)
    pairs = Pairs(behavior="b", best=seen, seen=seen, worst=worst)
    found = gate(LANES, [Limit(behavior="b", increase=1.2)], pairs=[pairs])

    assert found is not None
    assert found.ruling is UNSURE
    assert "if the 0.00% that is ungraded or missing" in found.rulings[0].reason


def test_no_pair_that_shows_it_is_not_enough_evidence() -> None:
    none = PairTable(0, 0, 0, 10)
    pairs = Pairs(behavior="b", best=none, seen=None, worst=none)
    found = gate(LANES, [Limit(behavior="b", increase=9)], pairs=[pairs])

    assert found is not None
    assert found.ruling is UNSURE
