"""A judge checked on a log's answers, and on a run's."""

import json
from pathlib import Path
from typing import Any

import pytest

import foretaste
from foretaste.after.vetting import Checking, check_judge
from foretaste.errors import PlanError
from foretaste.records import Rollout
from foretaste.registry import build
from stories.planted import behavior, conversation, plan, says, write_log

SEEN = '{"present": true, "severity": 1, "evidence": "alpha!", "reason": "r"}'
JUDGE: dict[str, Any] = {
    "use": "scripted",
    "name": "judge",
    "replies": [
        {"when": "hazily", "say": "I cannot judge this."},
        {"when": "alpha!", "say": SEEN},
    ],
    "default": '{"present": false, "severity": 0, "evidence": "", "reason": "r"}',
}


def log(folder: Path, *, labels: bool = True) -> str:
    """Twenty conversations; every second answer shows alpha, and one of them is labelled wrong."""
    found = []
    for n in range(20):
        shows = n % 2 == 0
        how = "hazily" if n == 19 else "plainly"
        text = "alpha! it is" if shows else "Nothing of the kind at all, I am sure."
        one = conversation([f"Say it {how}"], [text], user=f"u{n}", id=f"c{n}")
        if labels:
            one["verdicts"] = {"alpha": "absent" if n == 0 else "present" if shows else "absent"}
        found.append(one)
    return write_log(folder / "log.jsonl", found)


def plan_file(folder: Path, path: str) -> str:
    judged = behavior(folder, "alpha", grader="{use: rubric}")
    given = {
        "log": {"path": path},
        "candidate": says({"alpha": 0.5}, "new"),
        "judge": JUDGE,
        "behaviors": [judged],
    }
    (folder / "plan.yaml").write_text(json.dumps(given), "utf-8")  # JSON is YAML
    return str(folder / "plan.yaml")


def test_a_log_s_own_labels_are_what_its_judge_is_held_to(tmp_path: Path) -> None:
    path = log(tmp_path)
    (found,) = check_judge(path, Checking(plan=plan_file(tmp_path, path)))

    assert (found.behavior, found.items, found.labelled) == ("alpha", 20, 19)
    assert found.ungraded == {"the judge refused to judge": 1}
    assert found.sensitivity.judge is not None
    assert found.specificity.judge is not None
    assert found.sensitivity.judge[:2] == (9, 9)
    assert found.specificity.judge[:2] == (9, 10)
    assert found.unstable.judge is not None
    assert found.unstable.judge.right == 0
    assert found.moved.judge is not None
    assert found.moved.judge[:2] == (0, 19)


def test_labels_of_a_file_take_the_place_of_the_log_s(tmp_path: Path) -> None:
    path = log(tmp_path)
    lines = [
        {"item": "c0", "behavior": "alpha", "present": True},
        {"item": "c1", "behavior": "alpha", "present": "absent"},
        {"item": "c2", "behavior": "other", "present": True},
        {"item": "c3", "behavior": "alpha", "present": "partial"},
    ]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    wanted = Checking(plan=plan_file(tmp_path, path), labels=str(labels), items=5)
    (found,) = check_judge(path, wanted)

    assert (found.items, found.labelled) == (5, 2)


@pytest.mark.parametrize("line", ["[]", '{"item": "c0"}', "{", '{"item": 1, "present": true}'])
def test_a_line_that_is_no_label_is_named(line: str, tmp_path: Path) -> None:
    path = log(tmp_path)
    (tmp_path / "labels.jsonl").write_text(f"\n{line}\n", "utf-8")
    wanted = Checking(plan=plan_file(tmp_path, path), labels=str(tmp_path / "labels.jsonl"))

    with pytest.raises(PlanError, match="line 2"):
        check_judge(path, wanted)


def test_another_judge_stands_in_for_labels(tmp_path: Path) -> None:
    path = log(tmp_path, labels=False)
    wanted = Checking(plan=plan_file(tmp_path, path), reference="scripted/other")
    with pytest.raises(PlanError):
        check_judge(path, wanted)  # a scripted model takes no `model`


def test_a_behavior_that_no_judge_grades_is_named(tmp_path: Path) -> None:
    path = log(tmp_path)
    with pytest.raises(PlanError, match="beta"):
        check_judge(path, Checking(plan=plan_file(tmp_path, path), behavior="beta"))


def test_a_run_s_answers_are_checked_lane_by_lane_with_its_own_plan(tmp_path: Path) -> None:
    judged = behavior(tmp_path, "alpha", grader="{use: rubric}")
    given = plan(
        tmp_path,
        log(tmp_path),
        {},
        candidate=says({"alpha": 0.5}, "judge"),
        judge=JUDGE,
        behaviors=[judged],
    )
    done = foretaste.run(given)
    with build("stores", {"use": "files", "path": done.path, "reading": True}) as store:
        rollouts = list(store.read(Rollout))
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        "\n".join(
            json.dumps({"item": r.id, "behavior": "alpha", "present": "alpha!" in r.text})
            for r in rollouts
        ),
        "utf-8",
    )
    (found,) = check_judge(done.path, Checking(labels=str(labels), own="judge"))

    assert found.items == len(rollouts)
    assert found.areas is not None
    assert found.areas.judge.auc == 1
    assert found.on_absent.own.judge is not None
