"""What is lost or changed in a finished run's folder never turns its decision into a release."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.cli import main
from foretaste.records import Outcome, Verdict
from stories.planted import behavior
from stories.releases import RATES, Release, decided, healthy, prepared

RELEASE, HOLD = 0, 1
Tampering = Callable[[Path], None]


def small() -> Release:
    """Enough to release: one limit, one lane."""
    release = healthy()
    release.plan = {"incumbent": None, "judge": None}
    release.limits = {"alpha": {"per_100k": 10_000}}
    return release


def bad() -> Release:
    release = small()
    release.redraw(RATES | {"alpha": 0.3})
    return release


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    assert decided(folder, small()) == RELEASE
    return folder


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held")
    assert decided(folder, bad()) == HOLD
    return folder


def copied(finished: Path, folder: Path) -> Path:
    shutil.copytree(finished, folder, dirs_exist_ok=True)
    return folder


def gate(folder: Path) -> int:
    return main(["gate", str(folder / "run")])


def run(folder: Path, *options: str) -> int:
    return main(["run", str(folder / "plan.yaml"), *options])


def rewritten(change: Callable[[dict[str, object]], None]) -> Tampering:
    def tamper(folder: Path) -> None:
        path = folder / "run" / "study.json"
        study = json.loads(path.read_text())
        change(study)
        path.write_text(json.dumps(study))

    return tamper


def decision_turned(study: dict[str, object]) -> None:
    study["decision"] = {"ruling": "release", "rulings": []}


def decision_removed(study: dict[str, object]) -> None:
    study["decision"] = None


def limit_raised(study: dict[str, object]) -> None:
    study["plan"]["behaviors"][0]["limit"]["per_100k"] = 90_000  # type: ignore[index]


def rates_lowered(study: dict[str, object]) -> None:
    for each in study["estimates"]:  # type: ignore[attr-defined]
        each |= {"present": 0, "rate": 0.0, "upper": 0.001}


def failures_hidden(study: dict[str, object]) -> None:
    for lane in study["account"]["lanes"]:  # type: ignore[index]
        lane["rollouts"] = 1_000_000


def without(kind: str) -> Tampering:
    def tamper(folder: Path) -> None:
        for path in (folder / "run" / "segments").glob(f"{kind}-*"):
            path.unlink()
        for path in (folder / "run").glob("ledger.sqlite*"):
            path.unlink()

    return tamper


def cut_short(folder: Path) -> None:
    (path,) = (folder / "run" / "segments").glob("verdict-*")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overruled(folder: Path) -> None:
    """Verdicts that say absent, of a grader that the plan does not name."""
    with Files(path=str(folder / "run")) as store:
        kind = (replace(v, outcome=Outcome.ABSENT, grader="x") for v in store.read(Verdict))
        store.append(*kind)


def study_cut_short(folder: Path) -> None:
    (folder / "run" / "study.json").write_text('{"run": "')


def study_lost(folder: Path) -> None:
    (folder / "run" / "study.json").unlink()


def both(*steps: Tampering) -> Tampering:
    def tamper(folder: Path) -> None:
        for step in steps:
            step(folder)

    return tamper


TAMPERINGS: dict[str, Tampering] = {
    "nothing": lambda folder: None,
    "the decision turned": rewritten(decision_turned),
    "the decision removed": rewritten(decision_removed),
    "the limit raised": rewritten(limit_raised),
    "the rates lowered": rewritten(rates_lowered),
    "the failures hidden": rewritten(failures_hidden),
    "half a study": study_cut_short,
    "the verdicts lost": without("verdict"),
    "the answers lost": without("rollout"),
    "the verdicts cut short": cut_short,
    "the verdicts overruled": overruled,
    "the study lost": study_lost,
    "the study and the verdicts lost": both(study_lost, without("verdict")),
    "the study lost and the verdicts overruled": both(study_lost, overruled),
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_held_candidate_stays_held(tamper: Tampering, held: Path, tmp_path: Path) -> None:
    folder = copied(held, tmp_path)
    tamper(folder)

    assert gate(folder) != RELEASE
    assert run(folder) != RELEASE
    assert run(folder, "--retry") != RELEASE
    assert gate(folder) != RELEASE


def test_another_run_s_study_decides_nothing(held: Path, released: Path, tmp_path: Path) -> None:
    folder = copied(held, tmp_path)
    shutil.copy(released / "run" / "study.json", folder / "run" / "study.json")

    assert gate(folder) != RELEASE
    assert run(folder) != RELEASE


@pytest.mark.parametrize("kind", ["verdict", "rollout"])
def test_a_release_is_not_repeated_once_its_evidence_is_gone(
    kind: str, released: Path, tmp_path: Path
) -> None:
    folder = copied(released, tmp_path)
    without(kind)(folder)

    assert gate(folder) != RELEASE
    assert run(folder) != RELEASE
    assert run(folder, "--retry") == RELEASE  # what was lost is asked and graded again
    assert gate(folder) == RELEASE


def test_a_release_does_not_hold_for_other_answers(released: Path, tmp_path: Path) -> None:
    folder = copied(released, tmp_path)
    prepared(folder, bad())

    assert run(folder) != RELEASE


def test_a_release_does_not_hold_for_another_log(released: Path, tmp_path: Path) -> None:
    folder = copied(released, tmp_path)
    other = small()
    other.log = other.log[:20]
    prepared(folder, other)

    assert run(folder) != RELEASE


def test_a_hold_is_not_lifted_by_another_definition(held: Path, tmp_path: Path) -> None:
    folder = copied(held, tmp_path)
    behavior(folder, "alpha", "{use: rule, pattern: 'never said'}")

    assert run(folder) != RELEASE


def test_going_back_to_a_definition_goes_back_to_its_verdicts(held: Path, tmp_path: Path) -> None:
    folder = copied(held, tmp_path)
    behavior(folder, "alpha", "{use: rule, pattern: 'never said'}")
    assert run(folder, "--retry") == RELEASE
    behavior(folder, "alpha")

    assert run(folder, "--retry") == HOLD
