import pytest
from scipy.stats import beta, betabinom

from foretaste.forecasts import Forecast
from foretaste.records import Lane
from foretaste.stages.forecast import forecast
from unit.rows import estimated

RECORDED = estimated(Lane.RECORDED, 40, 1000)
INCUMBENT = estimated(Lane.INCUMBENT, 80, 1000)
CANDIDATE = estimated(Lane.CANDIDATE, 160, 1000)


def by_method(*lanes: object, turns: int = 10_000) -> dict[str, Forecast]:
    return {each.method: each for each in forecast(lanes, turns=turns)}  # type: ignore[arg-type]


def test_the_direct_belief_is_jeffreys_beta_of_the_candidate_s_counts() -> None:
    found = by_method(CANDIDATE)["direct"]

    assert (found.a, found.b) == (160.5, 840.5)
    assert found.rate == pytest.approx(160.5 / 1001)
    assert (found.lower, found.upper) == pytest.approx(beta(160.5, 840.5).interval(0.95))
    assert (found.turns_lower, found.turns_upper) == betabinom(10_000, 160.5, 840.5).interval(0.95)
    assert (found.events, found.graded, found.turns) == (160, 1000, 10_000)


def test_the_anchored_forecast_is_production_s_rate_times_the_replayed_ratio() -> None:
    found = by_method(RECORDED, INCUMBENT, CANDIDATE)

    # Both models show the behavior twice as often in replay: 4 % x (16 % / 8 %).
    assert found["ratio-anchored"].rate == pytest.approx(0.08, rel=0.1)
    assert found["direct"].rate == pytest.approx(0.16, rel=0.05)
    wide = found["ratio-anchored"].upper - found["ratio-anchored"].lower
    assert wide > 0.02


def test_an_anchored_belief_holds_the_doubt_about_all_three_lanes() -> None:
    few = estimated(Lane.INCUMBENT, 8, 100)
    sure = by_method(RECORDED, INCUMBENT, CANDIDATE)["ratio-anchored"]
    unsure = by_method(RECORDED, few, CANDIDATE)["ratio-anchored"]

    assert unsure.upper / unsure.lower > 1.5 * sure.upper / sure.lower


@pytest.mark.parametrize("lanes", [(CANDIDATE,), (RECORDED, CANDIDATE), (INCUMBENT, CANDIDATE)])
def test_without_recorded_and_incumbent_only_the_direct_forecast_is_made(
    lanes: tuple[object, ...],
) -> None:
    assert set(by_method(*lanes)) == {"direct"}


def test_nothing_graded_in_the_candidate_lane_means_no_forecast_and_not_zero() -> None:
    nothing = estimated(Lane.CANDIDATE, 0, 0, ungraded=50)

    assert forecast([RECORDED, INCUMBENT, nothing], turns=100) == ()


def test_clusters_widen_a_forecast_by_the_effective_n() -> None:
    clustered = estimated(Lane.CANDIDATE, 160, 1000, effective_n=100.0)

    assert (by_method(clustered)["direct"].a, by_method(clustered)["direct"].b) == (16.5, 84.5)


def test_today_s_rate_is_unknown_without_a_recorded_lane() -> None:
    assert by_method(CANDIDATE)["direct"].today is None
    assert by_method(RECORDED, CANDIDATE)["direct"].today == 0.04


def test_never_seen_is_forecast_above_zero() -> None:
    found = by_method(estimated(Lane.CANDIDATE, 0, 500))["direct"]

    assert 0 < found.lower < found.rate < found.upper < 0.01


def test_each_behavior_is_forecast_from_its_own_lanes() -> None:
    other = estimated(Lane.CANDIDATE, 1, 1000, behavior="other")

    found = {each.behavior: each for each in forecast([CANDIDATE, other], turns=10)}

    assert found["b"].rate > 100 * found["other"].rate
