import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from foretaste.stats.counts import chances, covered
from foretaste.stats.hierarchy import (
    CHANGE,
    FIDELITY,
    RELEASE,
    Floats,
    Foreseen,
    foresee,
    foresee_each,
    learn,
)
from foretaste.stats.posterior import Lanes

Counts = tuple[float, float]


def run(*behaviors: tuple[Counts, Counts, Counts], shared: float = 0.0) -> Lanes:
    recorded, incumbent, candidate = np.array(behaviors, dtype=float).transpose(1, 0, 2)
    return Lanes(recorded, incumbent, candidate, np.full(len(behaviors), shared))


def drawn(
    rng: np.random.Generator,
    behaviors: int,
    turns: int,
    *,
    change: float,
    fidelity: float,
    release: float,
) -> tuple[Lanes, Floats]:
    """A run and what production then showed, from the model itself."""
    u = special.logit(rng.beta(0.5, 0.5, behaviors).clip(1e-6, 1 - 1e-6))
    b, d = (rng.standard_t(2, behaviors) * scale for scale in (fidelity, change))
    e = rng.normal(0, release, behaviors)

    def shown(odds: Floats) -> Floats:
        k = rng.binomial(turns, special.expit(odds))
        return np.stack([k, np.full(behaviors, turns)], -1).astype(float)

    lanes = Lanes(shown(u), shown(u + b), shown(u + b + d), np.zeros(behaviors))
    return lanes, shown(u + d + e)


MIXED = run(
    ((6, 60), (7, 60), (20, 60)),
    ((0, 60), (0, 60), (1, 60)),
    ((30, 60), (28, 60), (29, 60)),
    ((3, 60), (5, 60), (2, 60)),
)


def test_the_parts_add_up_to_the_variance_of_the_belief_s_log_odds() -> None:
    for each in foresee(MIXED):
        p = each.belief.rate
        variance = 1 / (sum(each.belief) * p * (1 - p))

        assert each.sampling + each.fidelity + each.model == pytest.approx(variance)
        assert min(each.sampling, each.fidelity, each.model) > 0


counts = st.tuples(st.floats(0, 1), st.integers(5, 2_000)).map(lambda x: (x[0] * x[1], x[1]))


@settings(max_examples=25)
@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=4), st.floats(0, 0.9))
def test_presence_and_absence_are_foreseen_alike(
    behaviors: list[tuple[Counts, Counts, Counts]], shared: float
) -> None:
    mirrored = [tuple((n - k, n) for k, n in three) for three in behaviors]
    for one, other in zip(
        foresee(run(*behaviors, shared=shared)),
        foresee(run(*mirrored, shared=shared)),  # type: ignore[arg-type]
        strict=True,
    ):
        assert other.belief == pytest.approx(one.belief[::-1], rel=0.02)
        assert other.simulation == pytest.approx(one.simulation, abs=0.01)


@settings(max_examples=25)
@given(st.tuples(counts, counts, counts), st.floats(0, 0.9))
def test_a_belief_is_a_rate_with_the_doubt_of_the_lanes(
    three: tuple[Counts, Counts, Counts], shared: float
) -> None:
    (found,) = foresee(run(three, shared=shared))

    assert 0 < found.belief.rate < 1
    assert min(found.belief) > 0
    assert np.isfinite([*found.belief, *found[1:]]).all()


def test_more_data_of_the_candidate_brings_the_forecast_nearer_to_its_rate() -> None:
    away, pull = [], []
    for times in (1, 4, 16, 64):
        (found,) = foresee(run(((30, 60), (30, 60), (9 * times, 60 * times))))
        direct = special.logit((9 * times + 0.5) / (60 * times + 1))
        away.append(abs(special.logit(found.belief.rate) - direct))
        pull.append(found.simulation)

    assert away == sorted(away, reverse=True)
    assert pull == sorted(pull)
    assert away[-1] < 0.1


def test_where_no_behavior_changes_today_s_rate_pulls_harder() -> None:
    still = [((k, 600), (k, 600), (k, 600)) for k in (60, 120, 200, 300)]
    stirred = [((k, 600), (k, 600), (600 - k, 600)) for k in (60, 120, 200, 300)]
    one = ((50, 600), (50, 600), (70, 600))
    calm, wild = foresee(run(one, *still))[0], foresee(run(one, *stirred))[0]

    assert calm.today > wild.today
    assert calm.belief.rate < wild.belief.rate


def test_a_replay_that_misses_everywhere_is_anchored() -> None:
    # The replay triples the odds of everything, in both lanes.
    bent = [((k, 2_000), (3 * k, 2_000), (3 * k, 2_000)) for k in (40, 60, 80, 100, 120)]
    one = ((50, 2_000), (150, 2_000), (300, 2_000))
    found = foresee(run(one, *bent))[0]

    assert found.anchor > found.simulation
    assert found.belief.rate == pytest.approx(50 / 2_000 * 2, rel=0.25)


