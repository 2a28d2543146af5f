import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.errors import BudgetSpent, LogError, MachineFailed, PlanError
from foretaste.pipeline import run
from foretaste.records import (
    Dropped,
    Failure,
    Lane,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Verdict,
)
from stories.planted import behavior, conversation, in_lane, plan, says, write_log

RATES = {"alpha": 0.3}


def log(folder: Path, *more: dict[str, Any]) -> str:
    talks = [
        conversation(["One?", "Two?"], ["alpha!", "Fine."], user=f"u{n}", id=f"c{n}")
        for n in range(20)
    ]
    return write_log(folder / "log.jsonl", [*talks, *more])


def simple(folder: Path, **more: Any) -> dict[str, Any]:
    return plan(folder, log(folder), RATES, candidate=says(RATES, "new")) | more


def kept(folder: Path, kind: type[Any]) -> list[Any]:
    with Files(path=str(folder / "run"), reading=True) as store:
        return list(store.read(kind))


def test_a_run_leaves_its_plan_corpus_sample_study_and_report(tmp_path: Path) -> None:
    path, study = run(simple(tmp_path))

    names = {each.name for each in Path(path).iterdir()}
    assert {"plan.json", "corpus.json", "sample.json", "study.json", "report.html"} <= names
    account = study.account
    assert (account.conversations, account.prefixes, account.users) == (20, 40, 20)
    assert [lane.lane for lane in account.lanes] == [Lane.RECORDED, Lane.CANDIDATE]


def test_what_was_lost_on_the_way_is_counted_by_reason(tmp_path: Path) -> None:
    given = simple(tmp_path, consent="opt_in")
    odd: list[dict[str, Any]] = [
        {"messages": [{"role": "user", "content": "Anyone?"}], "metadata": {"opt_in": True}},
        {"messages": [{"role": "wizard", "content": "x"}]},
        conversation(["Yes?"], ["alpha!"], id="kept", metadata={"opt_in": True}),
    ]
    log(tmp_path, *odd)

    account = run(given).study.account

    assert (account.conversations, account.kept) == (22, 1)
    assert account.dropped == {"no consent": 20, "no turn to replay": 1}
    assert sum(account.unreadable.values()) == 1
    assert len(kept(tmp_path, Dropped)) == 21
    assert len(kept(tmp_path, ScrubbedConversation)) == 1


def test_a_finished_run_is_read_and_not_run_again(tmp_path: Path) -> None:
    given = simple(tmp_path)
    first = run(given)
    steps: list[str] = []

    again = run(given, watch=lambda step, done, total: steps.append(step))

    assert again == first
    assert steps == []


def test_progress_reaches_the_number_that_it_names(tmp_path: Path) -> None:
    last: dict[str, tuple[int, int | None]] = {}

    run(
        simple(tmp_path, incumbent=says(RATES, "old")),
        watch=lambda step, done, total: last.update({step: (done, total)}),
    )

    assert last == {
        "read": (20, None),
        "sample": (40, 40),
        "replay incumbent": (40, 40),
        "replay candidate": (40, 40),
        "grade": (120, 120),
    }


def test_failures_are_missing_from_every_rate_and_named(tmp_path: Path) -> None:
    study = run(simple(tmp_path, candidate=says(RATES, "new") | {"fail_share": 0.3})).study

    found = in_lane(study, Lane.CANDIDATE)["alpha"]
    assert found.missing == len(kept(tmp_path, Failure)) > 0
    assert found.graded + found.missing == 40
    _, lane = study.account.lanes
    assert sum(lane.failures.values()) == found.missing


