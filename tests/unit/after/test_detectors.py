from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.adapters.stores.files import Files
from foretaste.after.detectors import ITSELF, Detector, detectors_of, said_by, ungraded
from foretaste.awareness import Look, Placement, Source, Transcript
from foretaste.errors import PlanError
from foretaste.plan import Plan
from foretaste.planfile import load_plan
from foretaste.records import Usage
from foretaste.runs.spending import Spending
from foretaste.runs.watch import quiet
from unit.rows import said, user

SHOWN = [
    Transcript(
        id=f"t{k}",
        source=Source.PRODUCTION,
        cluster="u",
        match="p",
        before=(user("Where? " * 40),),
        messages=(said("Here. " * 20),),
    )
    for k in range(4)
]


def a_plan(**candidate: object) -> Plan:
    scripted = {"use": "scripted", "default": "production", **candidate}
    return load_plan({"log": {"path": "none.jsonl"}, "candidate": scripted})


def detectors(
    store: Files, plan: Plan | None = None, names: Sequence[str] = (ITSELF,)
) -> list[Detector]:
    placements = tuple(Placement)
    return list(
        detectors_of(plan or a_plan(), names, placements, store=store, context=1_000, max_tokens=32)
    )


def looked(store: Files, detector: Detector, own: Sequence[Transcript]) -> list[Look]:
    plan = a_plan()
    spending = Spending(plan)
    return list(said_by(detector, own, engine=Local(), spending=spending, store=store, watch=quiet))


@pytest.fixture
def kept(tmp_path: Path) -> str:
    return str(tmp_path / "kept")


def test_each_model_is_asked_once_in_each_placement(kept: str) -> None:
    with Files(path=kept) as store:
        found = detectors(store, names=(ITSELF, ITSELF, "embedded/smollm2"))

    assert [each.about for each in found] == [
        "scripted, appended",
        "scripted, fresh context",
        "embedded/smollm2, appended",
        "embedded/smollm2, fresh context",
    ]


@pytest.mark.parametrize("name", ["gpt", "recorded/x"])
def test_a_name_that_nobody_can_be_asked_by_is_refused(kept: str, name: str) -> None:
    with Files(path=kept) as store, pytest.raises(PlanError):
        detectors(store, names=(name,))


def test_what_was_said_is_known_to_the_same_detector_alone_and_costs_nothing(kept: str) -> None:
    with Files(path=kept) as store:
        first = looked(store, detectors(store)[0], SHOWN[:3])
    with Files(path=kept) as store:
        again, fresh = detectors(store)
        found = looked(store, again, SHOWN)

    assert [each.id for each in again.left(SHOWN)] == ["t3"]
    assert (again.cost(SHOWN).calls, fresh.cost(SHOWN).calls) == (2, 8)
    assert [each.transcript for each in found] == ["t0", "t1", "t2", "t3"]
    assert found[:3] == first


def test_a_turn_that_is_to_be_answered_yet_is_taken_to_be_of_usual_length(kept: str) -> None:
    with Files(path=kept) as store:
        detector = detectors(store)[0]
    known, unknown = (
        detector.cost([each]).input_tokens for each in (SHOWN[0], replace(SHOWN[0], messages=()))
    )

    assert unknown - known == 2 * (300 - 30)


def test_reasons_are_counted(kept: str) -> None:
    look = Look(transcript="t", placement=Placement.FRESH, first=None, second=None, mass=None)
    found = [replace(look, why="too long"), replace(look, why="too long"), look]
    with Files(path=kept) as store:
        detector = detectors(store)[1]

    assert list(ungraded(detector, found)) == ["scripted, fresh context: 2 ungraded: too long"]
    assert found[0].usage == Usage()
