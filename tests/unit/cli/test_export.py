import json
from pathlib import Path

import pytest

from foretaste.cli import main
from unit.released import finish

PLACE = "foretaste.adapters.exporters"
CSV, OTLP = f"{PLACE}.spreadsheet:CSV", f"{PLACE}.otlp:OTLP"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("export"))


def test_json_says_what_was_written(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", path, str(tmp_path), "--to", CSV, "--no-text", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)

    assert found["files"] == ["verdicts.csv", "forecasts.csv"]
    assert (found["counts"]["verdicts"], found["text"]) == (80, False)
    assert "{" not in said.err


def test_a_person_is_told_that_nothing_leads_back_to_a_trace(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", path, str(tmp_path), "--to", OTLP]) == 0
    said = " ".join(capsys.readouterr().out.split())

    assert "0 of 80 verdicts lead to the log's own traces" in said
    assert "the ids are ours" in said


def test_a_file_that_is_there_is_two(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", path, "--to", CSV]) == 0
    assert main(["export", path, "--to", CSV]) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--to", CSV, "--endpoint", "http://127.0.0.1:1"],
        ["out", "--to", OTLP, "--endpoint", "http://127.0.0.1:1"],
        ["--to", OTLP, "--endpoint", "127.0.0.1:1"],
        ["--to", "cvs"],
        [],
    ],
)
def test_a_wrong_call_is_two(
    path: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", path, *words]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_collector_from_the_environment_is_used_only_without_a_folder(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "no address")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "key=hush")

    assert main(["export", path, str(tmp_path), "--to", OTLP]) == 0
    assert main(["export", path, "--to", OTLP]) == 2
    assert "hush" not in "".join(capsys.readouterr())
