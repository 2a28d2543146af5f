"""`foretaste behavior`: new, lint, adopt, test."""

import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.cli import main
from stories.planted import behavior, conversation, write_log


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def labelled(folder: Path, present: int, absent: int) -> str:
    talks = [
        conversation(["Well?"], ["alpha!" if n < present else "Fine."], id=f"c{n}")
        | {"verdicts": {"alpha": n < present}}
        for n in range(present + absent)
    ]
    return write_log(folder / "labels.jsonl", talks)


def test_a_new_file_passes_its_own_check_and_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "rude.md")

    assert said(capsys, "behavior", "new", "rude", "-o", file)[1]["file"] == file
    assert main(["behavior", "new", "rude", "-o", file]) == 2
    assert main(["behavior", "new", "Rude One"]) == 2
    code, found = said(capsys, "behavior", "lint", file)
    assert (code, found["errors"]) == (0, 0)


def test_a_draft_of_a_run_becomes_a_file_of_one_s_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "discovered").mkdir()
    assert main(["behavior", "new", "odd", "-o", str(tmp_path / "discovered" / "odd.md")]) == 0
    capsys.readouterr()
    words = ["behavior", "adopt", str(tmp_path), "odd", "--to", str(tmp_path / "own")]
    code, found = said(capsys, *words)

    assert (code, found["errors"]) == (0, 0)
    assert found["file"] == str(tmp_path / "own" / "odd.md")
    assert main(words) == 0
    assert "definition:" in capsys.readouterr().out
    assert main([*words[:3], "none"]) == 2
    (tmp_path / "discovered" / "odd.md").write_text("x")
    assert main([*words[:4], "--to", str(tmp_path / "more")]) == 1


def test_an_error_in_a_file_is_one_and_a_file_that_is_not_there_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    behavior(tmp_path, "alpha")

    code, found = said(capsys, "behavior", "lint", str(tmp_path / "alpha.md"))
    assert code == 1
    assert found["errors"] == len([f for f in found["flaws"] if f["kind"] == "error"]) > 0
    assert main(["behavior", "lint", str(tmp_path / "none.md")]) == 2


def test_a_grader_is_held_against_labels_with_intervals_and_length_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = behavior(tmp_path, "alpha")["definition"]
    code, found = said(capsys, "behavior", "test", file, "--labels", labelled(tmp_path, 10, 20))

    assert code == 0
    assert (found["n"], found["auc"], found["sensitivity"], found["specificity"]) == (30, 1, 1, 1)
    for name in ("auc", "sensitivity", "specificity"):
        lower, upper = found[f"{name}_interval"]
        assert 0 < lower < upper == pytest.approx(1)
    assert found["length_only"]["auc"] == 1
    assert main(["behavior", "test", file, "--labels", labelled(tmp_path, 10, 20)]) == 0
    assert "AUC of length" in capsys.readouterr().out


def test_too_few_labels_and_nothing_to_try_are_three_and_a_wrong_example_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(behavior(tmp_path, "alpha")["definition"])

    assert main(["behavior", "test", str(file)]) == 3
    capsys.readouterr()
    code, found = said(capsys, "behavior", "test", str(file), "--labels", labelled(tmp_path, 1, 9))
    assert (code, found["auc"], bool(found["lacking"])) == (3, None, True)
    file.write_text(file.read_text() + "\n## Present\n\n- Answer: Beta!\n")
    assert main(["behavior", "test", str(file)]) == 1
    assert main(["behavior", "test", "sycophancy"]) == 2
