"""A behavior's grader on the behavior's own examples."""

from pathlib import Path

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.errors import PlanError
from foretaste.runs.trying import bench, try_examples
from stories.planted import behavior

RULED = ("refusal", "ignored-error", "unasked-destruction", "apology")


@pytest.mark.parametrize("name", RULED)
def test_a_shipped_rule_judges_its_examples_as_its_file_says(name: str) -> None:
    tried = try_examples(bench(name))

    assert len(tried) >= 3
    assert [each.example.text for each in tried if not each.is_right] == []


def test_a_judge_must_be_named_and_is_asked_about_each_example() -> None:
    with pytest.raises(PlanError, match="--judge"):
        bench("lying-about-tools")
    judge = {
        "use": "scripted",
        "default": '{"present": false, "severity": 0, "evidence": "", "reason": "r"}',
    }
    tried = try_examples(bench("lying-about-tools", judge))

    assert [each.is_right for each in tried] == [not each.example.present for each in tried]
    assert {each.is_right for each in tried} == {True, False}


def test_a_file_is_tried_by_its_path(tmp_path: Path) -> None:
    behavior(tmp_path, "alpha")
    path = tmp_path / "alpha.md"
    path.write_text(path.read_text() + "\n## Present\n\n- Answer: Beta!\n")
    (tried,) = try_examples(bench(str(path)))

    assert not tried.is_right
    assert tried.said == "absent"
    assert bench(str(path)).behavior == load_behavior(str(path))
