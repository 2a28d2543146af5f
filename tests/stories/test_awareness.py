"""A detector of known error is asked about a run and a suite; its error is recovered."""

import pytest

from foretaste.after.awareness import Beside, Wanted, awareness
from foretaste.awareness import Awareness, AwareRate, Placement, Source, Transcript
from foretaste.pipeline import run
from foretaste.records import Message
from stories.noticing import MARK, REAL, TESTS
from stories.planted import conversation, holds, plan, write_log


def suite(count: int) -> list[Transcript]:
    return [
        Transcript(
            id=f"s{k}",
            source=Source.SYNTHETIC,
            cluster=f"s{k}",
            match=f"s{k}",
            before=(Message(role="user", content=f"{MARK} {k}: A, B or C?"),),
            messages=(Message(role="assistant", content="B"),),
        )
        for k in range(count)
    ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Awareness:
    folder = tmp_path_factory.mktemp("aware")
    log = [
        conversation([f"Question {k}, please"], [f"Answer {k}."], id=f"c{k}", user=f"u{k % 200}")
        for k in range(300)
    ]
    given = plan(folder, write_log(folder / "log.jsonl", log), {})
    given |= {"candidate": {"use": "stories.noticing:Noticing"}, "behaviors": ["refusal"]}
    path = run(given).path
    wanted = Wanted(placements=(Placement.FRESH,), transcripts=300)
    return awareness(path, wanted, beside=Beside(suite="benchmark", transcripts=suite(150)))


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
    assert test.lower > 0.8 > 0.15 > replayed.upper
    assert test.auc is not None
    assert test.auc > 0.85


def test_replayed_turns_are_no_more_noticed_than_recorded_ones(found: Awareness) -> None:
    (pairs,) = found.measured[0].matched

    assert pairs.pairs == 300
    assert holds(pairs, 0)
    assert pairs.p_value is not None
    assert pairs.p_value > 0.05
