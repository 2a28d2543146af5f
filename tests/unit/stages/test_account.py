from dataclasses import replace

from foretaste.records import (
    Answered,
    Diverged,
    Failure,
    Gap,
    Lane,
    Message,
    Outcome,
    ToolCall,
    Usage,
    Verdict,
)
from foretaste.stages.account import gap_account, lane_account, ungraded_account
from unit.rows import prefix, rollout

IDS = ["a", "b", "c", "d"]


def failed(item: str, reason: str, lane: Lane = Lane.CANDIDATE, stage: str = "replay") -> Failure:
    return Failure(stage=stage, item=item, reason=reason, lane=lane)


def test_models_stops_tokens_and_dropped_settings_are_counted_for_the_lane() -> None:
    mine = rollout(
        "a",
        asked_model="m",
        answered_model="m-2",
        dropped=("top_k",),
        usage=Usage(input_tokens=5, output_tokens=7),
    )
    theirs = rollout("b", Lane.INCUMBENT, usage=Usage(input_tokens=100))

    found = lane_account(Lane.CANDIDATE, ["a"], [mine, theirs], [])

    assert (found.rollouts, found.asked_models, found.answered_models) == (1, {"m": 1}, {"m-2": 1})
    assert (found.stops, found.dropped) == ({"final": 1}, {"top_k": 1})
    assert (found.input_tokens, found.output_tokens) == (5, 7)


def test_answers_that_only_repeat_the_recorded_ones_are_counted() -> None:
    recorded = [rollout(each, Lane.RECORDED, "Yes.") for each in "abc"]
    replayed = [rollout("a", Lane.INCUMBENT, "Yes."), rollout("b", Lane.INCUMBENT, "No.")]
    found = lane_account(Lane.INCUMBENT, ["a", "b", "c"], [*replayed, *recorded], [])

    assert (found.rollouts, found.repeats) == (2, 1)


def test_tool_calls_are_counted_with_who_answered_and_where_the_record_was_left() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")
    asked = Message(role="assistant", content="", tool_calls=(call,))
    by = Answered(call="1", layer="recorded", why="")
    on, off, plain = (
        replace(rollout("a"), messages=(asked,), answered=(by,)),
        replace(rollout("b"), diverged=Diverged(step=2, kind="ended earlier")),
        rollout("c"),
    )
    found = lane_account(Lane.CANDIDATE, IDS, [on, off, plain], [])

    assert (found.calls, found.layers, found.calling) == (1, {"recorded": 1}, 2)
    assert (found.diverged, found.left_at) == ({"ended earlier": 1}, 3)


def test_every_prefix_without_an_answer_is_a_failure_with_its_reason() -> None:
    failures = [failed("b", "refused"), failed("c", "time-out"), failed("c", "refused")]

    found = lane_account(Lane.CANDIDATE, IDS, [rollout("a")], failures)

    assert found.failures == {"refused": 2, "never asked": 1}
    assert found.rollouts + sum(found.failures.values()) == len(IDS)


def test_a_prefix_that_failed_and_was_answered_later_is_no_failure() -> None:
    found = lane_account(Lane.CANDIDATE, ["a"], [rollout("a")], [failed("a", "time-out")])

    assert (found.rollouts, found.failures) == (1, {})


def test_failures_of_other_lanes_and_stages_are_not_counted() -> None:
    failures = [failed("a", "x", Lane.INCUMBENT), failed("a", "y", stage="grade")]

    found = lane_account(Lane.CANDIDATE, ["a"], [], failures)

    assert found.failures == {"never asked": 1}


def test_an_answer_that_came_twice_counts_once() -> None:
    twice = [rollout("a", text="one"), rollout("a", text="two")]

    assert lane_account(Lane.CANDIDATE, ["a"], twice, []).rollouts == 1


def test_gaps_are_counted_by_the_prefixes_they_touch() -> None:
    prefixes = [prefix(gaps=(Gap.SYSTEM, Gap.USER)), prefix(gaps=(Gap.USER,)), prefix()]

    assert gap_account(prefixes) == {"system prompt": 1, "user id": 2}


def test_each_reason_for_an_ungraded_verdict_has_its_own_count_without_its_details() -> None:
    def verdict(outcome: Outcome, reason: str) -> Verdict:
        return Verdict(parent="r", behavior="b", outcome=outcome, grader="g", reason=reason)

    found = ungraded_account(
        [
            verdict(Outcome.UNGRADED, "the judge refused to judge"),
            verdict(Outcome.UNGRADED, "the judge's reply has a wrong type: Expected bool"),
            verdict(Outcome.UNGRADED, "the judge's reply has a wrong type: Expected int"),
            verdict(Outcome.UNGRADED, "the judge's reply is empty (it was stopped by length)"),
            verdict(Outcome.UNGRADED, ""),
            verdict(Outcome.ABSENT, "nothing of it"),
        ]
    )

    assert found == {
        "the judge refused to judge": 1,
        "the judge's reply has a wrong type": 2,
        "the judge's reply is empty": 1,
        "the grader does not say": 1,
    }