def test_retry_asks_again_what_failed_and_keeps_the_forecast_that_was_sealed(
    tmp_path: Path,
) -> None:
    given = simple(tmp_path, candidate=says(RATES, "new") | {"fail_share": 0.3})
    first = run(given).study
    answered = {each.id for each in kept(tmp_path, Rollout)}

    again = run(given, retry=True).study

    assert {each.id for each in kept(tmp_path, Rollout)} == answered
    assert in_lane(again, Lane.CANDIDATE) == in_lane(first, Lane.CANDIDATE)
    old = tmp_path / "run" / f"study-{first.sealed.seal[:8]}.json"
    assert old.exists()


def test_a_model_of_which_nothing_comes_stops_the_run_and_is_no_item_s_failure(
    tmp_path: Path,
) -> None:
    with pytest.raises(MachineFailed):
        run(simple(tmp_path, candidate={"use": "scripted", "fail_share": 1.0}))

    assert kept(tmp_path, Failure) == []


def test_a_folder_is_one_plan_s_and_one_log_s(tmp_path: Path) -> None:
    given = simple(tmp_path)
    run(given)

    with pytest.raises(PlanError, match="another plan"):
        run(given | {"seed": 1})
    log(tmp_path, conversation(["More?"], ["Yes."]))
    with pytest.raises(PlanError, match="another state of the log"):
        run(given)


def redefine(folder: Path) -> None:
    behavior(folder, "alpha", grader="{use: rule, pattern: 'Fine|alpha!'}")


def test_a_finished_run_is_not_passed_off_as_one_of_a_behavior_defined_anew(
    tmp_path: Path,
) -> None:
    given = simple(tmp_path)
    run(given)
    redefine(tmp_path)

    with pytest.raises(PlanError, match=r"graders of alpha .* --retry"):
        run(given)


def test_a_retry_grades_anew_what_is_defined_anew_and_asks_no_model_again(tmp_path: Path) -> None:
    given = simple(tmp_path)
    assert in_lane(run(given).study, Lane.RECORDED)["alpha"].rate == 0.5
    rollouts = kept(tmp_path, Rollout)
    redefine(tmp_path)

    study = run(given, retry=True).study

    assert in_lane(study, Lane.RECORDED)["alpha"].rate == 1.0
    assert kept(tmp_path, Rollout) == rollouts
    assert run(given).study == study


def test_a_behavior_that_the_plan_adds_is_graded_on_the_answers_that_are_there(
    tmp_path: Path,
) -> None:
    given = simple(tmp_path)
    first = run(given).study
    rollouts, verdicts = kept(tmp_path, Rollout), kept(tmp_path, Verdict)
    more = given | {"behaviors": [*given["behaviors"], behavior(tmp_path, "beta")]}

    with pytest.raises(PlanError, match="--retry grades what is new"):
        run(more)
    study = run(more, retry=True).study

    assert kept(tmp_path, Rollout) == rollouts
    assert kept(tmp_path, Verdict)[: len(verdicts)] == verdicts
    assert {each.behavior for each in kept(tmp_path, Verdict)[len(verdicts) :]} == {"beta"}
    assert in_lane(study, Lane.RECORDED)["alpha"] == in_lane(first, Lane.RECORDED)["alpha"]
    assert in_lane(study, Lane.RECORDED)["beta"].rate == 0.0
    assert run(more).study == study
    kept_plan = json.loads((tmp_path / "run" / "plan.json").read_text())
    assert kept_plan["before"] == [first.run]


def test_a_retry_may_not_ask_for_other_answers_nor_begin_a_run(tmp_path: Path) -> None:
    given = simple(tmp_path)

    with pytest.raises(PlanError, match=r"no run in .* to retry"):
        run(given, retry=True)
    run(given)
    with pytest.raises(PlanError, match="another plan"):
        run(given | {"seed": 1}, retry=True)


def test_a_grader_that_comes_back_finds_its_verdicts_and_makes_none_again(tmp_path: Path) -> None:
    given = simple(tmp_path)
    run(given)
    redefine(tmp_path)
    run(given, retry=True)
    verdicts = len(kept(tmp_path, Verdict))
    behavior(tmp_path, "alpha")

    study = run(given, retry=True).study

    assert in_lane(study, Lane.RECORDED)["alpha"].rate == 0.5
    assert len(kept(tmp_path, Verdict)) == verdicts == 160


