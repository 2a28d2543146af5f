from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import PlanError, UnknownName
from foretaste.personal.diff import diff
from foretaste.stages.preview import Cost
from stories.planted import conversation, write_log


def log_of(folder: Path, turns: int = 4) -> str:
    records = [
        conversation([f"Question {chr(97 + n)}?"], ["Fine."], user=f"u{n}", id=f"c{n}")
        for n in range(turns)
    ]
    return write_log(folder / "log.jsonl", records)


def scripted(says: str) -> dict[str, Any]:
    return {"use": "scripted", "default": says}


def test_models_are_named_as_in_a_plan_or_barely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    asked: list[tuple[Cost, ...]] = []
    names = ["smollm2", "embedded/smollm2", "gpt-x", "openai/gpt-x"]
    for number, name in enumerate(names):
        with pytest.raises((PlanError, KeyboardInterrupt)):
            diff(log, model=name, path=f"run{number}", announce=stopped(asked))

    told = [[cost.model for cost in costs if cost.what == "candidate"] for costs in asked]
    assert told == [["embedded/smollm2"]] * 2 + [["openai/gpt-x"]] * 2
    with pytest.raises(UnknownName, match="opanai"):
        diff(log, model="opanai/gpt-x", path="run")


def stopped(asked: list[tuple[Cost, ...]]) -> Any:
    def announce(quoted: tuple[Cost, ...]) -> None:
        asked.append(quoted)
        raise KeyboardInterrupt

    return announce


def test_the_folder_is_named_by_the_turns_and_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    first, again, other = (
        diff(log, model=scripted(text), count=count).path
        for text, count in (("Yes.", 4), ("Yes.", 4), ("Yes.", 2))
    )

    assert first == again != other
    assert first.startswith("runs/diff-")


def test_free_models_need_no_consent_and_notes_say_what_is_missing(tmp_path: Path) -> None:
    asked: list[tuple[Cost, ...]] = []

    def refuse(quoted: tuple[Cost, ...]) -> bool:
        asked.append(quoted)
        return False

    made = diff(
        log_of(tmp_path),
        model=scripted("Yes."),
        baseline=scripted("No."),
        path=str(tmp_path / "run"),
        confirm=refuse,
    )

    assert asked == []
    assert made.noise is not None
    notes = " ".join(made.notes)
    assert "4 turns of the 4 newest conversations of 4" in notes
    assert "20 turns were asked for" in notes
    assert "system prompt (of 4 turns)" in notes


def test_without_a_baseline_there_is_no_noise_control_and_it_says_why(tmp_path: Path) -> None:
    for number, baseline in enumerate((None, "none")):
        made = diff(
            log_of(tmp_path),
            model=scripted("Yes."),
            baseline=baseline,
            path=str(tmp_path / f"run{number}"),
        )
        assert made.noise is None
        assert any(note.startswith("No noise control") for note in made.notes)


def test_a_run_goes_on_with_its_own_turns_whatever_came_into_the_log_since(tmp_path: Path) -> None:
    given: dict[str, Any] = {"model": scripted("Yes."), "path": str(tmp_path / "run")}
    first = diff(log_of(tmp_path), **given)
    again = diff(log_of(tmp_path, turns=9), **given)

    assert again == first
    with pytest.raises(PlanError, match="one at least"):
        diff(log_of(tmp_path), count=0, **given)
