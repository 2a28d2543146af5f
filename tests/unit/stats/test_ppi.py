from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.errors import InsufficientData
from foretaste.stats.clusters import MIN_POSITIVE_CLUSTERS, clustered_rate
from foretaste.stats.ppi import ppi
from foretaste.stats.proportion import wilson

Floats = npt.NDArray[np.float64]

PLACE, OTHER = np.arange(600), np.arange(4_000)
TRUTH = (PLACE % 5 < 2).astype(float)
JUDGED = np.where(PLACE % 7 == 0, 1 - TRUTH, TRUTH)
UNLABELLED = ((OTHER % 5 < 2) ^ (OTHER % 7 == 3)).astype(float)


def drawn(
    rng: np.random.Generator,
    rate: float,
    se: float,
    sp: float,
    users: int,
    labelled: int,
    talk: int,
) -> tuple[tuple[Floats, Floats, Floats], dict[str, Any]]:
    """Users of `talk` turns who differ; all turns of some of them are labelled."""
    own = rng.beta(rate * 2, (1 - rate) * 2, users)
    cluster = np.repeat(np.arange(users), talk)
    shows = rng.random(len(cluster)) < (own[cluster] if talk > 1 else rate)
    judged = np.where(shows, rng.random(len(cluster)) < se, rng.random(len(cluster)) > sp)
    known = cluster < labelled
    return (
        shows[known].astype(float),
        judged[known].astype(float),
        judged[~known].astype(float),
    ), {
        "cluster": cluster[known],
        "unlabelled_cluster": cluster[~known],
    }


def test_the_rate_and_its_interval_are_ppi_py_s() -> None:
    # ppi-python 0.2.3, `ppi_mean_pointestimate` and `ppi_mean_ci`, which takes a normal interval
    # and the variance of the verdicts from both samples pooled.
    found = ppi(TRUTH, JUDGED, UNLABELLED)
    weighted = ppi(TRUTH, JUDGED, UNLABELLED, weight=1 + PLACE % 3, unlabelled_weight=1 + OTHER % 2)

    assert found.rate == pytest.approx(0.401265, abs=2e-6)
    assert found[1:3] == pytest.approx((0.371749, 0.430781), abs=1e-3)
    assert weighted.rate == pytest.approx(0.401906, abs=1e-4)
    assert weighted[1:3] == pytest.approx((0.369755, 0.434057), abs=1.5e-3)


def test_lambda_is_the_closed_form_for_independent_items() -> None:
    found = ppi(TRUTH, JUDGED, UNLABELLED)
    covariance = np.cov(TRUTH, JUDGED, ddof=0)[0, 1]
    lam = covariance / (JUDGED.var() + len(PLACE) / len(OTHER) * UNLABELLED.var())

    assert found.lam == pytest.approx(lam)
    assert found.rate == pytest.approx(lam * UNLABELLED.mean() + (TRUTH - lam * JUDGED).mean())


def test_the_effective_n_is_that_of_the_published_variance() -> None:
    found = ppi(TRUTH, JUDGED, UNLABELLED)
    variance = (TRUTH - found.lam * JUDGED).var() / 600 + found.lam**2 * UNLABELLED.var() / 4_000
    limits = wilson(found.rate * found.effective_n, found.effective_n)

    assert found.effective_n == pytest.approx(found.rate * (1 - found.rate) / variance, rel=2e-3)
    assert found.effective_n > found.labels == 600
    assert found[1:3] == limits


def test_a_useless_judge_does_no_harm() -> None:
    found = ppi(TRUTH, 1 - JUDGED, 1 - UNLABELLED)

    assert (found.lam, found.rate) == (0.0, TRUTH.mean())
    assert found[1:3] == pytest.approx(wilson(240, 599), abs=1e-3)


@pytest.mark.parametrize(
    ("truth", "judged", "unlabelled"),
    [
        (TRUTH, TRUTH, UNLABELLED),  # no label unlike its verdict
        (TRUTH * (PLACE < 9), JUDGED, UNLABELLED),  # hardly any label is present
        (TRUTH, JUDGED, []),
        (TRUTH, np.full(600, 0.5), np.full(4_000, 0.5)),
        (TRUTH, JUDGED * 0, UNLABELLED * 0),
    ],
)
def test_where_lambda_would_be_luck_the_labels_speak_alone(
    truth: Floats, judged: Floats, unlabelled: Floats
) -> None:
    found = ppi(truth, judged, unlabelled)
    alone = clustered_rate(truth, np.arange(600))

    assert (found.lam, found.rate, found.effective_n) == (0.0, alone.rate, alone.effective_n)


def test_verdicts_that_would_push_the_rate_to_zero_are_left_aside() -> None:
    truth, judged = np.arange(200) < 20, np.arange(200) < 25
    found = ppi(truth, judged, np.zeros(4_000))

    assert (found.lam, found.rate) == (0.0, 0.1)