def test_turns_that_a_behavior_is_not_defined_for_are_in_no_rate_and_in_no_forecast(
    tmp_path: Path,
) -> None:
    given = simple(tmp_path)
    file = tmp_path / "alpha.md"
    file.write_text(file.read_text().replace("grader:", "applies: [history]\ngrader:"))

    study = run(given).study

    found = in_lane(study, Lane.RECORDED)["alpha"]
    assert (found.graded, found.outside, found.outside_share) == (20, 20, 0.5)
    assert (found.ungraded, found.missing, found.rate) == (0, 0, 0.0)
    assert (found.least, found.most) == (0.0, 0.0)
    assert {each.turns for each in study.sealed.forecasts} == {500}


def test_verdicts_of_an_unfinished_run_are_not_mixed_with_those_of_other_graders(
    tmp_path: Path,
) -> None:
    given = simple(tmp_path)
    run(given)
    for name in ("study.json", "graders.json"):
        (tmp_path / "run" / name).unlink()
    redefine(tmp_path)

    study = run(given).study

    assert in_lane(study, Lane.RECORDED)["alpha"].rate == 1.0


def test_a_run_that_its_budget_cannot_pay_sends_nothing(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="40 calls are needed"):
        run(simple(tmp_path, budget={"calls": 39}))

    assert {each.lane for each in kept(tmp_path, Rollout)} == set()


def test_a_spent_budget_stops_the_run_and_a_higher_one_goes_on_with_it(tmp_path: Path) -> None:
    # Estimated at 4 tokens a call (19 characters), counted at 10: a dollar each.
    talks = [conversation(["a b c d e f g h i j"], ["Fine."], id=f"c{n}") for n in range(40)]
    given = simple(tmp_path, log={"path": write_log(tmp_path / "dear.jsonl", talks)})
    given["candidate"] |= {"price": {"input": 1e6, "output": 0}}

    for _ in range(2):
        with pytest.raises(BudgetSpent, match=r"\$200\.00"):
            run(given | {"budget": {"usd": 200}})
        answered = [each for each in kept(tmp_path, Rollout) if each.lane is Lane.CANDIDATE]
        assert len(answered) == 21
    study = run(given | {"budget": {"usd": 400}}).study

    assert in_lane(study, Lane.CANDIDATE)["alpha"].missing == 0


def test_a_log_without_a_turn_to_replay_is_refused_with_its_reasons(tmp_path: Path) -> None:
    given = simple(tmp_path)
    write_log(tmp_path / "log.jsonl", [{"messages": [{"role": "user", "content": "Anyone?"}]}] * 3)

    with pytest.raises(PlanError, match="3 no turn to replay"):
        run(given)


def test_a_log_that_is_not_there_is_an_error_of_the_log(tmp_path: Path) -> None:
    given = simple(tmp_path)
    (tmp_path / "log.jsonl").unlink()

    with pytest.raises(LogError):
        run(given)


def test_the_same_seed_draws_the_same_prefixes_in_another_folder(tmp_path: Path) -> None:
    drawn = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        folder = tmp_path / name
        run(simple(folder, sample={"size": 10}, seed=seed, log={"path": log(tmp_path)}))
        drawn.append([each.id for each in kept(folder, Prefix)])

    assert drawn[0] == drawn[1] != drawn[2]


def test_a_behavior_without_a_judge_is_skipped_with_its_reason(tmp_path: Path) -> None:
    given = simple(tmp_path)
    given["behaviors"] = [*given["behaviors"], "sycophancy"]

    study = run(given).study

    assert [each.name for each in study.behaviors] == ["alpha"]
    assert "needs a judge" in study.skipped["sycophancy"]
