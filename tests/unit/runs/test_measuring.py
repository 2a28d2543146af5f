"""A grader held against a labelled log."""

from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import LogError
from foretaste.runs.measuring import Measured, measure
from foretaste.runs.trying import bench
from stories.planted import behavior, conversation, write_log


def measured(folder: Path, talks: list[dict[str, Any]], **more: Any) -> Measured:
    definition = behavior(folder, "alpha")["definition"]
    log = write_log(folder / "labels.jsonl", talks)
    return measure(bench(definition), log, use="openai-chat", **more)


def talk(number: int, said: str, value: Any, **more: Any) -> dict[str, Any]:
    labels = {"verdicts": {"alpha": value}} if value is not None else {}
    return conversation(["Well?"], [said], id=f"c{number}") | labels | more


def some() -> list[dict[str, Any]]:
    shown = [("alpha! and so much more", "present"), ("alpha! again and again", True)]
    not_shown = [("Fine.", "absent"), ("Fine then.", False), ("Good.", 0), ("alpha!", "no")]
    return [talk(n, *each) for n, each in enumerate([*shown, *not_shown, ("Yes it is so.", 1)])]


def test_sensitivity_specificity_and_auc_are_of_the_verdicts_where_there_is_no_score(
    tmp_path: Path,
) -> None:
    found = measured(tmp_path, some())

    assert (found.graded, found.present, found.absent, found.scored) == (7, 3, 4, False)
    assert found.accuracy is not None
    assert found.auc is not None
    assert (found.accuracy.sensitivity.right, found.accuracy.specificity.right) == (2, 3)
    # By hand: of 12 pairs 6 in order, 5 tied, 1 the other way round.
    assert found.auc.auc == pytest.approx((2 * 3 + 2 * 0.5 + 3 * 0.5) / 12)
    assert found.lacking == ""


def test_length_alone_stands_beside_whichever_way_it_speaks(tmp_path: Path) -> None:
    longer = measured(tmp_path, some()).length
    shorter = measured(
        tmp_path, [talk(n, "x" * (n + 1), "absent" if n > 2 else "present") for n in range(6)]
    ).length

    assert longer is not None
    assert shorter is not None
    assert (longer.auc.auc, longer.longer) == (1.0, True)
    assert (shorter.auc.auc, shorter.longer) == (1.0, False)


def test_a_label_that_says_neither_is_left_out_and_counted(tmp_path: Path) -> None:
    odd = [talk(20, "Fine.", "partial"), talk(21, "Fine.", 0.5), talk(22, "Fine.", 7)]
    split = talk(23, "Fine.", None, labels=[{"name": "alpha", "value": v} for v in ("yes", "no")])
    found = measured(tmp_path, [*some(), *odd, split, talk(24, "Fine.", None)])

    assert found.graded == 7
    assert found.left_out == {
        "labelled 'partial'": 1,
        "labelled by a number that is neither": 2,
        "labels in two minds": 1,
    }


def test_a_label_of_a_conversation_of_several_turns_is_about_none(tmp_path: Path) -> None:
    two = conversation(["One?", "Two?"], ["alpha!", "Fine."], id="two")
    about = [{"name": "alpha", "value": "present", "message": 1}]
    vague = two | {"id": "vague", "verdicts": {"alpha": "present"}}
    found = measured(tmp_path, [*some(), two | {"labels": about}, vague])

    assert (found.graded, found.present) == (8, 4)
    assert sum(found.left_out.values()) == 1


def test_too_few_labels_are_said_and_none_at_all_is_an_error(tmp_path: Path) -> None:
    few = measured(tmp_path, some()[2:6])

    assert (few.auc, few.accuracy) == (None, None)
    assert few.lacking
    with pytest.raises(LogError, match="no turn has a label 'beta'"):
        measured(tmp_path, some(), called="beta")
