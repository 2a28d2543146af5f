"""After release people ask other things than in the log; the forecast is weighted to them."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

import foretaste
from foretaste.cli import main
from foretaste.columns import Columns
from foretaste.findings import Estimate, Study
from foretaste.methods import DEFAULT
from foretaste.records import Lane
from foretaste.stages.estimate import estimate
from foretaste.stages.forecast import forecast
from foretaste.stats.belief import credible, direct
from foretaste.stats.survey import poststratify
from stories.planted import conversation, forecasts, holds, plan, write_log

QUIET, LOUD = 0, 1
RATES = {Lane.RECORDED: (0.02, 0.15), Lane.CANDIDATE: (0.04, 0.30)}
SAMPLED, TARGET = 0.2, 0.7  # share of the loud kind of traffic
TRUTH = (1 - TARGET) * RATES[Lane.CANDIDATE][QUIET] + TARGET * RATES[Lane.CANDIDATE][LOUD]


def repetition(seed: int) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
    """Estimates of a sample of users with 1 to 4 turns, without and with weights."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(240), rng.integers(1, 5, 240))
    kind = (rng.random(240) < SAMPLED).astype(np.int64)[cluster]
    outcome = {
        ("b", lane): (rng.random(len(kind)) < np.take(rates, kind)).astype(np.int8)
        for lane, rates in RATES.items()
    }
    columns = Columns(weight=np.ones(len(kind)), cluster=cluster, outcome=outcome)
    weight = poststratify(kind, {QUIET: 1 - TARGET, LOUD: TARGET}).weight
    return estimate(columns), estimate(columns.reweighted(weight))


def covered_enough(hits: list[bool]) -> bool:
    """Whether so few would come by luck more than once in 1,000 if 95 % were true."""
    return bool(sum(hits) >= binom.ppf(1e-3, len(hits), 0.95))


def test_the_weighted_belief_covers_at_its_level_and_the_other_never_does() -> None:
    hits: list[list[bool]] = [[], []]
    for seed in range(200):
        for found, estimates in zip(hits, repetition(seed), strict=True):
            candidate = next(each for each in estimates if each.lane is Lane.CANDIDATE)
            assert candidate.rate is not None
            n = candidate.effective_n
            found.append(holds(credible(direct(candidate.rate * n, n)), TRUTH))

    plain, weighted = hits
    assert sum(plain) == 0
    assert covered_enough(weighted)


def test_so_does_the_forecast_that_is_sealed() -> None:
    hits: list[list[bool]] = [[], []]
    for seed in range(40):
        plain, target = repetition(1000 + seed)
        made = forecast(plain, turns=100), forecast(plain, turns=100, target=target)
        for found, forecasts_made in zip(hits, made, strict=True):
            whole = next(each for each in forecasts_made if each.method == DEFAULT)
            found.append(holds(whole, TRUTH))

    plain_hits, weighted = hits
    assert covered_enough(weighted)
    assert sum(plain_hits) < sum(weighted) / 2


# A log in which one conversation in five is about a shop, and newer traffic in which most are.
ASKED = {"travel": "Which train goes to the airport?", "shop": "Where is my order, and the refund?"}
SAYS = {"use": "scripted", "name": "new"}
ANSWERS = [
    {"say": "alpha!", "when": "refund", "share": 0.3},
    {"say": "alpha!", "when": "airport", "share": 0.04},
]


def log(path: Path, *, shop: float, users: int, seed: int, **tags: str) -> str:
    rng = random.Random(seed)
    found = []
    for user in range(users):
        kind = "shop" if rng.random() < shop else "travel"
        said = "alpha!" if rng.random() < (0.15 if kind == "shop" else 0.02) else "Fine."
        about: dict[str, Any] = {"metadata": {"surface": kind, **tags}}
        found.append(conversation([ASKED[kind]], [said], user=f"u{user}", **about))
    return write_log(path, found)


