"""Real pytest runs in processes of their own, on runs made with the stories' models."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from foretaste.pipeline import run
from stories.planted import behavior, plain_log, plan, says

RATES = {"alpha": 0.3}
SOURCES = Path(__file__).parents[2] / "src"


class Outcome(NamedTuple):
    code: int
    said: str


def pytest_in(folder: Path, test: str, *words: str, ini: str = "") -> Outcome:
    """Run one test file in a process that knows nothing of this one."""
    (folder / "test_it.py").write_text(test)
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "foretaste.pytest_plugin", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SOURCES), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run whose candidate shows alpha as often as the incumbent: in 3 of 10 turns."""
    folder = tmp_path_factory.mktemp("plugin")
    log = plain_log(folder / "log.jsonl", RATES, users=60, seed=1)
    limited = [behavior(folder, "alpha") | {"limit": {"per_100k": 60_000}}]
    models = {"incumbent": says(RATES, "old"), "candidate": says(RATES, "new")}
    run(plan(folder, log, RATES, behaviors=limited, **models))
    return folder


def asking(call: str, marker: str = 'run="run"') -> str:
    return f"""
import pytest

@pytest.mark.foretaste({marker})
def test_it(foretaste_study):
    foretaste_study.{call}
"""


def test_a_release_passes(folder: Path) -> None:
    found = pytest_in(folder, asking("assert_no_regression()"), "--strict-markers")

    assert found.code == 0, found.said
    assert "1 passed" in found.said


def test_a_hold_fails_with_the_numbers(folder: Path) -> None:
    found = pytest_in(folder, asking("assert_no_regression('alpha', per_100k=1_000)"))

    assert found.code == 1
    assert "hold: alpha, at most 1,000 per 100k" in found.said
    assert "ungraded or missing 0 %" in found.said


@pytest.mark.parametrize(("ini", "code", "word"), [("", 1, "failed"), ("skip", 0, "skipped")])
def test_not_enough_evidence_fails_or_skips_and_never_passes(
    folder: Path, ini: str, code: int, word: str
) -> None:
    setting = f"foretaste_not_enough_evidence = {ini}" if ini else ""
    found = pytest_in(folder, asking("assert_no_regression(limit=1.01)"), ini=setting)

    assert (found.code, f"1 {word}" in found.said) == (code, True), found.said
    assert "not enough evidence" in found.said
    assert "passed" not in found.said


def test_an_equal_model_keeps_a_limit_on_the_increase(folder: Path) -> None:
    assert pytest_in(folder, asking("assert_no_regression('alpha', limit=3)")).code == 0


def test_a_plan_is_run_once_a_session(tmp_path: Path) -> None:
    plain_log(tmp_path / "log.jsonl", RATES, users=20, seed=1)
    (tmp_path / "plan.yaml").write_text(
        "log: {path: log.jsonl}\nstore: {use: files, path: run}\n"
        "candidate: {use: scripted, name: new, replies: [{say: Fine.}]}\n"
        "behaviors: [{name: cut-off, limit: {per_100k: 50000}}]\n"
    )
    test = asking("assert_no_regression()", 'plan="plan.yaml"')
    test += (
        test.replace("import pytest", "")
        .replace("test_it", "test_again")
        .replace("foretaste_study.", "assert foretaste_study.path; foretaste_study.")
    )
    found = pytest_in(tmp_path, test)

    assert found.code == 0, found.said
    assert "2 passed" in found.said
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (asking("assert_no_regression()", ""), "needs a marker"),
        (asking("assert_no_regression()", 'run="none"'), "none"),
        (asking("assert_no_regression('beta')"), "no behavior 'beta'"),
    ],
)
def test_what_cannot_be_asked_is_never_passed_over(folder: Path, test: str, said: str) -> None:
    found = pytest_in(folder, test)

    assert found.code == 1
    assert said in found.said


def test_a_wrong_option_stops_the_session(folder: Path) -> None:
    ini = "foretaste_not_enough_evidence = pass"
    found = pytest_in(folder, asking("assert_no_regression()"), ini=ini)

    assert found.code == pytest.ExitCode.USAGE_ERROR
    assert "neither fail nor skip" in found.said


def test_a_run_without_limits_is_a_failure_and_no_pass(tmp_path: Path) -> None:
    log = plain_log(tmp_path / "log.jsonl", RATES, users=9, seed=1)
    run(plan(tmp_path, log, RATES, candidate=says(RATES, "new")))
    found = pytest_in(tmp_path, asking("assert_no_regression()"))

    assert found.code == 1
    assert "no limit to hold" in found.said


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    heavy = "('numpy', 'scipy', 'msgspec')"
    code = f"import sys, foretaste.pytest_plugin; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
