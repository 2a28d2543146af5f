"""A replay in which both models show a behavior twice as often as in production."""

from pathlib import Path

import pytest

import foretaste
from foretaste.findings import Direction
from foretaste.pipeline import Result
from stories.planted import forecasts, holds, plain_log, plan, says

TODAY, RELEASED = {"alpha": 0.08}, {"alpha": 0.16}
REPLAYED_TODAY, REPLAYED = {"alpha": 0.16}, {"alpha": 0.32}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("biased")
    given = plan(
        folder,
        plain_log(folder / "log.jsonl", TODAY, users=400, seed=5),
        TODAY,
        incumbent=says(REPLAYED_TODAY, "old"),
        candidate=says(REPLAYED, "new"),
        forecast={"turns": 1_000, "method": "ratio-anchored"},
    )
    return foretaste.run(given)


def test_fidelity_says_that_the_replay_doubles_the_rate(run: Result) -> None:
    (found,) = run.study.fidelity

    assert found.direction is Direction.UP
    assert found.ratio == pytest.approx(2, rel=0.25)


def test_the_anchored_forecast_covers_production_and_the_direct_one_does_not(
    run: Result,
) -> None:
    assert holds(forecasts(run.study, "ratio-anchored")["alpha"], RELEASED["alpha"])
    assert not holds(forecasts(run.study, "direct")["alpha"], RELEASED["alpha"])


def test_validation_scores_the_anchored_forecast_and_shows_the_direct_one_beside_it(
    run: Result, tmp_path: Path
) -> None:
    card = foretaste.validate(
        run.path, plain_log(tmp_path / "later.jsonl", RELEASED, users=400, seed=6)
    )

    assert run.study.sealed.method == "ratio-anchored"
    assert (card.coverage, card.directional_accuracy) == (1.0, 1.0)
    assert card.median_multiplicative_error is not None
    assert card.median_multiplicative_error < 1.4
    assert card.alternatives["direct"] > 1.6
