"""Training a screen on what a run, or a labelled log, knows."""

import json
from pathlib import Path

import pytest

from foretaste.adapters.graders.trained import Trained
from foretaste.after.release import open_study
from foretaste.after.review import opened
from foretaste.after.schooling import train_on_run
from foretaste.cli import main
from foretaste.errors import InsufficientData, PlanError
from foretaste.records import Outcome
from foretaste.reviews import Said
from stories.planted import conversation, write_log
from unit.adapters.graders.exchanges import judged
from unit.adapters.graders.screens.teaching import exchange


def labelled_log(folder: Path) -> str:
    log = []
    for number in range(40):
        refuses = number % 2 == 0
        said = "I am sorry, I cannot help with that." if refuses else "Here is how it is done."
        label = {"name": "refusal", "value": "present" if refuses else "absent", "by": "human"}
        talk = conversation([f"Question {number}?"], [said], user=f"u{number}", id=f"c{number}")
        log.append(talk | {"labels": [label]})
    return write_log(folder / "labels.jsonl", log)


def test_a_screen_learns_from_the_run_s_judge_and_is_kept_with_the_run(path: str) -> None:
    found, document = train_on_run(path)
    (defined,) = open_study(path).behaviors
    grader = Trained(behavior=defined, file=found.file)

    assert Path(found.file).read_bytes() == document
    assert judged(grader, *exchange("alpha!", "u")).outcome is Outcome.PRESENT
    assert judged(grader, *exchange("Fine.", "u")).outcome is Outcome.ABSENT
    assert (found.by_judge, found.by_people) == (found.present + found.absent, 0)
    assert found.auc.auc == 1
    assert sum(each.examples for each in found.calibration) == found.by_judge


def test_people_s_word_takes_the_place_of_the_judge_s(path: str) -> None:
    judge = train_on_run(path, teacher="judge")[0]
    with opened(path, size=30) as desk:
        for item, task in desk.tasks.items():
            shows = "alpha" in task.answer[-1].content
            desk.say(item, "ann", Said.PRESENT if shows else Said.UNSURE)
    both = train_on_run(path)[0]

    assert both.present == judge.present
    assert both.by_people == both.present
    assert both.left_out["people are in two minds"] == judge.absent - both.absent


def test_too_few_labels_teach_nothing(path: str) -> None:
    with pytest.raises(InsufficientData, match="10 of each"):
        train_on_run(path, teacher="people")


def test_an_unknown_behavior_is_refused(path: str) -> None:
    with pytest.raises(PlanError, match="no behavior 'beta'"):
        train_on_run(path, "beta")


def test_a_labelled_log_teaches_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "screen.json")
    command = ["screen", "train", "--labels", labelled_log(tmp_path), "--behavior", "refusal"]

    assert main([*command, "--out", file]) == 0
    assert "AUC of length" in capsys.readouterr().out
    assert main([*command, "--out", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["by_people"], found["by_judge"]) == (40, 0)
    assert b"beside" in Path(file).read_bytes()
    assert main(command) == 2
    assert main(["screen", "train"]) == 2