def test_a_score_is_taken_as_a_verdict_is() -> None:
    rng = np.random.default_rng(3)
    share = rng.beta(0.5, 0.5, 4_600)
    truth = (rng.random(4_600) < share).astype(float)
    score, verdict = (
        ppi(truth[:600], f[:600], f[600:]) for f in (share, (share > 0.5).astype(float))
    )

    assert score.effective_n > verdict.effective_n > 600


def test_turns_of_users_who_always_say_the_same_count_once() -> None:
    one = ppi(TRUTH, JUDGED, UNLABELLED)
    found = ppi(
        np.repeat(TRUTH, 3),
        np.repeat(JUDGED, 3),
        np.repeat(UNLABELLED, 3),
        cluster=np.repeat(PLACE, 3),
        unlabelled_cluster=np.repeat(600 + OTHER, 3),
    )

    assert found.labels == 1_800
    assert found[:5] == pytest.approx(one[:5])


def test_a_user_on_both_sides_is_one_cluster() -> None:
    rng = np.random.default_rng(7)
    user, own = rng.integers(0, 60, 2_400), rng.beta(0.6, 1.4, 60)
    shows = rng.random(2_400) < own[user]
    judged = np.where(rng.random(2_400) < 0.1, ~shows, shows)
    known = np.arange(2_400) < 600
    found = ppi(
        shows[known],
        judged[known],
        judged[~known],
        cluster=user[known],
        unlabelled_cluster=user[~known],
    )
    rates = []
    for left_out in range(60):
        kept, rest = known & (user != left_out), ~known & (user != left_out)
        rates.append(found.lam * judged[rest].mean() + (shows - found.lam * judged)[kept].mean())

    # The delete-a-user jackknife, at the same lambda.
    variance = 59 / 60 * np.sum((np.array(rates) - np.mean(rates)) ** 2)
    assert found.rate * (1 - found.rate) / found.effective_n == pytest.approx(variance, rel=0.05)


@given(
    st.lists(st.tuples(*[st.booleans()] * 2, st.integers(0, 20)), min_size=1, max_size=80),
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=80),
)
def test_the_rate_lies_in_its_interval_and_absence_mirrors(
    labelled: list[tuple[bool, bool, int]], rest: list[tuple[bool, int]]
) -> None:
    truth, judged, cluster = (np.array(column, dtype=int) for column in zip(*labelled, strict=True))
    unlabelled = np.array([f for f, _ in rest], dtype=int)
    names: dict[str, Any] = {
        "cluster": cluster,
        "unlabelled_cluster": np.array([c for _, c in rest], dtype=int),
    }
    found = ppi(truth, judged, unlabelled, **names)
    absent = ppi(1 - truth, 1 - judged, 1 - unlabelled, **names)

    assert 0 <= found.lower <= found.rate <= found.upper <= 1
    assert 0 <= found.lam <= 1
    assert (1 - absent.upper, 1 - absent.lower) == pytest.approx(found[1:3], abs=1e-9)


def test_no_labels_are_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        ppi([], [], UNLABELLED)


@pytest.mark.parametrize(
    "wrong",
    [
        {"truth": [1, 0.5]},
        {"judged": [1, 2]},
        {"judged": [1]},
        {"unlabelled": [np.nan]},
        {"weight": [1, 0]},
        {"unlabelled_weight": [1, 1]},
        {"cluster": [0, 1]},
        {"cluster": [0, 1], "unlabelled_cluster": [-1]},
        {"level": 0},
    ],
)
def test_what_is_no_sample_is_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"truth": [1, 0], "judged": [1, 0], "unlabelled": [1]}

    with pytest.raises(ValueError, match=r"0 or 1|between 0 and 1|verdicts|weights|cluster"):
        ppi(**given | wrong)


@pytest.mark.parametrize(
    ("rate", "se", "sp", "users", "labelled", "talk"),
    [
        (0.3, 0.9, 0.9, 2_100, 100, 1),
        (0.1, 0.9, 0.95, 5_300, 300, 1),
        (0.02, 0.9, 0.98, 6_500, 500, 1),
        (0.9, 0.95, 0.9, 5_300, 300, 1),
        (0.3, 0.9, 0.9, 900, 80, 5),
    ],
)
def test_the_interval_covers_whether_or_not_the_judge_is_used(
    rate: float, se: float, sp: float, users: int, labelled: int, talk: int
) -> None:
    rng = np.random.default_rng(44)
    covered = used = 0
    for _ in range(500):
        arrays, names = drawn(rng, rate, se, sp, users, labelled, talk)
        found = ppi(*arrays, **names)
        covered += found.lower <= rate <= found.upper
        used += found.lam > 0

    # Three standard errors of the simulation below 0.94, which is what it was found to cover.
    assert covered >= 454
    assert used > 250
    assert MIN_POSITIVE_CLUSTERS == 5
