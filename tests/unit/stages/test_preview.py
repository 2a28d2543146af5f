from typing import Any

import pytest

from foretaste.findings import Limit
from foretaste.records import Message, ToolCall
from foretaste.stages.preview import TOOL_PROMPT_TOKENS, Asked, costs, limit_power, power
from unit.rows import prefix, said, user

LONG = prefix(messages=(user("x" * 400),), recorded=(said("y" * 80),))


def asked(**more: Any) -> Asked:
    given: dict[str, Any] = {
        "what": "candidate",
        "model": "m",
        "times": 1,
        "settings": {},
        "usd_input": 2.0,
        "usd_output": 10.0,
    }
    return Asked(**(given | more))


def test_a_lane_reads_the_prefix_and_writes_about_what_production_wrote() -> None:
    (found,) = costs([LONG] * 3, [asked()])

    assert (found.calls, found.input_tokens, found.output_tokens) == (3, 300, 60)
    assert found.usd == pytest.approx((300 * 2 + 60 * 10) / 1e6)


def test_a_token_limit_of_plan_or_log_caps_what_is_written() -> None:
    limited = prefix(messages=LONG.messages, recorded=LONG.recorded, settings={"max_tokens": 15})

    by_plan = costs([LONG], [asked(settings={"max_tokens": 5})])[0]
    by_log = costs([limited], [asked()])[0]

    assert (by_plan.output_tokens, by_log.output_tokens) == (5, 15)


def test_a_judge_reads_prefix_answer_and_rubric_once_for_each_behavior_and_lane() -> None:
    (found,) = costs([LONG], [asked(what="judge", times=6, judges=True)])

    assert found.calls == 6
    assert found.input_tokens == 6 * (100 + 20 + 600)
    assert found.output_tokens == 6 * 120


def test_a_model_of_tools_answers_as_many_calls_as_production_s_turn_had() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")
    asks = Message(role="assistant", content="", tool_calls=(call, call))
    turn = (asks, Message(role="tool", content="z" * 40, tool_call_id="1"), said("y"))
    (found,) = costs([prefix(recorded=turn), LONG], [asked(what="tools", times=2, simulates=True)])

    assert found.calls == 4  # an answer for each prefix and lane, as for lanes
    assert found.input_tokens == 2 * 2 * TOOL_PROMPT_TOKENS
    assert found.output_tokens == 2 * 10


def test_an_unknown_price_gives_no_cost_and_not_zero() -> None:
    free, unknown = costs([LONG], [asked(usd_input=0.0, usd_output=0.0), asked(usd_output=None)])

    assert (free.usd, unknown.usd) == (0.0, None)


def test_an_answer_of_unknown_length_is_taken_for_an_average_one() -> None:
    assert costs([prefix(recorded=())], [asked()])[0].output_tokens == 300


def test_a_larger_sample_shows_rarer_behaviors_and_smaller_changes() -> None:
    small, large = power(1_000, 100), power(100_000, None)

    assert small.floor == pytest.approx(0.003, rel=0.01)
    assert large.floor < small.floor
    assert (small.ratios["10.0%"] or 0) > (large.ratios["10.0%"] or 0) > 1
    assert (small.differences["10%"] or 0) > (large.differences["10%"] or 0) > 0


def test_a_sample_too_small_for_any_change_says_so() -> None:
    found = power(20, 5)

    assert found.ratios["0.1%"] is None
    assert (found.prefixes, found.users) == (20, 5)


def test_each_limit_is_said_to_be_within_reach_of_the_sample_or_not() -> None:
    limits = [
        Limit(behavior="b", per_100k=2_000),
        Limit(behavior="b", per_100k=100),
        Limit(behavior="b", per_100k=0),
        Limit(behavior="b", increase=1.5),
        Limit(behavior="b", increase=1),
    ]
    kept, beyond, never, equal, none = limit_power(limits, 1_000)

    assert kept.rate is not None
    assert 0.005 < kept.rate < 0.01
    assert (beyond.rate, beyond.needed) == (None, 3_688)
    assert (never.rate, never.needed) == (None, None)
    assert equal.equal_from == pytest.approx(0.136, abs=0.001)
    assert (none.equal_from, none.needed) == (None, None)
