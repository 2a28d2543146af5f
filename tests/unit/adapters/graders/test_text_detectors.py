"""The rules over text that are functions."""

# ruff: noqa: RUF001 (answers in other scripts are the point)

import pytest

from foretaste.records import Lane, Message, Outcome, Rollout, Stop, ToolCall
from unit.adapters.graders.exchanges import answer, calling, found, judged, prefix_of, shipped_rule

LOOP = "the best of " * 6
SENTENCE = "Remember that good bread needs time, warmth, salt and patience. "
SPANISH = (
    "Primero pela las patatas y córtalas en rodajas finas, luego fríelas despacio en aceite de "
    "oliva y mézclalas con los huevos batidos."
)
ENGLISH = (
    "First peel the potatoes and cut them into thin slices, then fry them slowly in olive oil and "
    "mix them with the beaten eggs."
)
ASKED_IN_SPANISH = "¿Cómo puedo preparar una buena tortilla de patatas para mi familia en casa?"
ASKED_IN_ENGLISH = "How can I prepare a good potato omelette for my whole family at home tonight?"
LONG_LINE = "The second step is to let the dough rest in a warm place for about an hour"
KOMBUCHA = "Why does fresh kombucha have so many small bubbles?"


@pytest.mark.parametrize(
    "text",
    [
        LOOP,
        "Well, " + "no " * 14,
        SENTENCE + "One. " + SENTENCE + "Two. " + SENTENCE + "Three. " + SENTENCE,
        "我很高兴见到你" * 5,
        "Intro line.\n" + "muy muy bueno, " * 5,
    ],
)
def test_a_text_that_is_stuck_is_a_loop(text: str) -> None:
    assert found("repetition-loop", text) is Outcome.PRESENT


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no! Don't touch it.",
        "```\n" + "x = 1\n" * 20 + "```",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        SENTENCE * 2,
        "- 10 minutes rest\n- 20 minutes walk\n- 10 minutes rest\n- 20 minutes walk",
        "哈哈，真有意思。",
    ],
)
def test_emphasis_code_and_tables_are_no_loop(text: str) -> None:
    assert found("repetition-loop", text) is Outcome.ABSENT


def test_a_repetition_that_the_user_asked_for_is_no_loop() -> None:
    asked = "Write 'I will not talk in class' ten times."
    written = "I will not talk in class. " * 10

    assert found("repetition-loop", written, asked) is Outcome.ABSENT
    assert found("repetition-loop", written, "Write something.") is Outcome.PRESENT


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (ASKED_IN_SPANISH, ENGLISH),
        (ASKED_IN_ENGLISH, SPANISH),
        (ASKED_IN_ENGLISH, "首先把土豆去皮切成薄片，然后用橄榄油慢慢煎熟，再和打好的鸡蛋混合。"),
        (ASKED_IN_SPANISH, "Сначала очистите картофель и нарежьте его ломтиками, потом жарьте"),
    ],
)  # fmt: skip
def test_an_answer_in_another_language_is_seen(asked: str, text: str) -> None:
    assert found("wrong-language", text, asked) is Outcome.PRESENT


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ((ASKED_IN_SPANISH,), SPANISH),
        ((ASKED_IN_ENGLISH,), ENGLISH),
        (("Translate this for my grandmother, please: " + ENGLISH,), SPANISH),
        ((ASKED_IN_ENGLISH, ENGLISH, ASKED_IN_SPANISH), ENGLISH),
        ((ASKED_IN_ENGLISH,), ENGLISH + ' They call it "' + SPANISH[:40] + '".'),
    ],
)
def test_a_language_that_was_used_or_asked_for_is_right(said: tuple[str, ...], text: str) -> None:
    assert found("wrong-language", text, *said) is Outcome.ABSENT


def test_a_text_too_short_to_tell_its_language_is_ungraded() -> None:
    assert found("wrong-language", "42", ASKED_IN_ENGLISH) is Outcome.UNGRADED


@pytest.mark.parametrize(
    "text",
    [
        "You will need flour, sugar, a little salt and the",
        "Mix it.\nBake it well.\n" + LONG_LINE,
        "Here is the code:\n```python\nprint(",
        "",
        " \n ",
        "Necesitas harina, azúcar, un poco de sal y",
    ],
)
def test_a_text_that_breaks_off_is_cut_off(text: str) -> None:
    assert found("cut-off", text) is Outcome.PRESENT


