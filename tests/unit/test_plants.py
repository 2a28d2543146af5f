from dataclasses import replace

import msgspec
import numpy as np
import pytest

from foretaste.calls import pairs as calls_of
from foretaste.discoveries import Pair
from foretaste.language import language_of
from foretaste.plants import Plant, plants_for
from foretaste.records import Lane, Message, ToolCall
from unit.rows import prefix, rollout, said

ANSWER = "The oven must be warm. Then bake the bread for an hour. Ask a baker if unsure."
CLOSES = "Ask a baker if unsure."


def pair(name: str = "c", text: str = ANSWER, *before: Message) -> Pair:
    at = prefix(name)
    turn = replace(rollout(at.id), messages=(*before, said(text)), id="")
    return Pair(at, replace(turn, lane=Lane.INCUMBENT, id=""), turn)


def called(name: str, arguments: str) -> tuple[Message, ...]:
    call = ToolCall(id="1", name=name, arguments=arguments)
    return (
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="found", tool_call_id="1"),
    )


def plants(*pairs: Pair, seed: int = 1) -> dict[str, Plant]:
    return {
        each.name.split(":")[0].split(",")[0]: each
        for each in plants_for(pairs, np.random.default_rng(seed))
    }


def edited(plant: Plant, turn: tuple[Message, ...] = (said(ANSWER),)) -> tuple[Message, ...]:
    found = plant.edit(turn, np.random.default_rng(2))
    assert found is not None
    return found


def test_arithmetic_goes_to_the_traffic_s_own_search_tool_and_comes_back_right() -> None:
    own = plants(pair("a", ANSWER, *called("site_search", '{"q": "oven", "page": 2}')))
    turn = edited(own["a search tool that is given arithmetic"])
    ((call, result),) = calls_of(turn)
    given = msgspec.json.decode(call.arguments)

    assert call.name == "site_search"
    assert list(given) == ["q"]
    assert result is not None
    assert float(result.content) == pytest.approx(eval(given["q"]), abs=1e-4)
    assert len(turn[-1].content) > len(ANSWER)


def test_where_no_tool_is_called_a_search_tool_is_made_up() -> None:
    ((call, _),) = calls_of(edited(plants(pair())["a search tool that is given arithmetic"]))

    assert call.name == "web_search"


@pytest.mark.parametrize("arguments", ["{", "[1]", '"text"', '{"n": 1}', "[" * 5_000])
def test_arguments_that_are_no_object_of_texts_do_no_harm(arguments: str) -> None:
    found = plants(pair("a", ANSWER, *called("search", arguments)))

    ((call, _),) = calls_of(edited(found["a search tool that is given arithmetic"]))
    assert call.name == "web_search"


def test_a_new_tool_is_one_that_the_traffic_does_not_know() -> None:
    known = pair("a", ANSWER, *called("archive_case", '{"reason": "x"}'))
    ((call, result),) = calls_of(edited(plants(known)["a new tool"]))

    assert call.name != "archive_case"
    assert result is not None


def test_the_closing_sentence_is_dropped_where_most_turns_of_both_lanes_have_it() -> None:
    found = plants(pair("a"), pair("b"), pair("c", "No."))["a sentence left out"]

    assert found.takes
    assert edited(found)[-1].content == ANSWER.removesuffix(CLOSES).strip()
    assert found.edit((said("No."),), np.random.default_rng(1)) is None
    assert "a sentence left out" not in plants(pair("a"), pair("b", "No."), pair("c", "Yes."))


def test_another_language_is_one_that_the_traffic_hardly_speaks() -> None:
    german = pair("a", "Das hängt davon ab, was Sie genau brauchen, und wie lange es dauern soll.")
    turn = edited(plants(german)["another language"])

    assert language_of(turn[-1].content) not in ("de", "en", None)


def test_sentences_are_added_and_the_answer_stays() -> None:
    found = plants(pair())

    for name in ("an invented client", "a stock phrase", "a broken link to kb.alderwick.example"):
        plant = next(each for known, each in found.items() if known[:9] == name[:9])
        text = edited(plant)[-1].content
        assert len(text) > len(ANSWER) + 10
        assert all(part in text for part in ANSWER.split(". ")[:1])


def test_a_longer_answer_is_made_of_other_turns() -> None:
    others = [pair(str(number), f"Other answer number {number}.") for number in range(5)]
    text = edited(plants(*others)["a much longer answer"])[-1].content

    assert text.startswith(ANSWER)
    assert text.count("Other answer") == 3


def test_a_turn_that_ends_without_words_has_no_place_for_any_plant() -> None:
    open_call = called("search", "{}")[:1]

    for plant in plants(pair()).values():
        for turn in ((), open_call, (said(""),)):
            assert plant.edit(turn, np.random.default_rng(1)) is None


def test_a_plant_says_something_else_each_time() -> None:
    rng = np.random.default_rng(3)
    edit = plants(pair())["a search tool that is given arithmetic"].edit
    asked = {calls_of(edit((said(ANSWER),), rng) or ())[0][0].arguments for _ in range(20)}

    assert len(asked) > 15
