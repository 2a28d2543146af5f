import json
from pathlib import Path

import pytest

from foretaste.after.release import open_study
from foretaste.after.review import figures, opened
from foretaste.cli import main
from foretaste.errors import PlanError
from foretaste.records import Lane
from foretaste.reviews import Said


def label_all(path: str, size: int = 100) -> int:
    """Two annotators who know the truth: an answer shows it that says `alpha`."""
    with opened(path, size=size) as desk:
        for item, task in desk.tasks.items():
            shows = "alpha" in task.answer[-1].content
            for who in ("ann", "bea"):
                desk.say(item, who, Said.PRESENT if shows else Said.ABSENT)
        return len(desk.tasks)


def test_labels_of_a_perfect_judge_leave_its_rate(path: str) -> None:
    label_all(path)
    study, found = figures(path)

    assert {each.lane for each in found} == {each.lane for each in study.estimates}
    for each in found:
        assert each.rate is not None
        assert each.rate == pytest.approx(each.raw)
        assert each.lower is not None
        assert each.upper is not None
        assert each.lower < each.rate < each.upper
        assert each.concord is not None
        assert each.concord.kappa is not None
        assert each.concord.kappa.value == 1
    assert "What people say of the judge" in Path(path, "report.html").read_text()


def test_labels_leave_the_seal_whole_and_the_sealed_study_as_it_was(path: str) -> None:
    before = open_study(path)
    label_all(path)

    assert open_study(path) == before
    assert main(["gate", path]) in {0, 1, 3}


def test_too_few_labels_are_not_enough_evidence(path: str) -> None:
    label_all(path, size=5)
    _, found = figures(path)

    assert all(each.rate is None and "it takes 20" in each.why for each in found)


def test_a_stratum_that_nobody_began_is_not_enough_evidence(path: str) -> None:
    with opened(path, lanes=[Lane.CANDIDATE]) as desk:
        for item, task in desk.tasks.items():
            if task.item.stratum == "rest":
                desk.say(item, "ann", Said.ABSENT)
    _, (found,) = figures(path)

    assert found.rate is None
    assert "flagged" in found.why


def test_a_desk_opened_again_goes_on_with_the_same_queue(path: str) -> None:
    with opened(path, size=5) as desk:
        first = desk.order("ann")
        desk.say(first[0], "ann", Said.UNSURE, "hm")
    with opened(path, size=5) as desk:
        again = desk.said(first[0], "ann")

        assert desk.order("ann") == first
        assert again is not None
        assert (again.value, again.note) == (Said.UNSURE, "hm")
        assert desk.done("ann") == 1


def test_a_behavior_or_lane_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(PlanError, match="alpha"), opened(path, behavior="beta"):
        pass
    with pytest.raises(PlanError, match="incumbent"), opened(path, lanes=[Lane.INCUMBENT]):
        pass


def test_labels_go_out_to_files_and_come_in_again(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, labels = tmp_path / "texts.jsonl", tmp_path / "labels.jsonl"
    assert main(["review", path, "--texts", str(texts)]) == 0
    rows = [json.loads(line) for line in texts.read_text().splitlines()]
    assert not {"lane", "stratum", "probability", "labels"} & rows[0].keys()
    made = [
        {
            "rollout": row["rollout"],
            "annotator": "elsewhere",
            "value": "present" if "alpha" in row["answer"][-1]["content"] else "absent",
        }
        for row in rows
    ]
    strange: list[object] = [made[0] | {"rollout": "x"}, made[0] | {"annotator": "<b>"}, [1]]
    labels.write_text("".join(json.dumps(each) + "\n" for each in [*made, *strange]))

    assert main(["review", path, "--import", str(labels), "--export", str(tmp_path / "all")]) == 0
    said = capsys.readouterr().err
    assert f"{len(made)} labels taken" in said
    assert said.count("refused") == 3
    assert len((tmp_path / "all").read_text().splitlines()) == len(made)
    assert main(["review", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["reviewed"]
    assert all(each["rate"] is not None for each in found)
