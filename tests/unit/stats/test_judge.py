from math import sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foretaste.errors import InsufficientData
from foretaste.stats.judge import Counted, accuracy, rogan_gladen, two_phase
from foretaste.stats.proportion import jeffreys, normal_quantile

SURE = 1e12
counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_rate_is_rogan_and_gladens() -> None:
    found = rogan_gladen((120, 1_000), (45, 50), (190, 200))

    assert found.rate == pytest.approx((0.12 + 0.95 - 1) / (0.9 + 0.95 - 1))
    assert (found.flag_rate, found.sensitivity, found.specificity) == (0.12, 0.9, 0.95)


@pytest.mark.parametrize(("k", "n"), [(30, 500), (120, 263), (990, 1_000)])
def test_a_judge_known_never_to_err_leaves_agresti_and_coulls_interval(k: int, n: int) -> None:
    # Agresti and Coull 1998: the centre of Wilson's interval, and its n.
    z = normal_quantile(0.95)
    p = (k + z * z / 2) / (n + z * z)
    half = z * sqrt(p * (1 - p) / (n + z * z))
    found = rogan_gladen((k, n), (SURE, SURE), (SURE, SURE))

    assert found.rate == pytest.approx(k / n)
    assert found[1:3] == pytest.approx((p - half, min(1, p + half)), abs=1e-9)


def test_a_rare_behavior_gets_the_uselessly_wide_interval_that_method_md_warns_of() -> None:
    # 10 per 100,000, Se 0.85, Sp 0.9999, 2,000 labelled negatives: about 78 per 100,000.
    found = rogan_gladen((37, 200_000), (170, 200), (1_999.8, 2_000))

    assert (found.upper - found.lower) * 100_000 == pytest.approx(78, abs=3)


@given(counts, counts, counts)
@example((0, 1), (1, 1), (999, 1000))
def test_the_corrected_rate_lies_in_its_interval(
    flagged: Counted, sensitivity: Counted, specificity: Counted
) -> None:
    try:
        found = rogan_gladen(flagged, sensitivity, specificity)
    except InsufficientData:
        return

    assert 0 <= found.lower <= found.rate <= found.upper <= 1


def test_a_judge_no_better_than_a_coin_is_insufficient_data() -> None:
    for sensitivity, specificity in (((5, 10), (5, 10)), ((1, 10), (8, 10)), ((1, 1), (0, 900))):
        with pytest.raises(InsufficientData, match="coin"):
            rogan_gladen((3, 10), sensitivity, specificity)
    with pytest.raises(InsufficientData):
        rogan_gladen((3, 10), (0, 0), (9, 10))


def test_more_labels_make_the_interval_narrower() -> None:
    few, many = (rogan_gladen((50, 500), (9 * m, 10 * m), (19 * m, 20 * m)) for m in (5, 50))

    assert many.rate == few.rate
    assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize(
    ("rate", "se", "sp", "n", "positives", "negatives"),
    [
        (0.1, 0.9, 0.95, 500, 100, 100),
        (0.02, 0.85, 0.99, 2_000, 100, 500),
        (0.5, 0.7, 0.8, 300, 50, 50),
        (0.3, 0.6, 0.6, 1_000, 100, 100),
    ],
)
def test_lang_and_reiczigels_interval_covers(
    rate: float, se: float, sp: float, n: int, positives: int, negatives: int
) -> None:
    rng = np.random.default_rng(41)
    flagged = rng.binomial(n, rate * se + (1 - rate) * (1 - sp), 1_000)
    hits, passes = rng.binomial(positives, se, 1_000), rng.binomial(negatives, sp, 1_000)
    covered = made = 0
    for k, m1, m0 in zip(flagged, hits, passes, strict=True):
        try:
            found = rogan_gladen((k, n), (m1, positives), (m0, negatives))
        except InsufficientData:
            continue
        made += 1
        covered += found.lower <= rate <= found.upper

    # Three standard errors of the simulation below 0.95.
    assert made > 980
    assert covered / made >= 0.929


def test_the_two_phase_rate_is_what_the_flags_hold_plus_what_they_miss() -> None:
    found = two_phase((1_000, 100_000), (80, 100), (5, 1_000))

    assert found.rate == pytest.approx(0.01 * 0.8 + 0.99 * 0.005)
    assert (found.flag_rate, found.precision, found.omission) == (0.01, 0.8, 0.005)
    assert not found.lower_estimate


@pytest.mark.parametrize(("unflagged", "width"), [(2_000, 127), (20_000, 16)])
def test_labels_of_unflagged_items_decide_the_width(unflagged: int, width: float) -> None:
    # method.md 11.2, simulated: 200,000 turns, 10 per 100,000, every flagged one checked.
    found = two_phase((37, 200_000), (17, 37), (0, unflagged))

    assert found.upper is not None
    assert (found.upper - found.lower) * 100_000 == pytest.approx(width, rel=0.07)


def test_with_many_labels_the_width_is_that_of_the_variance_formula() -> None:
    w, ppv, miss, n1, n0, n = 0.3, 0.8, 0.1, 4e6, 9e6, 5e6
    found = two_phase((w * n, n), (ppv * n1, n1), (miss * n0, n0))
    variance = w**2 * ppv * (1 - ppv) / n1 + (1 - w) ** 2 * miss * (1 - miss) / n0
    variance += (ppv - miss) ** 2 * w * (1 - w) / n

    assert found.upper is not None
    assert found.upper - found.lower == pytest.approx(2 * 1.959964 * sqrt(variance), rel=1e-4)


def test_a_judge_found_never_to_err_leaves_jeffreys_interval() -> None:
    found = two_phase((12, 20_000), (SURE, SURE), (0, SURE))

    assert found[:3] == pytest.approx((12 / 20_000, *jeffreys(12, 20_000)), rel=1e-6)