def budget(found: tuple[Foreseen, ...]) -> float:
    return sum(each.model for each in found)


def test_past_forecasts_that_came_true_narrow_and_wrong_ones_widen() -> None:
    rng = np.random.default_rng(11)
    scales = {"change": 0.4, "fidelity": 0.05}
    true, wrong = (
        sum(learn(*drawn(rng, 15, 400, release=release, **scales)) for _ in range(4))
        for release in (0.02, 1.0)
    )
    before = budget(foresee(MIXED))

    assert (
        budget(foresee(MIXED, np.asarray(true)))
        < before
        < budget(foresee(MIXED, np.asarray(wrong)))
    )


def test_what_was_learned_is_a_likelihood_for_each_combination_of_scales() -> None:
    rng = np.random.default_rng(2)
    told = learn(*drawn(rng, 5, 60, change=0.4, fidelity=0.1, release=0.1))

    assert told.shape == (len(FIDELITY), len(RELEASE))
    one, other = foresee(MIXED, told), foresee(MIXED, told + 1_000.0)
    for first, second in zip(one, other, strict=True):
        assert first.belief == pytest.approx(second.belief)


def test_a_behavior_that_could_not_be_graded_after_release_teaches_nothing() -> None:
    one = ((6, 60), (7, 60), (20, 60))
    other = ((30, 60), (28, 60), (29, 60))
    told = learn(run(one, other), np.array([[19.0, 60.0], [0.0, 0.0]]))

    np.testing.assert_allclose(told, learn(run(one), np.array([[19.0, 60.0]])), rtol=1e-9)


def test_many_runs_at_once_are_foreseen_as_each_alone() -> None:
    rng = np.random.default_rng(4)
    runs = [
        drawn(rng, size, 60, change=0.4, fidelity=0.1, release=0.1)[0] for size in (3, 1, 4) * 15
    ]
    past = [None, learn(MIXED, np.array([[18, 60], [0, 60], [30, 60], [3, 60]], dtype=float))]
    learned = [past[at % 2] for at in range(len(runs))]

    for found, lanes, told in zip(foresee_each(runs, learned), runs, learned, strict=True):
        alone = foresee(lanes, told)
        assert len(found) == len(alone)
        for each, same in zip(found, alone, strict=True):
            assert each.belief == pytest.approx(same.belief, rel=1e-6)


def test_one_behavior_s_belief_is_that_of_integration_over_all_values() -> None:
    three = ((6, 60), (9, 60), (20, 60))
    (found,) = foresee(run(three))
    stretched = np.sinh(np.linspace(-4.5, 4.5, 121)) / 10  # fine in the middle, out to 4.5
    width = np.gradient(stretched)
    u = np.linspace(-5, 3, 121)[:, None, None]
    b, d = stretched[:, None], stretched
    odds = (u, u + b, u + b + d)
    likely = sum(
        k * special.log_expit(at) + (n - k) * special.log_expit(-at)
        for (k, n), at in zip(three, odds, strict=True)
    )
    whole = np.exp(likely + (special.log_expit(u) + special.log_expit(-u)) / 2 + 150)
    change, fidelity = np.array(CHANGE), np.array(FIDELITY)

    def prior(scale: Floats, usual: float, x: Floats) -> Floats:
        # Half-Cauchy on an even grid of log scales, each with its t(2).
        weight = scale / (1 + (scale / usual) ** 2)
        t = stats.t.pdf(x / scale[:, None], 2) / scale[:, None]
        return np.asarray(weight @ t)

    joint = whole * (prior(fidelity, 0.05, stretched) * width)[:, None]
    joint = joint * prior(change, 0.8, stretched) * width
    joint /= joint.sum()
    after = u + d
    rate = float((joint * special.expit(after)).sum())
    mean = float((joint * after).sum())
    variance = float((joint * (after - mean) ** 2).sum())

    # Deviations are on a grid and each mode is taken for a mean: a few percent.
    assert found.belief.rate == pytest.approx(rate, rel=0.03)
    assert found.sampling + found.fidelity == pytest.approx(variance, rel=0.2)


def test_intervals_cover_where_the_model_is_right() -> None:
    rng = np.random.default_rng(20261122)
    held, whole = 0, 0
    runs = [
        drawn(rng, 15, 120, change=change, fidelity=fidelity, release=release)
        for change in (0.15, 0.8)
        for fidelity in (0.02, 0.25)
        for release in (0.1, 0.35)
        for _ in range(12)
    ]
    for (_, after), found in zip(
        runs, foresee_each([lanes for lanes, _ in runs], [None] * len(runs)), strict=True
    ):
        beliefs = np.array([each.belief for each in found])
        k, n = after.T
        held += int(covered(chances(beliefs[:, 0], beliefs[:, 1], n), k, [0.9]).sum())
        whole += len(found)

    # 1,440 forecasts: a standard error of 0.8 points.
    assert held / whole == pytest.approx(0.9, abs=0.03)
