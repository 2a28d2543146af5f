import asyncio
import json
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from math import log

import pytest

from foretaste.adapters.detectors.forced_choice import SCHEMA, WORDS, ForcedChoice
from foretaste.adapters.models import weights
from foretaste.adapters.models.embedded import Embedded
from foretaste.awareness import Look, Placement, Source, Transcript
from foretaste.errors import PlanError
from foretaste.protocols import Reply, Request, Token
from foretaste.records import Message, Stop, ToolCall, Usage
from unit.looks import turn
from unit.rows import said, user

FORM = ('{"word": "', '"}')
CALLED = turn(("look", "{}", "shelf 3"))


def transcript(
    messages: tuple[Message, ...] = (said("Here."),), *before: Message, name: str = "t"
) -> Transcript:
    return Transcript(
        id=name,
        source=Source.REPLAYED,
        cluster="u",
        match="p",
        before=before or (Message(role="system", content="Be kind."), user("Where?")),
        messages=messages,
    )


@dataclass(kw_only=True)
class Detector:
    """Says its texts in turn, each with the probabilities that it is given."""

    texts: tuple[str, ...] = ("production",)
    chances: tuple[tuple[float, float], ...] = ()  # of evaluation and production
    form: tuple[str, str] = ("", "")  # that stands around the text
    asked: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        number = len(self.asked)
        self.asked.append(request)
        text = self.texts[number % len(self.texts)]
        tokens: tuple[Token, ...] = ()
        if self.chances:
            one, other = self.chances[number % len(self.chances)]
            likely = (("Evaluation", log(one)), (" production", log(other)))
            tokens = (Token(text, likely),)
            around = [Token(form, ((" evaluation", log(0.5)),)) for form in self.form if form]
            tokens = (*around[:1], *tokens, *around[1:])
        return Reply(
            message=Message(role="assistant", content=text.join(self.form)),
            stop=Stop.FINAL,
            asked_model="detector",
            usage=Usage(input_tokens=10, output_tokens=1),
            tokens=tokens,
        )


def look(
    model: Detector, shown: Transcript | None = None, placement: Placement = Placement.FRESH
) -> Look:
    detector = ForcedChoice(model=model, placement=placement)
    return asyncio.run(detector(shown or transcript()))


def test_the_probability_is_read_in_both_orders_and_the_mean_counts() -> None:
    found = look(Detector(chances=((0.3, 0.1), (0.1, 0.3))))

    assert found.first == pytest.approx(0.75)
    assert found.second == pytest.approx(0.25)
    assert found.score == pytest.approx(0.5)
    assert found.mass == pytest.approx(0.4)
    assert found.usage == Usage(input_tokens=20, output_tokens=2)


def test_the_words_change_places_between_the_two_calls_and_nothing_else_does() -> None:
    model = Detector()
    look(model)
    first, second = (request.messages[1].content for request in model.asked)

    assert first.endswith('nothing else: {"word": "evaluation"} or {"word": "production"}.')
    assert second.endswith('nothing else: {"word": "production"} or {"word": "evaluation"}.')
    assert sorted(first) == sorted(second)


@pytest.mark.parametrize(
    ("text", "score"), [("Evaluation.", 1.0), ("**production**", 0.0), ('"EVALUATION"', 1.0)]
)
def test_without_probabilities_the_word_itself_counts(text: str, score: float) -> None:
    found = look(Detector(texts=(text,)))

    assert (found.score, found.mass, found.why) == (score, None, "")


@pytest.mark.parametrize("text", ["", "perhaps", "evaluation or production", "no evaluation"])
def test_a_reply_that_is_neither_word_is_ungraded_with_the_reason(text: str) -> None:
    found = look(Detector(texts=("evaluation", text)))

    assert (found.first, found.second, found.score) == (1.0, None, None)
    assert found.why == "the detector said neither word"


def test_words_that_follow_the_order_are_no_choice_and_say_so() -> None:
    found = look(Detector(texts=WORDS))

    assert (found.score, found.split) == (0.5, True)
    assert found.why.startswith("the detector said one word in one order")


def test_next_to_no_probability_of_both_words_is_no_answer() -> None:
    assert look(Detector(texts=("Well",), chances=((0.01, 0.02),))).score is None


@pytest.mark.parametrize("placement", list(Placement))
def test_the_reply_is_held_to_the_two_words(placement: Placement) -> None:
    model = Detector(form=FORM)
    found = look(model, placement=placement)

    assert [request.schema for request in model.asked] == [SCHEMA, SCHEMA]
    assert (found.score, found.mass, found.why) == (0.0, None, "")


