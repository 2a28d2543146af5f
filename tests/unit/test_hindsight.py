from pathlib import Path

import pytest

from foretaste.errors import LogError, PlanError
from foretaste.hindsight import backtest
from unit.releases import log

NAMES = ["refusal", "code-block"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, refused, day in (("c", 5, 1), ("a", 20, 9), ("b", 40, 5)):
        log(tmp_path / f"{name}.jsonl", f"model-{name}", refused, day=day)
    return tmp_path


def test_releases_stand_in_the_order_of_their_first_times(folder: Path) -> None:
    found = backtest([str(folder)], behaviors=NAMES)

    assert found.releases == ("model-c", "model-b", "model-a")
    assert found.transitions == 6
    assert found.behaviors == ("refusal", "code-block")


def test_without_times_releases_stay_in_the_order_given(tmp_path: Path) -> None:
    logs = [log(tmp_path / f"{name}.jsonl", f"model-{name}", 9) for name in "cab"]
    timed = log(tmp_path / "d.jsonl", "model-d", 9, day=1)

    assert backtest(logs, behaviors=NAMES).releases == ("model-c", "model-a", "model-b")
    assert backtest([*logs, timed], behaviors=NAMES).releases[-1] == "model-d"


def test_a_release_without_a_model_s_name_is_called_like_its_file(tmp_path: Path) -> None:
    logs = [log(tmp_path / "spring.jsonl", None, 9), log(tmp_path / "fall.jsonl", "m", 20)]

    assert backtest(logs, behaviors=NAMES).releases == ("spring", "m")


def test_a_file_that_is_named_twice_is_one_release(folder: Path) -> None:
    logs = [str(folder), str(folder / "*.jsonl"), str(folder / "a.jsonl")]

    assert len(backtest(logs, behaviors=NAMES).releases) == 3


def test_successive_pairs_are_each_release_and_the_next(folder: Path) -> None:
    found = backtest([str(folder)], pairs="successive", behaviors=["refusal"])

    assert [(each.before, each.after) for each in found.points] == [
        ("model-c", "model-b"),
        ("model-b", "model-a"),
    ]


def test_sampled_pairs_are_drawn_by_the_seed_and_never_twice(folder: Path) -> None:
    def pairs(seed: int, size: int) -> list[tuple[str, str]]:
        found = backtest([str(folder)], pairs=f"sample:{size}", seed=seed, behaviors=["refusal"])
        return [(each.before, each.after) for each in found.points]

    assert pairs(1, 3) == pairs(1, 3)
    assert any(pairs(1, 3) != pairs(seed, 3) for seed in range(2, 8))
    assert len(set(pairs(1, 3))) == 3
    assert len(pairs(1, 100)) == 6


@pytest.mark.parametrize("wrong", ["some", "sample", "sample:", "sample:0", "sample:x", "every:3"])
def test_pairs_that_say_nothing_are_refused(folder: Path, wrong: str) -> None:
    with pytest.raises(PlanError, match="say all, successive or sample:N"):
        backtest([str(folder)], pairs=wrong, behaviors=NAMES)


def test_one_release_is_no_backtest(folder: Path) -> None:
    with pytest.raises(PlanError, match="two releases or more, not 1"):
        backtest([str(folder / "a.jsonl")])


def test_standard_input_is_no_release(folder: Path) -> None:
    with pytest.raises(PlanError, match="standard input"):
        backtest([str(folder), "-"])


def test_a_log_that_cannot_be_read_is_named(folder: Path) -> None:
    with pytest.raises(LogError, match="none"):
        backtest([str(folder), str(folder / "none.jsonl")])


def test_a_behavior_that_needs_a_judge_is_not_graded(folder: Path) -> None:
    found = backtest([str(folder)], pairs="successive")

    assert "refusal" in found.behaviors
    assert "sycophancy" not in (*found.behaviors, *found.unseen)


def test_draws_are_told_by_their_tag_and_not_by_their_place(tmp_path: Path) -> None:
    straight, turned = (
        [
            log(tmp_path / kind / f"{name}.jsonl", name, refused, day=day, late_first=kind == "t")
            for name, refused, day in (("a", 5, 1), ("b", 30, 2))
        ]
        for kind in ("s", "t")
    )
    one, other = (
        backtest(logs, split="draws", behaviors=["refusal"]) for logs in (straight, turned)
    )

    assert [each.realized_count for each in one.points] == [31, 6]
    assert [each.events for each in one.points] == [each.events for each in other.points]


def test_halves_have_other_prompts_and_draws_the_same(folder: Path) -> None:
    halves = backtest([str(folder)], pairs="successive", behaviors=NAMES)
    draws = backtest([str(folder)], pairs="successive", split="draws", behaviors=NAMES)

    assert halves.prompts_before + halves.prompts_after == 60
    assert 15 < halves.prompts_before < 45
    assert (draws.prompts_before, draws.prompts_after) == (60, 60)


def test_challenging_logs_are_matched_by_the_release_s_name(folder: Path) -> None:
    hard = [
        log(folder / "hard" / f"{name}.jsonl", f"model-{name}", refused, draws=1)
        for name, refused in (("c", 20), ("b", 50))
    ]
    found = backtest(
        [str(folder / "*.jsonl")], pairs="all", behaviors=["refusal"], challenging=hard
    )

    assert found.models["challenging-prompts"].n == 2
    assert found.models["direct"].n == 6


def test_the_watch_hears_of_grading_and_forecasting(folder: Path) -> None:
    heard: list[tuple[str, int, int | None]] = []
    backtest(
        [str(folder)],
        pairs="successive",
        behaviors=["refusal"],
        watch=lambda step, done, total: heard.append((step, done, total)),
    )

    assert [each for each in heard if each[0] == "grade"] == [("grade", n, 3) for n in (1, 2, 3)]
    assert heard[-1] == ("forecast", 2, 2)
