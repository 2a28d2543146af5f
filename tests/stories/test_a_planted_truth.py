"""What a log was made with is what a run finds, as often as its intervals promise."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from scipy.stats import binom

import foretaste
from foretaste.findings import Direction, Study
from foretaste.forecasts import Scorecard
from foretaste.records import Lane
from stories.planted import changes, forecasts, holds, in_lane, plain_log, plan, says

BEFORE = {"alpha": 0.08, "bravo": 0.05, "charlie": 0.20}
AFTER = {"alpha": 0.16, "bravo": 0.05, "charlie": 0.10}
REPETITIONS = 20


class Told(NamedTuple):
    study: Study
    card: Scorecard


def told(folder: Path, *, users: int, seed: int) -> Told:
    """A run on a log of the old model, and its score on a log of the new one."""
    given = plan(
        folder,
        plain_log(folder / "before.jsonl", BEFORE, users=users, seed=seed),
        BEFORE,
        incumbent=says(BEFORE, "old"),
        candidate=says(AFTER, "new"),
        seed=seed,
    )
    path, study = foretaste.run(given)
    later = plain_log(folder / "after.jsonl", AFTER, users=users, seed=seed + 1_000)
    return Told(study, foretaste.validate(path, later))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("large"), users=400, seed=1)


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    folder = tmp_path_factory.mktemp("repeated")
    return [
        told(folder / str(number), users=60, seed=100 + number) for number in range(REPETITIONS)
    ]


@pytest.mark.parametrize(
    ("lane", "truth"),
    [(Lane.RECORDED, BEFORE), (Lane.INCUMBENT, BEFORE), (Lane.CANDIDATE, AFTER)],
)
def test_each_lane_s_interval_covers_the_planted_rate(
    large: Told, lane: Lane, truth: dict[str, float]
) -> None:
    found = in_lane(large.study, lane)

    for word, rate in truth.items():
        assert holds(found[word], rate)
        assert found[word].users == 400
        assert (found[word].missing, found[word].ungraded) == (0, 0)


def test_what_rose_is_up_what_fell_is_down_and_what_stayed_is_not_called_changed(
    large: Told,
) -> None:
    found = changes(large.study)

    assert {word: each.direction for word, each in found.items()} == {
        "alpha": Direction.UP,
        "bravo": Direction.UNCLEAR,
        "charlie": Direction.DOWN,
    }
    assert all(holds(found[word], AFTER[word] - BEFORE[word]) for word in BEFORE)


def test_the_forecast_covers_what_production_then_shows(large: Told) -> None:
    assert all(holds(forecasts(large.study)[word], rate) for word, rate in AFTER.items())
    assert large.card.coverage == 1.0
    assert large.card.directional_accuracy == 1.0
    assert large.card.direction_n == 2
    assert large.card.median_multiplicative_error is not None
    assert large.card.median_multiplicative_error < 1.25
    assert large.card.alternatives["previous-deployment"] > 1.7


def test_the_replay_of_the_same_model_shows_no_fidelity_error(large: Told) -> None:
    assert {each.direction for each in large.study.fidelity} == {Direction.UNCLEAR}


def covered_enough(hits: list[bool], tolerance: float = 1e-3) -> bool:
    """Whether so few hits would come by less than this chance if 95 % were true.

    Sixty intervals at 95 % hold the truth 57 times on average; 50 or fewer come once in 1,000.
    """
    return bool(binom.cdf(sum(hits), len(hits), 0.95) > tolerance)


def test_intervals_cover_as_often_as_they_say(repeated: list[Told]) -> None:
    hits: dict[Any, list[bool]] = {}
    for study, card in repeated:
        for lane, truth in (
            (Lane.RECORDED, BEFORE),
            (Lane.INCUMBENT, BEFORE),
            (Lane.CANDIDATE, AFTER),
        ):
            found = in_lane(study, lane)
            hits.setdefault(lane, []).extend(holds(found[w], rate) for w, rate in truth.items())
        moved = changes(study)
        hits.setdefault("change", []).extend(holds(moved[w], AFTER[w] - BEFORE[w]) for w in BEFORE)
        for method in ("direct", "ratio-anchored"):
            made = forecasts(study, method)
            hits.setdefault(method, []).extend(holds(made[w], rate) for w, rate in AFTER.items())
        hits.setdefault("validated", []).extend(bool(each.covered) for each in card.behaviors)

    assert {len(each) for each in hits.values()} == {3 * REPETITIONS}
    assert all(covered_enough(each) for each in hits.values()), {
        str(key): sum(each) for key, each in hits.items()
    }


def test_a_direction_that_is_claimed_is_right(repeated: list[Told]) -> None:
    claimed = [
        (word, each.direction)
        for study, _ in repeated
        for word, each in changes(study).items()
        if each.direction is not Direction.UNCLEAR
    ]

    assert ("alpha", Direction.DOWN) not in claimed
    assert ("charlie", Direction.UP) not in claimed
    # At a false discovery rate of 5 % more than 4 of 20 come once in 400.
    assert sum(word == "bravo" for word, _ in claimed) <= 4
    assert ("alpha", Direction.UP) in claimed
    assert ("charlie", Direction.DOWN) in claimed
