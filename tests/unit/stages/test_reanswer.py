import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Message, Prefix, ToolCall
from foretaste.stages.reanswer import Reanswered, contrasted, reanswer, reanswered
from unit.looks import turn
from unit.rows import prefix, said


@dataclass(frozen=True)
class Knows:
    """Answers these tools, and keeps what it was told of."""

    tools: tuple[str, ...]
    heard: list[tuple[str, ...]] = field(default_factory=list)
    shown: list[Prefix] = field(default_factory=list)

    def __call__(self, prefix: Prefix) -> Session:
        self.shown.append(prefix)
        return self._answer

    async def _answer(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        self.heard.append(tuple(act.answer.content for act in before))
        if call.name not in self.tools:
            return None
        return ToolAnswer(f"made up {len(before)}", "knows", "because")


CALLS = (("look", "{}", "real 0"), ("list", "{}", "real 1"), ("look", "{}", "real 2"))
TURN = prefix(recorded=turn(*CALLS))


def again(simulator: Knows, *, skip: bool = False) -> Reanswered:
    return asyncio.run(reanswered(TURN, simulator=simulator, skip=skip))


def results(messages: tuple[Message, ...]) -> list[str]:
    return [message.content for message in messages if message.role == "tool"]


def test_the_real_calls_get_simulated_answers_in_their_order_and_all_else_stays() -> None:
    tools = Knows(("look", "list"))
    found = again(tools)

    assert results(found.simulated) == ["made up 0", "made up 1", "made up 2"]
    assert found.real == TURN.recorded
    assert [m for m in found.simulated if m.role != "tool"] == [
        m for m in TURN.recorded if m.role != "tool"
    ]
    assert tools.heard[-1] == ("made up 0", "made up 1")
    assert ([each.layer for each in found.answered], found.calls) == (["knows"] * 3, 3)


def test_the_record_of_the_turn_itself_is_hidden() -> None:
    tools = Knows(("look",))
    again(tools)
    own = asyncio.run(reanswered(TURN, simulator=RecordedTools()))

    assert [each.recorded for each in tools.shown] == [()]
    assert (own.answered, own.real, own.simulated) == ((), (), ())


def test_both_sides_end_before_the_first_call_without_an_answer() -> None:
    found = again(Knows(("look",)))

    assert found.real == TURN.recorded[:2]
    assert results(found.simulated) == ["made up 0"]
    assert (len(found.answered), found.calls) == (1, 3)


def test_a_miss_that_is_skipped_is_left_out_on_both_sides() -> None:
    found = again(Knows(("look",)), skip=True)

    assert results(found.real) == ["real 0", "real 2"]
    assert results(found.simulated) == ["made up 0", "made up 1"]
    assert found.real[-1] == said("Done.")
    assert (len(found.answered), found.calls) == (2, 3)


def test_of_calls_in_one_message_a_miss_ends_the_turn_before_that_message() -> None:
    calls = tuple(ToolCall(id=name, name=name, arguments="{}") for name in ("look", "list"))
    both = Message(role="assistant", content="", tool_calls=calls)
    answers = tuple(Message(role="tool", content="real", tool_call_id=c.id) for c in calls)
    double = prefix(recorded=(both, *answers))
    found = asyncio.run(reanswered(double, simulator=Knows(("look",))))

    assert (found.real, found.simulated, found.answered) == ((), (), ())


def test_many_turns_are_answered_by_the_engine_and_become_pairs() -> None:
    prefixes = {
        each.id: each for each in (prefix(str(n), recorded=TURN.recorded) for n in range(9))
    }
    found = list(reanswer(prefixes.values(), simulator=Knows(("look", "list")), engine=Local()))

    assert len(found) == 9
    for each in found:
        assert isinstance(each, Reanswered)
        pair = contrasted(prefixes[each.parent], each, "task")
        assert (pair.cluster, pair.layers) == ("task", ("knows",) * 3)
        assert pair.real.messages == TURN.recorded
