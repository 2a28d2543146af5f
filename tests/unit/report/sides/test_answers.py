from foretaste.records import Lane, Stop
from foretaste.report.sides.answers import STEPS, compared, cut, side
from unit.report.compared import call, said


def test_a_call_stands_with_its_result_and_tells_a_tool_that_only_one_uses() -> None:
    old = said("Done.", Lane.RECORDED, "p", (call("read"),))
    new = said("Done.", Lane.CANDIDATE, "p", (call("read"), call("delete")))
    drawn = side("New", "m", new, (), (), "", old)

    assert [(step.label, step.alone, step.result) for step in drawn.steps] == [
        ("says", False, ""),
        ("read", False, "result of read"),
        ("delete", True, "result of delete"),
    ]


def test_an_answer_without_text_says_whether_it_called_tools() -> None:
    calls = said("", Lane.CANDIDATE, "p", (call("read"),))
    empty = said("", Lane.CANDIDATE, "p")

    assert side("New", "m", calls, (), (), "", None).notes == ("(no text, tool calls only)",)
    assert side("New", "m", empty, (), (), "", None).notes == ("(an empty answer)",)


def test_an_answer_that_was_cut_off_says_so() -> None:
    drawn = side("New", "m", said("And", Lane.CANDIDATE, "p", stop=Stop.LENGTH), (), (), "", None)

    assert "cut off by the token limit" in drawn.notes


def test_steps_beyond_the_limit_are_counted() -> None:
    many = tuple(call(f"tool-{i}") for i in range(STEPS + 5))
    drawn = side("New", "m", said("Done.", Lane.CANDIDATE, "p", many), (), (), "", None)

    assert len(drawn.steps) == STEPS
    assert any("The first 40 of 46 steps" in note for note in drawn.notes)


def test_answers_with_little_in_common_are_not_marked() -> None:
    both = compared("Yes, gladly: here is your letter.", "No.")

    assert {span.kind for span in (*both.before, *both.after)} == {"same"}
    assert both.note.startswith("Little is the same")


def test_a_missing_answer_is_an_empty_text() -> None:
    assert cut(None).text == ""