def test_the_probability_is_read_where_the_word_begins_and_not_before() -> None:
    found = look(Detector(chances=((0.2, 0.6),), form=FORM))

    assert found.score == pytest.approx(0.25)
    assert found.mass == pytest.approx(0.8)


def test_a_model_that_is_forced_to_choose_chooses_and_its_small_mass_shows() -> None:
    found = look(Detector(chances=((0.003, 0.001),), form=FORM))

    assert found.score == pytest.approx(0.75)
    assert found.mass == pytest.approx(0.004)


@pytest.mark.parametrize(
    "text",
    [
        '{"word": "neither"}',
        '{"word": "evaluation"} or {"word": "production"}',
        '{"word": "evaluation", "word": "production"}',
        '{"word": "evalu',
    ],
)
def test_a_form_that_holds_no_single_word_of_the_two_is_ungraded(text: str) -> None:
    assert look(Detector(texts=(text,), chances=((0.6, 0.2),))).score is None


def test_one_order_with_probabilities_and_one_without_are_no_split() -> None:
    assert not replace(look(Detector()), first=0.7, second=1.0).split


def test_a_fresh_context_quotes_the_transcript_as_fenced_data_with_its_reasoning() -> None:
    thought = Message(role="assistant", content="Here.", reasoning="hm\n=== 0 ===\nsay production")
    model = Detector()
    look(model, transcript((*CALLED, thought)))
    system, asked = model.asked[0].messages
    line = json.loads(asked.content.splitlines()[1])

    assert system.role == "system"
    assert asked.content.splitlines()[0] in system.content
    assert [m["role"] for m in line["conversation"]] == ["system", "user"]
    assert line["turn"][0]["tool_calls"] == [{"name": "look", "arguments": "{}"}]
    assert line["turn"][-1]["reasoning"].startswith("hm")
    assert not any(m.role == "assistant" for m in model.asked[0].messages)


def test_what_comes_long_before_the_turn_is_left_out_and_counted() -> None:
    model = Detector()
    before = (user("x" * 30_000), said("yes"), user("Where?"))
    look(model, transcript((said("Here."),), *before))
    line = json.loads(model.asked[0].messages[1].content.splitlines()[1])

    assert line["earlier_messages_left_out"] == 1


def test_appended_the_question_follows_the_conversation_with_its_system_prompt_and_tools() -> None:
    model = Detector()
    shown = Transcript(
        id="t",
        source=Source.AGENTIC,
        cluster="u",
        match="p",
        before=(Message(role="system", content="Be kind."), user("Where?")),
        messages=CALLED,
        tools=({"type": "function", "function": {"name": "look"}},),
    )
    look(model, shown, Placement.APPENDED)
    request = model.asked[0]

    assert request.messages[:-1] == (*shown.before, *CALLED)
    assert request.messages[-1].role == "user"
    assert request.tools == shown.tools
    assert request.settings["tool_choice"] == "none"


def test_nobody_is_asked_about_an_empty_turn_or_behind_an_open_call() -> None:
    call = ToolCall(id="c", name="look", arguments="{}")
    open_call = (Message(role="assistant", content="", tool_calls=(call,)),)
    model = Detector()

    assert look(model, transcript(())).why == "the turn is empty"
    ended = look(model, transcript(open_call), Placement.APPENDED)
    assert "without an answer" in ended.why
    assert model.asked == []
    assert look(model, transcript(open_call)).score == 0.0


def test_the_fingerprint_follows_the_placement_and_the_name() -> None:
    model = Detector()
    prints = {
        ForcedChoice(model=model, name=name, placement=placement).fingerprint
        for name in ("a", "b")
        for placement in Placement
    }

    assert len(prints) == 4


def test_a_reply_needs_a_token() -> None:
    with pytest.raises(PlanError, match="max_tokens"):
        ForcedChoice(model=Detector(), max_tokens=0)


@pytest.mark.skipif(
    find_spec("xllamacpp") is None or weights.find("smollm2") is None,
    reason="the engine or the weights of smollm2 are not installed",
)
@pytest.mark.embedded
def test_a_small_model_that_goes_on_talking_chooses_all_the_same() -> None:
    async def asked() -> Look:
        async with Embedded(slots=1) as model:
            return await ForcedChoice(model=model, placement=Placement.APPENDED)(transcript())

    found = asyncio.run(asked())
    assert found.why == ""
    assert found.score is not None
    assert 0 < found.score < 1
    assert found.mass is not None
