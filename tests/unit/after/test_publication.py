import hashlib
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from foretaste.after.publication import ForecastFile, seal
from foretaste.after.release import open_study
from foretaste.errors import PlanError, SealBroken
from foretaste.ledger import open_ledger
from foretaste.pipeline import run
from foretaste.provenance import environment
from foretaste.sealing import is_whole
from stories.planted import plan, says
from unit.docs.pages import blocks
from unit.released import RATES, log


def test_the_forecast_s_file_can_be_read_and_checked_alone(path: str, tmp_path: Path) -> None:
    done = seal(path)
    alone = tmp_path / "alone.json"
    Path(done.forecast).rename(alone)
    found = msgspec.json.decode(alone.read_bytes(), type=ForecastFile)

    assert found.study == open_study(path)
    assert is_whole(found.study)
    assert found.seal == found.study.sealed.seal == done.seal
    assert found.forecasts["alpha"].rate == found.study.sealed.forecasts[0].rate
    assert hashlib.sha256(alone.read_bytes()).hexdigest() == done.sha256


def test_no_conversation_is_in_what_is_laid_open(path: str) -> None:
    done = seal(path)
    written = Path(done.forecast).read_text() + Path(done.ledger).read_text()

    assert "Well?" not in written
    assert "alpha!" in written  # the rule's own pattern; nobody's answer


def test_the_environment_is_a_file_that_pip_reads(path: str) -> None:
    written = Path(seal(path).environment).read_text().splitlines()

    pins = [line for line in written if not line.startswith("#")]
    assert all("==" in pin and "/" not in pin for pin in pins)
    assert any(pin.startswith("numpy==") for pin in pins)
    assert open_study(path).sealed.code in written[1]
    assert open_study(path).environment == environment()


def test_an_environment_changed_afterwards_breaks_the_seal(path: str) -> None:
    study = json.loads(Path(path, "study.json").read_text())
    study["environment"]["python"] = "2.7"
    Path(path, "study.json").write_text(json.dumps(study))

    with pytest.raises(SealBroken):
        seal(path)


def test_sealing_twice_changes_no_byte(path: str) -> None:
    first = seal(path)
    before = {file: Path(file).read_bytes() for file in (first.forecast, first.ledger)}

    assert seal(path) == first
    assert {file: Path(file).read_bytes() for file in before} == before


def test_the_ledger_lies_beside_the_run_or_where_it_is_said(path: str, tmp_path: Path) -> None:
    other = str(tmp_path / "elsewhere" / "own.jsonl")

    assert seal(path).ledger == str(tmp_path / "ledger.jsonl")
    assert seal(path, ledger=other).ledger == other
    assert [each.sealed.run for each in open_ledger(other).stories()] == ["run"]


def test_a_plan_can_name_its_ledger_and_switching_learning_off_leaves_the_usual_one(
    tmp_path: Path,
) -> None:
    before = log(tmp_path, "before", ["Fine."] * 9)
    for name, ledger, place in (
        ("a", "our/ledger.jsonl", "our/ledger.jsonl"),
        ("b", None, "b/ledger.jsonl"),
        ("c", "none", "c/ledger.jsonl"),
    ):
        spec = {"turns": 100, "ledger": ledger}
        given = plan(tmp_path / name, before, RATES, candidate=says(RATES, "new"), forecast=spec)
        given["behaviors"][0]["definition"] = "alpha.md"
        given["store"]["path"] = f"{name}/run"
        (tmp_path / "alpha.md").write_text((tmp_path / name / "alpha.md").read_text())
        (tmp_path / f"{name}.yaml").write_text(json.dumps(given))

        assert Path(seal(run(str(tmp_path / f"{name}.yaml")).path).ledger) == tmp_path / place


def test_a_run_that_was_sealed_anew_keeps_the_old_forecast_beside_the_new(path: str) -> None:
    old = seal(path)
    given = json.loads(Path(path, "plan.json").read_text())["plan"]
    given = {key: value for key, value in given.items() if value is not None}
    given["store"] = {"use": "files", "path": path}
    Path(path, "plan.json").write_text(Path(path, "plan.json").read_text())
    run(given, retry=True)
    new = seal(path)

    assert new.seal != old.seal
    assert new.line == 2
    assert Path(path, f"forecast-{old.seal[:8]}.json").exists()


def test_a_forecast_s_file_that_was_changed_is_not_written_into_the_ledger_again(
    path: str,
) -> None:
    done = seal(path)
    Path(done.forecast).write_text(Path(done.forecast).read_text().replace("0.", "1.", 1))

    with pytest.raises(SealBroken, match=r"not the file of line 1"):
        seal(path)


def test_a_ledger_that_is_not_whole_takes_no_forecast(path: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("scribble\n")

    with pytest.raises(SealBroken, match=r"ledger\.jsonl, line 1"):
        seal(path)
    assert not Path(path, "forecast.json").exists()


def test_outside_of_a_repository_the_forecast_is_sealed_and_git_is_refused(path: str) -> None:
    with pytest.raises(PlanError, match="no git repository"):
        seal(path, git="commit")
    assert Path(path, "forecast.json").exists()


def test_a_run_can_be_made_again_from_the_forecast_s_file_as_the_docs_say(
    finished: Path, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = seal(path)
    (tmp_path / "runs" / "october-1a2b3c4d").mkdir(parents=True)
    shutil.copy(done.forecast, tmp_path / "runs" / "october-1a2b3c4d" / "forecast.json")
    (tmp_path / "then.jsonl").write_text("")
    (taken,) = [block for block in blocks("python") if "again.yaml" in block.text]
    monkeypatch.chdir(tmp_path)
    exec(compile(taken.text, taken.place, "exec"), {})  # our own page
    again = run("again.yaml").study
    then = open_study(path)

    assert again.estimates == then.estimates
    assert again.sealed.prefixes == then.sealed.prefixes
    assert again.sealed.forecasts == then.sealed.forecasts
    assert again.environment == then.environment
