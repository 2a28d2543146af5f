import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from foretaste.adapters.simulators.failures import Failures
from foretaste.adapters.simulators.layered import Layered
from foretaste.errors import LogError, PlanError
from foretaste.protocols import Act, Session, Simulator, ToolAnswer
from foretaste.records import Prefix, ScrubbedConversation, ToolCall
from unit.adapters.simulators.asking import call, calling, result
from unit.adapters.simulators.test_production import talk
from unit.rows import prefix, said

OFTEN = 4000
LATE = ToolAnswer("fine", "test", "")


def corpus(
    calls: int = 400, failed: int = 20, tool: str = "get_book"
) -> tuple[ScrubbedConversation, ...]:
    """Calls of a tool, each in a conversation of its own; the first of them failed in passing."""
    return tuple(
        talk((call(tool, number=number), "Error: 503", 30.0))
        if number < failed
        else talk((call(tool, number=number), "fine", 0.25))
        for number in range(calls)
    )


def entered(talks: Iterable[ScrubbedConversation] = corpus(), **more: Any) -> Failures:
    async def enter() -> Failures:
        async with Failures(conversations=lambda: talks, **more) as found:
            return found

    return asyncio.run(enter())


def asked(
    failures: Failures, calls: Iterable[tuple[Prefix, ToolCall, Sequence[Act]]]
) -> list[ToolAnswer | None]:
    async def run() -> list[ToolAnswer | None]:
        return [await failures(cut)(call, before) for cut, call, before in calls]

    return asyncio.run(run())


def many(name: str = "get_book") -> list[tuple[Prefix, ToolCall, Sequence[Act]]]:
    return [(prefix(str(number)), call(name, title="Emma"), ()) for number in range(OFTEN)]


def share(found: list[ToolAnswer | None]) -> float:
    return sum(each is not None for each in found) / len(found)


def error(rate: float) -> float:
    """Four standard deviations of a share among `OFTEN` calls."""
    return float(4 * (rate * (1 - rate) / OFTEN) ** 0.5)


def test_calls_fail_at_the_rate_that_is_planted_in_the_log() -> None:
    found = asked(entered(), many())

    assert abs(share(found) - 0.05) < error(0.05)


def test_a_failure_is_one_of_production_s_with_its_time_and_says_how_rare_it_is() -> None:
    found = [each for each in asked(entered(), many()) if each]

    why = "production's share of transient failures of this tool: 20 of 400 (3.3% to 7.6%)"
    assert set(found) == {ToolAnswer("Error: 503", "failures", why, 30.0, done=False)}


def test_every_text_of_production_comes_up_as_often_as_there() -> None:
    talks = [talk((call("get_book", n=n), f"Error: 503 from {n % 2}", None)) for n in range(20)]
    found = [each.content for each in asked(entered(talks), many()) if each]

    assert len(found) == OFTEN
    assert abs(found.count("Error: 503 from 1") / OFTEN - 0.5) < error(0.5)


def test_a_rerun_fails_alike_another_seed_and_another_step_do_not() -> None:
    first = asked(entered(), many())
    later = [(cut, each, [Act(each, LATE)]) for cut, each, _ in many()]

    assert asked(entered(), many()) == first
    assert asked(entered(seed=1), many()) != first
    again = asked(entered(), later)
    both = sum(one is not None and two is not None for one, two in zip(first, again, strict=True))
    assert again != first
    assert both / OFTEN < 0.05 * 0.05 + error(0.0025)


def test_a_tool_of_which_the_log_knows_little_never_fails() -> None:
    assert share(asked(entered(), many("get_page"))) == 0
    assert share(asked(entered(corpus(19, 10)), many())) == 0
    assert share(asked(entered(corpus(19, 10), least=10), many())) > 0


def test_the_plan_s_rate_goes_before_the_log_s_for_tools_without_failures_too() -> None:
    failures = entered(rates={"get_book": 0.0, "get_*": 0.2})

    assert share(asked(failures, many())) == 0
    found = asked(failures, many("get_page"))
    assert abs(share(found) - 0.2) < error(0.2)
    assert {each.content for each in found if each} == {"Error: 503"}
    assert {each.why for each in found if each} == {
        "the plan's share of transient failures of this tool: 0.2"
    }


def test_a_call_that_the_recorded_turn_made_in_the_same_state_never_fails() -> None:
    made, write = call("get_book", title="Emma"), call("lend", title="Emma")
    recorded = (calling(made), result(made, "2 copies"), said("Two."))
    cut = prefix(recorded=recorded)
    failures = entered(rates={"*": 1.0})
    written = [Act(write, LATE)]
    failed = [Act(write, LATE._replace(done=False))]

    found = asked(failures, [(cut, made, ()), (cut, made, failed), (cut, made, written)])

    assert [each is not None for each in found] == [False, False, True]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(PlanError, match="'get_\\*' has 2, which is not in 0 to 1"):
        entered(rates={"get_*": 2.0})
    with pytest.raises(LogError, match="no tool call with a result"):
        entered(())
    with pytest.raises(LogError, match="no failure in the log"):
        entered(corpus(20, 0), rates={"get_book": 0.1})
    with pytest.raises(LogError, match="enter the layer first"):
        Failures(conversations=corpus)(prefix())


def test_in_layers_answers_without_a_time_take_as_long_as_production_s() -> None:
    class Answers:
        def __call__(self, prefix: Prefix) -> Session:
            async def session(call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
                return ToolAnswer("2 copies", "own", "", 7.0 * (call.name == "get_slow"))

            return session

    layers: dict[str, Simulator] = {"failures": entered(corpus(400, 0)), "other": Answers()}

    async def run(tool: str) -> float:
        answer = await Layered(layers=layers)(prefix())(call(tool))
        assert answer is not None
        return answer.seconds

    assert asyncio.run(run("get_book")) == 0.25
    assert asyncio.run(run("get_slow")) == 7.0
    assert asyncio.run(run("get_page")) == 0.0
    assert Failures(conversations=corpus).latency("get_book", 1) is None
