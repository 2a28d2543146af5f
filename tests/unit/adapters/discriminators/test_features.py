from foretaste.adapters.discriminators.features import (
    characters,
    names,
    said_words,
    shape,
    words,
)
from foretaste.contrasts import Side
from foretaste.records import Message
from unit.looks import turn
from unit.rows import user


def side(*calls: tuple[str, str, str | None], last: str = "Done.", asked: str = "Hi") -> Side:
    return Side((user(asked),), turn(*calls, last=last))


def test_texts_of_results_carry_their_tool_and_what_is_said_does_not() -> None:
    found = side(("look", "{}", "on shelf"), last="There it is")

    assert words(found)["look|on shelf"] == 1
    assert characters(found)["look|helf"] == 1
    assert said_words(found)["it is"] == 1


def test_an_answer_that_fits_its_call_is_told_from_one_that_does_not() -> None:
    fits = shape(side(("look", '{"id": "B12"}', '{"id": "B12", "shelf": 3}')))
    strange = shape(side(("look", '{"id": "B12"}', '{"id": "C77", "shelf": 3}')))

    assert (fits["echo"], strange["echo"]) == (1, 0)
    assert (fits["argument in result"], strange["argument in result"]) == (1, 0)


def test_what_is_said_of_nowhere_is_told() -> None:
    known = shape(side(("look", "{}", "B12"), last="It is B12, as in 1999.", asked="In 1999?"))
    invented = shape(side(("look", "{}", "B13"), last="It is B12, as in 1999.", asked="In 1999?"))

    assert known["said known"] == 1
    assert invented["said known"] == 0.5
    assert invented["asked or said of nowhere"] > known["asked or said of nowhere"] == 0


def test_form_errors_and_repetition_are_features() -> None:
    found = shape(
        side(
            ("look", "{}", '{"shelf": 3}'),
            ("look", "{}", "Error: gone"),
            ("list", "{}", "[1, 2]"),
            ("find", "{}", "[1, 2]"),
            ("find", "{}", None),
        )
    )

    assert found["look .shelf is int"] == 1
    assert found["error look"] == 0.5
    assert found["same call, other answer"] == 0.25
    assert found["other call, same answer"] == 0.25
    assert found["unanswered find"] == 0.5
    assert {"start > look", "look > look", "find > end"} <= found.keys()


def test_names_hold_a_digit_and_three_characters() -> None:
    assert names("Flight HAT069 for $152 on May 5, user_7") == {"hat069", "152", "user_7"}


def test_broken_and_deep_json_is_text() -> None:
    deep = "[" * 100_000
    found = shape(side(("look", "{", deep), ("look", '{"a": ', "\ud800")))

    assert found["type look"] == 3
    assert isinstance(Message(role="user", content=deep), Message)