def planned(folder: Path, traffic: dict[str, Any], name: str) -> dict[str, Any]:
    old = folder / "old.jsonl"
    return plan(
        folder / name,
        str(old) if old.exists() else log(old, shop=SAMPLED, users=1000, seed=3, month="10"),
        {"alpha": 0.1},
        candidate=SAYS | {"replies": ANSWERS, "default": "Fine."},
        forecast={"turns": 1_000, "traffic": traffic, "unseen": {"share": 0.1, "rate": 0.5}},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("moved")


@pytest.fixture(scope="module")
def by_shares(folder: Path) -> Study:
    shares = {"by": "surface", "shares": {"shop": TARGET, "travel": 1 - TARGET}}
    return foretaste.run(planned(folder, shares, "shares")).study


@pytest.fixture(scope="module")
def by_newer(folder: Path) -> Study:
    newer = log(folder / "newer.jsonl", shop=TARGET, users=600, seed=4, month="11")
    return foretaste.run(planned(folder, {"path": newer}, "newer")).study


def test_a_run_for_declared_shares_forecasts_their_rate(by_shares: Study) -> None:
    found = forecasts(by_shares)["alpha"]

    assert holds(found, TRUTH)
    assert found.lower > 0.1  # the sampled traffic's rate is 9 %
    assert by_shares.traffic is not None
    assert by_shares.traffic.uncovered == 0
    assert by_shares.traffic.effective_n < 600
    assert found.unseen_upper == pytest.approx(0.9 * found.upper + 0.05)


def test_a_newer_log_gives_the_same_without_knowing_shares(by_newer: Study) -> None:
    assert holds(forecasts(by_newer)["alpha"], TRUTH)
    assert by_newer.traffic is not None
    assert by_newer.traffic.newer == 600
    assert by_newer.traffic.auc is not None
    assert by_newer.traffic.auc > 0.7
    assert any("month" in each for each in by_newer.traffic.warnings)


def test_only_the_forecast_is_weighted(by_shares: Study, by_newer: Study) -> None:
    assert by_shares.estimates == by_newer.estimates
    recorded = next(each for each in by_shares.estimates if each.lane is Lane.RECORDED)

    assert recorded.rate is not None
    assert recorded.rate == pytest.approx(0.8 * 0.02 + 0.2 * 0.15, abs=0.015)
    assert forecasts(by_shares)["alpha"].today == recorded.rate
    assert forecasts(by_shares, "previous-deployment")["alpha"].rate > 2 * recorded.rate


def test_the_weights_are_a_part_of_the_error_budget(by_shares: Study) -> None:
    budget = forecasts(by_shares, "hierarchical")["alpha"].budget

    assert budget is not None
    assert budget.judge is None
    assert min(budget.sampling, budget.fidelity, budget.traffic, budget.model) >= 0


def test_nothing_of_the_newer_log_is_kept_but_counts(folder: Path, by_newer: Study) -> None:
    kept = b"".join(path.read_bytes() for path in (folder / "newer/run").rglob("*.json"))

    assert by_newer.account.conversations == 1000
    assert b"u599" not in kept


def test_the_command_says_which_traffic_it_forecasts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = {"by": "surface", "shares": {"shop": 0.5, "travel": 0.3, "games": 0.2}}
    file = folder / "plan.yaml"
    file.write_text(json.dumps(planned(folder, shares, "command")))
    code = main(["run", str(file), "--json"])
    found = json.loads(capsys.readouterr().out)

    assert code == 0
    assert found["traffic"]["uncovered"] == pytest.approx(0.2)
    assert "such as games (20 %)" in found["forecasts"][0]["warning"]
    assert found["would_help_most"]
    assert found["forecasts"][0]["budget"]["judge"] is None


def test_a_forecast_for_other_traffic_is_scored_like_any_other(
    folder: Path, by_shares: Study
) -> None:
    later = log(folder / "later.jsonl", shop=TARGET, users=800, seed=5)
    card = foretaste.validate(str(folder / "shares/run"), later)

    assert card.behaviors[0].behavior == by_shares.behaviors[0].name
    assert card.behaviors[0].realized_n == 800
