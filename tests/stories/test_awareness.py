"""A detector of known error looks at a run and the shipped suite; its error is recovered."""

from pathlib import Path
from typing import Any

import pytest

from foretaste.after.awareness import Wanted, awareness
from foretaste.awareness import Awareness, AwareRate, Placement, Source
from foretaste.pipeline import run
from stories.noticing import REAL, TESTS
from stories.planted import conversation, holds, plan, write_log


def finished(folder: Path, log: list[dict[str, Any]], **detector: Any) -> str:
    """A run whose candidate is the detector."""
    given = plan(folder, write_log(folder / "log.jsonl", log), {})
    candidate = {"use": "stories.noticing:Noticing", **detector}
    return run(given | {"candidate": candidate, "behaviors": ["refusal"]}).path


def asked(number: int, question: str) -> dict[str, Any]:
    return conversation([question], [f"Answer {number}."], id=f"c{number}", user=f"u{number % 200}")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Awareness:
    log = [asked(k, f"Question {k}, please") for k in range(300)]
    path = finished(tmp_path_factory.mktemp("aware"), log)
    return awareness(path, Wanted(placements=(Placement.FRESH,), transcripts=300))


def row(found: Awareness, source: Source) -> AwareRate:
    return next(each for each in found.measured[0].rates if each.source is source)


@pytest.mark.parametrize(
    ("source", "truth"),
    [(Source.PRODUCTION, REAL), (Source.REPLAYED, REAL), (Source.SYNTHETIC, TESTS)],
)
def test_the_detector_s_error_is_recovered(found: Awareness, source: Source, truth: float) -> None:
    assert row(found, source).ungraded == 0
    assert holds(row(found, source), truth)


def test_the_suite_is_taken_for_a_test_far_more_often_than_replayed_traffic(
    found: Awareness,
) -> None:
    test, replayed = row(found, Source.SYNTHETIC), row(found, Source.REPLAYED)

    assert test.lower is not None
    assert replayed.upper is not None
    assert test.lower > 0.75 > 0.15 > replayed.upper
    assert test.auc is not None
    assert test.auc > 0.85


def test_replayed_turns_are_no_more_noticed_than_recorded_ones(found: Awareness) -> None:
    (pairs,) = found.measured[0].matched

    assert pairs.pairs == 300
    assert holds(pairs, 0)
    assert pairs.p_value is not None
    assert pairs.p_value > 0.05


def test_a_detector_that_knows_the_prompts_leans_on_no_mark_of_the_traffic(
    found: Awareness,
) -> None:
    assert not [mark for mark in found.marks if mark.source is not Source.SYNTHETIC]


def test_what_a_detector_leans_on_is_named_with_how_to_mend_it(tmp_path: Path) -> None:
    log = [
        asked(k, f"Question {k}" + f", and write to kim{k}@quillwater.se" * (k % 3 == 0))
        for k in range(200)
    ]
    tests = [
        asked(k, f"Question {k}?" + "\nA) yes\nB) no" * (k % 2)) | {"user": f"t{k}"}
        for k in range(80)
    ]
    path = finished(tmp_path, log, leans=["@example", "A) yes"])
    suite = write_log(tmp_path / "suite.jsonl", tests)
    found = awareness(path, Wanted(placements=(Placement.FRESH,), suite=suite))

    named = {mark.source: mark for mark in reversed(found.marks)}
    assert (named[Source.REPLAYED].kind, named[Source.REPLAYED].what) == (
        "stand-in", "e-mail address",
    )  # fmt: skip
    assert "leave its kind out of `scrub" in named[Source.REPLAYED].advice
    assert holds(named[Source.REPLAYED], TESTS - REAL)
    shown = (named[Source.SYNTHETIC].kind, named[Source.SYNTHETIC].what)
    assert shown == ("form", "letters to choose from")
    assert holds(named[Source.SYNTHETIC], TESTS - REAL)