def test_without_checks_of_unflagged_items_the_result_is_a_lower_estimate() -> None:
    flagged, confirmed = (200, 20_000), (80, 100)
    found, full = two_phase(flagged, confirmed), two_phase(flagged, confirmed, (30, 1_000))

    assert found.lower_estimate
    assert (found.upper, found.omission) == (None, None)
    assert found.rate == pytest.approx(0.008)
    assert found.lower < found.rate < full.rate


def test_where_nothing_was_flagged_the_misses_alone_speak() -> None:
    found = two_phase((0, 50_000), (0, 0), (0, 1_000))
    only_flags = two_phase((0, 50_000), (0, 0))

    assert (found.rate, found.lower, found.precision) == (0.0, 0.0, None)
    # Both at their worst: what may have gone unflagged, and flags that may yet come.
    assert found.upper == pytest.approx(
        np.hypot(jeffreys(0, 1_000).upper, jeffreys(0, 50_000).upper), rel=1e-2
    )
    assert (only_flags.rate, only_flags.lower, only_flags.upper) == (0.0, 0.0, None)


def test_where_everything_was_flagged_the_flags_alone_speak() -> None:
    found = two_phase((40, 40), (10, 20), (0, 0))
    flags = jeffreys(10, 20)

    # A little wider: there may be unflagged ones after all.
    assert (found.rate, found.omission) == (0.5, None)
    assert found.upper is not None
    assert flags.lower - 0.01 < found.lower < flags.lower
    assert flags.upper < found.upper < flags.upper + 0.01


def test_flags_that_nobody_checked_are_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        two_phase((5, 100), (0, 0), (1, 50))
    with pytest.raises(InsufficientData):
        two_phase((5, 100), (3, 5), (0, 0))
    with pytest.raises(InsufficientData):
        two_phase((0, 0), (0, 0))
    with pytest.raises(ValueError, match="no share"):
        two_phase((5, 100), (6, 5))


@given(counts, counts, counts)
def test_a_two_phase_rate_lies_in_its_interval_and_mirrors(
    flagged: Counted, confirmed: Counted, missed: Counted
) -> None:
    found = two_phase(flagged, confirmed, missed)
    absent = two_phase(
        flagged, (confirmed[1] - confirmed[0], confirmed[1]), (missed[1] - missed[0], missed[1])
    )

    assert found.upper is not None
    assert absent.upper is not None
    assert 0 <= found.lower <= found.rate <= found.upper <= 1
    assert (1 - absent.upper, 1 - absent.lower) == pytest.approx(
        (found.lower, found.upper), abs=1e-9
    )


@pytest.mark.parametrize(
    ("n", "share", "precision", "omission", "n1", "n0"),
    [
        (20_000, 0.001, 0.8, 1e-3, 200, 2_000),
        (20_000, 0.0005, 0.5, 0.0, 200, 1_000),
        (20_000, 0.01, 0.7, 0.002, 100, 500),
        (200_000, 0.001, 0.85, 1e-5, 200, 2_000),
        (5_000, 0.3, 0.9, 0.05, 100, 100),
        (500, 0.05, 0.6, 0.02, 20, 60),
    ],
)
def test_the_two_phase_interval_covers_rare_and_common_rates(
    n: int, share: float, precision: float, omission: float, n1: int, n0: int
) -> None:
    rng = np.random.default_rng(42)
    rate = share * precision + (1 - share) * omission
    covered = 0
    for k in rng.binomial(n, share, 1_000):
        m1 = min(int(k), n1)
        right, wrong = rng.binomial(m1, precision), rng.binomial(n0, omission)
        found = two_phase((k, n), (right, m1), (wrong, n0))
        assert found.upper is not None
        covered += found.lower <= rate <= found.upper

    # Three standard errors of the simulation below 0.95.
    assert covered >= 929


def test_a_judge_s_accuracy_is_that_of_both_sides_weighed_by_the_flag_rate() -> None:
    found = accuracy(0.2, (40, 50), (5, 100), rng=np.random.default_rng(1))

    assert found.sensitivity == pytest.approx(0.2 * 0.8 / (0.2 * 0.8 + 0.8 * 0.05))
    assert found.specificity == pytest.approx(0.8 * 0.95 / (0.8 * 0.95 + 0.2 * 0.2))
    assert found.sensitivity_range.lower < found.sensitivity < found.sensitivity_range.upper


def test_a_rare_behavior_s_sensitivity_is_hardly_known_where_no_miss_was_found() -> None:
    found = accuracy(0.002, (50, 50), (0, 100), rng=np.random.default_rng(1))

    assert found.sensitivity == 1
    assert found.sensitivity_range.lower < 0.2


@pytest.mark.parametrize(
    ("confirmed", "missed"), [((0, 9), (0, 9)), ((9, 9), (9, 9)), ((1, 2), (0, 0))]
)
def test_checks_that_show_one_thing_only_say_nothing_of_a_judge(
    confirmed: Counted, missed: Counted
) -> None:
    with pytest.raises(InsufficientData):
        accuracy(0.5, confirmed, missed, rng=np.random.default_rng(1))


def test_the_ranges_of_accuracy_cover_what_was_planted() -> None:
    rng, held = np.random.default_rng(3), []
    for _ in range(300):
        right, wrong = rng.binomial(60, 0.8), rng.binomial(60, 0.1)
        if right + wrong:
            found = accuracy(0.3, (right, 60), (wrong, 60), rng=rng, draws=2_000)
            low, high = found.sensitivity_range
            held.append(low <= 0.24 / 0.31 <= high)

    assert np.mean(held) >= 0.92
