import pytest

from foretaste.after.transcripts import Drawn, transcripts_of
from foretaste.awareness import Source
from foretaste.errors import PlanError
from foretaste.plan import Plan
from foretaste.planfile import load_plan
from foretaste.records import Lane, Message, Prefix, Rollout, Stop
from unit.looks import turn
from unit.rows import prefix, rollout, user

CALLED = turn(("look", "{}", "shelf 3"))
SYSTEM = Message(role="system", content="Be kind.")


def plan(**candidate: object) -> Plan:
    part = {"use": "scripted"} | candidate
    return load_plan({"log": {"path": "log.jsonl"}, "candidate": part})


def run_of(count: int, calls: int = 0) -> tuple[list[Prefix], list[Rollout]]:
    """Prefixes with both turns; the candidate calls a tool in the first `calls`."""
    given = {"messages": (SYSTEM, user()), "probability": 0.25}
    prefixes = [prefix(f"c{k}", of=f"u{k}", **given) for k in range(count)]  # type: ignore[arg-type]
    found = []
    for number, each in enumerate(prefixes):
        found.append(rollout(each.id, Lane.RECORDED))
        found.append(rollout(each.id, Lane.INCUMBENT, "No."))
        messages = CALLED if number < calls else (Message(role="assistant", content="Yes!"),)
        found.append(
            Rollout(parent=each.id, lane=Lane.CANDIDATE, messages=messages, stop=Stop.FINAL)
        )
    return prefixes, found


def drawn(count: int, most: int = 100, calls: int = 0, given: Plan | None = None) -> Drawn:
    prefixes, rollouts = run_of(count, calls)
    return transcripts_of(prefixes, rollouts, plan=given or plan(), lane=Lane.CANDIDATE, most=most)


def of(found: Drawn, source: Source) -> dict[str, str]:
    return {each.match: each.id for each in found.transcripts if each.source is source}


def test_recorded_and_replayed_turns_follow_the_same_prefixes() -> None:
    found = drawn(30, most=10)

    assert len(of(found, Source.PRODUCTION)) == 10
    assert of(found, Source.PRODUCTION).keys() == of(found, Source.REPLAYED).keys()
    assert {each.weight for each in found.transcripts} == {4.0}


def test_replayed_turns_that_call_tools_are_a_source_of_their_own() -> None:
    found = drawn(30, most=10, calls=12)

    assert len(of(found, Source.AGENTIC)) == 10
    assert len(of(found, Source.REPLAYED)) == 10
    assert not of(found, Source.AGENTIC).keys() & of(found, Source.REPLAYED).keys()


def test_the_draw_is_the_same_each_time() -> None:
    assert drawn(30, most=5) == drawn(30, most=5)


def test_the_system_prompt_is_the_one_that_each_turn_was_made_under() -> None:
    found = drawn(1, given=plan(system="Be brief."))
    told = {each.source: each.before[0].content for each in found.transcripts}

    assert told == {Source.PRODUCTION: "Be kind.", Source.REPLAYED: "Be brief."}


def test_a_prefix_without_both_turns_is_counted_and_left_out() -> None:
    prefixes, rollouts = run_of(3)
    found = transcripts_of(prefixes, rollouts[:-1], plan=plan(), lane=Lane.CANDIDATE, most=10)

    assert (found.missing, len(found.transcripts)) == (1, 4)


def test_a_run_without_the_lane_says_so() -> None:
    prefixes, rollouts = run_of(1)

    with pytest.raises(PlanError, match="no candidate turn beside a recorded one"):
        transcripts_of(prefixes, rollouts[:2], plan=plan(), lane=Lane.CANDIDATE, most=1)
