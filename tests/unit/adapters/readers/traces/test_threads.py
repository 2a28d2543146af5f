from typing import Any

from foretaste.adapters.readers.traces.exchange import Exchange
from foretaste.adapters.readers.traces.spans import Span
from foretaste.adapters.readers.traces.steps import Step
from foretaste.adapters.readers.traces.threads import Call, ToolTimes, threads
from foretaste.records import Dialogue, Label, Message, ToolCall
from foretaste.turns import turns


def said(text: str) -> tuple[Message, ...]:
    """`u1 a1 u2`: what the user and the assistant said in turns."""
    roles: dict[str, Any] = {"s": "system", "u": "user", "a": "assistant"}
    return tuple(Message(role=roles[word[0]], content=word) for word in text.split())


def call(asked: str, answered: str, agent: str = "", labels: tuple[Label, ...] = ()) -> Call:
    exchange = Exchange(said(asked), said(answered))
    return Call("log", 1, exchange, Step(Span(), True, "k", agent, False, None, {}, [*labels], []))


def dialogues(*calls: Call, times: ToolTimes | None = None) -> list[Dialogue]:
    found = [t.conversation("k", times or ToolTimes({}, {})) for t in threads(calls)]
    return [conversation.dialogue for conversation in found if conversation is not None]


def words(*calls: Call) -> list[str]:
    return [" ".join(m.content for m in each.messages) for each in dialogues(*calls)]


def test_calls_that_repeat_what_was_said_are_one_conversation() -> None:
    (found,) = dialogues(call("u1", "a1"), call("u1 a1 u2", "a2"), call("u1 a1 u2 a2 u3", "a3"))

    assert [message.content for message in found.messages] == ["u1", "a1", "u2", "a2", "u3", "a3"]
    assert len(turns(found)) == 3


def test_an_answer_may_be_sent_again_in_other_words() -> None:
    assert words(call("u1", "a1"), call("u1 a1-without-thought u2", "a2")) == [
        "u1 a1-without-thought u2 a2"
    ]


def test_the_branch_that_has_the_very_answer_is_the_one_that_goes_on() -> None:
    calls = (call("u1", "a1"), call("u1", "a1b"), call("u1 a1 u2", "a2"))

    assert words(*calls) == ["u1 a1 u2 a2", "u1 a1b"]


def test_another_context_begins_another_conversation_whose_context_counts_nowhere() -> None:
    first, cut = dialogues(call("s u1 a1 u2", "a2"), call("s uSummary a2 u3", "a3"))

    assert (first.own_from, cut.own_from) == (4, 4)
    assert [len(turns(each)) for each in (first, cut)] == [1, 1]


def test_a_question_sent_again_without_the_answer_loses_no_answer() -> None:
    assert words(call("u1", "a1"), call("u1 u2", "a2")) == ["u1 a1", "u1 u2 a2"]


def test_other_agents_say_the_same_for_themselves() -> None:
    calls = (call("u1", "a1", agent="x"), call("u1 a1 u2", "a2", agent="y"))

    assert words(*calls) == ["u1 a1", "u1 a1 u2 a2"]


def test_a_call_that_failed_is_taken_up_by_the_one_that_tries_again() -> None:
    found = threads([call("u1", "a1"), call("u1 a1 u2", ""), call("u1 a1 u2", "a2")])

    assert len(found) == 1
    assert found[0].last.exchange.answered


def test_what_was_answered_before_a_failure_is_kept() -> None:
    calls = [call("u1", "a1"), call("u1 a1 u2", "")]

    assert words(*calls) == ["u1 a1"]
    assert not threads(calls)[0].last.exchange.answered


def test_labels_point_at_the_answer_they_are_about() -> None:
    about_this, about_all = Label(name="x", value=1.0, message=0), Label(name="y", value=1.0)

    (found,) = dialogues(call("u1", "a1"), call("u1 a1 u2", "a2", labels=(about_this, about_all)))

    assert {(label.name, label.message) for label in found.labels} == {("x", 3), ("y", None)}


def test_times_of_runs_that_name_no_call_are_given_in_order_if_as_many() -> None:
    calls = tuple(ToolCall(id=name, name="f", arguments="{}") for name in "ab")
    results = [Message(role="tool", content="r", tool_call_id=name) for name in "ab"]
    asked = (*said("u1"), Message(role="assistant", content="", tool_calls=calls), *results)
    made = call("u1", "a1")._replace(exchange=Exchange(asked, said("a1")))

    def seconds(times: list[float]) -> list[float | None]:
        (found,) = dialogues(made, times=ToolTimes({}, {"f": times}))
        return [message.seconds for message in found.messages if message.role == "tool"]

    assert seconds([1.0, 2.0]) == [1.0, 2.0]
    assert seconds([1.0]) == [None, None]