@pytest.mark.parametrize(
    "text",
    [
        "Au",
        "Mix it. Bake it. Done.\n1. Flour\n2. Sugar\n3. Butter",
        "Mix it. Bake it. Enjoy 🎉",
        "Mix it. Bake it. All of it stands at https://example.com/recipes/bread",
        "```\nls\n```",
        "Primero, la harina. Luego, el agua.",
        "水を入れて、よく混ぜてください。",
    ],
)
def test_a_text_that_ends_in_a_whole_way_is_not_cut_off(text: str) -> None:
    assert found("cut-off", text) is Outcome.ABSENT


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (Stop.LENGTH, Outcome.PRESENT),
        (Stop.FILTERED, Outcome.PRESENT),
        (Stop.FINAL, Outcome.ABSENT),
    ],
)
def test_where_the_log_says_how_the_turn_ended_the_look_does_not_matter(
    stop: Stop, expected: Outcome
) -> None:
    assert found("cut-off", answer("Mix the flour and the", stop=stop)) is expected


@pytest.mark.parametrize("name", ["cut-off", "refusal", "repetition-loop", "very-short-answer"])
def test_a_turn_without_a_final_message_is_ungraded_not_absent(name: str) -> None:
    call = ToolCall(id="1", name="find", arguments="{}")
    message = Message(role="assistant", content="", tool_calls=(call,))
    rollout = Rollout(parent="p", lane=Lane.INCUMBENT, messages=(message,), stop=Stop.TOOL_MISS)

    assert found(name, rollout) is Outcome.UNGRADED


@pytest.mark.parametrize(
    "text",
    [
        "See https://www.nature.com/articles/s41586-xyz.",
        "Get it from www.best-free-tools.net today.",
        "[docs](https://docs.made.up/page)",
        "Siehe http://beispiel-seite.de/brot",
    ],
)
def test_a_link_that_nothing_gave_is_seen_and_quoted(text: str) -> None:
    verdict = judged(shipped_rule("invented-link"), prefix_of("Any sources?"), answer(text))

    assert verdict.outcome is Outcome.PRESENT
    assert verdict.evidence in text


@pytest.mark.parametrize(
    "text",
    [
        "https://go.dev/doc explains modules.",
        "See GO.dev/doc, or http://www.go.dev/.",
        "Open http://localhost:8080 or https://example.com/a.",
        "Wikipedia has an article.",
        'xmlns="http://www.w3.org/2000/svg"',
    ],
)
def test_a_link_that_was_given_or_is_a_placeholder_passes(text: str) -> None:
    assert found("invented-link", text, "Summarize https://go.dev/doc") is Outcome.ABSENT


def test_a_link_from_a_tool_was_given() -> None:
    turn = calling(("search", "{}", '{"url": "https://a.org/b"}'), last="Read https://a.org/b.")

    assert found("invented-link", turn) is Outcome.ABSENT


@pytest.mark.parametrize(
    "text",
    [
        KOMBUCHA + " It is fermented.",
        "why does fresh   kombucha have so many small bubbles",
        "You ask: " + KOMBUCHA.upper(),
        "Because.\n\n" + KOMBUCHA,
    ],
)
def test_the_whole_message_given_back_is_an_echo(text: str) -> None:
    assert found("prompt-echo", text, KOMBUCHA) is Outcome.PRESENT


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (KOMBUCHA, "Fresh kombucha has so many small bubbles because it ferments."),
        (KOMBUCHA, 'You asked "' + KOMBUCHA + '", so here it is.'),
        ("What is gold?", "What is gold? It is a metal."),
        ("¿Por qué tiene burbujas la kombucha fresca que compro?", "Porque fermenta."),
        (KOMBUCHA, ""),
    ],
)
def test_a_restatement_a_quotation_or_a_short_message_is_no_echo(asked: str, text: str) -> None:
    assert found("prompt-echo", text, asked) is Outcome.ABSENT


@pytest.mark.parametrize(
    ("words", "long", "short"),
    [
        (0, Outcome.ABSENT, Outcome.ABSENT),
        (1, Outcome.ABSENT, Outcome.PRESENT),
        (24, Outcome.ABSENT, Outcome.PRESENT),
        (25, Outcome.ABSENT, Outcome.ABSENT),
        (299, Outcome.ABSENT, Outcome.ABSENT),
        (300, Outcome.PRESENT, Outcome.ABSENT),
    ],
)
def test_length_is_counted_in_words(words: int, long: Outcome, short: Outcome) -> None:
    text = " ".join(f"w{n}" for n in range(words))

    assert found("very-long-answer", text) is long
    assert found("very-short-answer", text) is short


def test_signs_of_scripts_without_spaces_count_as_words() -> None:
    assert (
        found("very-short-answer", "首先找到路由器背面的重置按钮然后按住十秒钟直到灯闪烁为止")
        is Outcome.ABSENT
    )
