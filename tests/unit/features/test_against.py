import pytest

from foretaste.features.against import Setting, Shown, against
from foretaste.features.sentences import sentences
from foretaste.pairs import FlagKind
from foretaste.records import Message, Stop
from unit.comparisons import Turn, beside
from unit.looks import turn

CLAUSE = "This is no legal advice, ask a lawyer."


def shown(
    recorded: Turn, new: Turn, *, asked: str = "", stop: Stop = Stop.FINAL, tools: str = ""
) -> list[Shown]:
    pair = beside(recorded, new, asked=asked, stop=stop)
    beside_it: tuple[Message, ...] = ()
    here = Setting(pair.prefix, pair.recorded, beside_it, tools.split(), sentences(CLAUSE))
    assert pair.new is not None
    return list(against(pair.new, here))


@pytest.mark.parametrize(
    ("recorded", "new", "kind", "says"),
    [
        ("Fine.", "Fine, said Anna.", "name", "Names “Anna”, which is in neither prompt nor reco"),
        ("Fine.", "Fine, 2,450 then.", "number", "Gives “2,450”, which is in neither prompt nor"),
        ("Fine.", "See https://a.example/b.", "link", "Links to “https://a.example/b”, which is "),
        (f"Fine. {CLAUSE}", "Fine.", "dropped", "Drops “This is no legal advice, ask a lawyer.”"),
        ("Fine.", turn(("send", "{}", "")), "tool", "Calls the tool “send”, which no recorded tu"),
        (turn(("look", "{}", "")), "Done.", "tool", "Does not call the tool “look”, which the re"),
        (
            "Das ist nicht der Brief, und die Frist ist mit dem Gericht zu klären.",
            "This is not the letter, and the deadline is for you to settle with them.",
            "language",
            "Is in English; the record is in German.",
        ),
        ("Fine. " * 20, "Fine. " * 60, "length", "Is much longer: 60 words instead of 20."),
        ("Fine. " * 60, "Fine. " * 20, "length", "Is much shorter: 20 words instead of 60."),
        ("Fine.", "- Fine.\n- Good.", "format", "Uses a bullet list."),
        ("**Fine**.", "Fine.", "format", "Uses no longer bold text."),
        ("Fine.", "Fine \N{ROCKET}", "tone", "Uses emoji."),
        ("Sorry, fine.", "Fine.", "tone", "No longer apologises."),
    ],
    ids=lambda text: str(text)[:12],
)
def test_a_difference_is_told_in_plain_words(
    recorded: Turn, new: Turn, kind: str, says: str
) -> None:
    (found,) = shown(recorded, new)

    assert (found.kind, found.says[: len(says)]) == (FlagKind(kind), says)


def test_the_same_answer_shows_nothing() -> None:
    text = f"Dear Anna, it is 2,450. See https://a.example/b. {CLAUSE}"

    assert shown(text, text) == []
    assert shown("Fine.", "Fine, said Anna.", asked="I am Anna.") == []


def test_what_was_cut_off_leaves_nothing_out() -> None:
    calls = turn(("look", "{}", ""))

    assert shown(f"Fine. {CLAUSE}", "Fine.", stop=Stop.LENGTH) == []
    assert shown(calls, "Done.", stop=Stop.TOOL_MISS) == []


def test_a_tool_that_other_recorded_turns_call_tells_less() -> None:
    (new,), (other,) = (
        shown("Done.", turn(("send", '{"to": "all"}', "")), tools=tools) for tools in ("", "send")
    )

    assert new.weight > other.weight
    assert other.says == "Calls the tool “send”, which the recorded turn does not call."
    assert new.quote == 'send({"to": "all"})'


def test_a_quote_inside_a_sentence_is_one_short_line() -> None:
    (found,) = shown("Fine.", turn(("se\nnd" * 100, "{}", "")))

    assert "\n" not in found.says
    assert len(found.says) < 200
