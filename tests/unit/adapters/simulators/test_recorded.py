import asyncio

import pytest

from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import Message, ToolCall
from unit.adapters.simulators.asking import call, calling, result
from unit.rows import prefix

LOOK = call("get_trip", id="ABC123")
OTHER = call("get_user", id="u1")
CANCEL = call("cancel_trip", id="ABC123")
TURN = (
    calling(LOOK, OTHER),
    result(LOOK, "booked"),
    result(OTHER, "Ann"),
    calling(CANCEL),
    result(CANCEL, "done"),
    calling(LOOK),
    Message(role="tool", content="cancelled", tool_call_id=LOOK.id, seconds=1.5),
    Message(role="assistant", content="It is cancelled."),
)


def replayed(*calls: ToolCall, **more: tuple[str, ...]) -> list[str | None]:
    """What calls in this order are answered; what stays open is answered by somebody else."""

    async def run() -> list[str | None]:
        session = RecordedTools(**more)(prefix(recorded=TURN))
        before: list[Act] = []
        found: list[str | None] = []
        for each in calls:
            answer = await session(each, before)
            found.append(answer.content if answer else None)
            before.append(Act(each, answer or ToolAnswer("?", "other", "")))
        return found

    return asyncio.run(run())


def test_reads_may_come_in_any_order() -> None:
    assert replayed(OTHER, LOOK, CANCEL, LOOK) == ["Ann", "booked", "done", "cancelled"]


def test_a_read_after_the_recorded_write_sees_it() -> None:
    assert replayed(CANCEL, LOOK) == ["done", "cancelled"]


def test_after_a_write_of_its_own_nothing_recorded_holds() -> None:
    assert replayed(call("book_trip", id="NEW000"), LOOK, CANCEL) == [None] * 3


def test_a_write_that_the_plan_calls_reading_changes_no_state() -> None:
    mine = call("note", text="hm")

    assert replayed(mine, LOOK) == [None, None]
    assert replayed(mine, LOOK, reads=("note",)) == [None, "booked"]


@pytest.mark.parametrize("times", [2, 5])
def test_the_same_call_again_gets_the_last_answer_again(times: int) -> None:
    assert replayed(*[LOOK] * times) == ["booked"] * times


def test_an_answer_says_how_long_production_s_tool_took() -> None:
    async def run() -> ToolAnswer | None:
        done = [Act(CANCEL, ToolAnswer("done", "recorded", ""))]
        return await RecordedTools()(prefix(recorded=TURN))(LOOK, done)

    answer = asyncio.run(run())
    assert answer is not None
    assert answer.seconds == 1.5
