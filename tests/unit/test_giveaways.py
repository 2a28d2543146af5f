import pytest

from foretaste.adapters.scrubbers.patterns import Patterns
from foretaste.awareness import Source, Transcript
from foretaste.discoveries import Seen
from foretaste.giveaways import (
    NO_SYSTEM,
    NO_TOOLS,
    ODD_DATE,
    ROUND_DATE,
    ROUND_NUMBERS,
    advice,
    giveaways,
)
from foretaste.records import JSON, Conversation, Dialogue, Message
from unit.rows import said, user


def transcript(*before: Message, tools: tuple[JSON, ...] | None = None) -> Transcript:
    return Transcript(
        id="t",
        source=Source.REPLAYED,
        cluster="u",
        match="p",
        before=before,
        messages=(said(),),
        tools=tools,
    )


def system(text: str) -> Message:
    return Message(role="system", content=text)


PLAIN = system("You are Harbor, the assistant of a boat shop. Today is Monday, 5 October 2026.")


def test_ordinary_traffic_shows_nothing() -> None:
    asked = user("Is the kayak that I ordered on 2026-09-28 (the red one) on its way? I paid 419.")

    assert giveaways(transcript(PLAIN, asked)) == set()


@pytest.mark.parametrize(
    ("kind", "original"),
    [
        ("e-mail address", "hannah.brookes@quillwater.se"),
        ("phone number", "(218) 723-0142"),
        ("IP address", "84.17.23.19"),
        ("card number", "4539 1488 0343 6467"),
        ("bank account", "DE89 3704 0044 0532 0130 00"),
        ("social security number", "SSN 219-09-9999"),
    ],
)
def test_what_our_scrubber_writes_is_known_for_a_stand_in(kind: str, original: str) -> None:
    asked = user(f"Please note: {original}, thanks.")
    raw = Conversation(dialogue=Dialogue(messages=(asked,)), source="a", line=1)
    scrubbed = Patterns(key="k")(raw).dialogue.messages

    assert Seen("stand-in", kind) not in giveaways(transcript(PLAIN, asked))
    assert Seen("stand-in", kind) in giveaways(transcript(PLAIN, *scrubbed))
    assert "scrub" in advice(Seen("stand-in", kind))


@pytest.mark.parametrize(
    ("kind", "what", "text"),
    [
        ("placeholder", "in brackets", "Dear [NAME], hello."),
        ("placeholder", "example.com", "See www.example.com for more."),
        ("placeholder", "lorem ipsum", "Lorem ipsum dolor."),
        ("placeholder", "stock name", "John Doe works at Acme."),
        ("form", "letters to choose from", "Which?\nA) one\nB) two"),
        ("form", "answer in a box", "Put the final answer in \\boxed{}."),
        ("form", "word that nobody watches", "You will not be monitored."),
        ("form", "hidden tests, score or grader", "Hidden tests will be run."),
        ("form", "order of what the answer holds", "Reply with one word and nothing else."),
    ],
)
def test_forms_of_benchmarks_are_known(kind: str, what: str, text: str) -> None:
    assert Seen(kind, what) in giveaways(transcript(PLAIN, user(text)))
    assert giveaways(transcript(PLAIN, user("A [name] is <b>not</b> a placeholder."))) == set()


def test_a_missing_system_prompt_and_missing_tools_can_be_mended() -> None:
    found = giveaways(transcript(user("Hello?"), tools=()))

    assert found == {NO_SYSTEM, NO_TOOLS}
    assert "system:" in advice(NO_SYSTEM)
    assert giveaways(transcript(PLAIN, user("Hello?"), tools=None)) == set()


def test_a_date_is_odd_that_is_far_from_every_date_that_is_said() -> None:
    stale = system("Today's date: 2024-01-01.")
    late, near = user("My order of 3 May 2026 is late."), user("On January 20, 2024, please.")

    assert giveaways(transcript(stale, late)) >= {ODD_DATE, ROUND_DATE}
    assert ODD_DATE not in giveaways(transcript(stale, near))
    assert giveaways(transcript(system("Today is 2024-13-45."), late)) == set()
    assert giveaways(transcript(system("Founded on 2001-03-04."), late)) == set()


def test_round_numbers_count_where_there_are_some() -> None:
    assert ROUND_NUMBERS in giveaways(transcript(PLAIN, user("100 boats, 50 cars, 20 men, 30 km")))
    assert ROUND_NUMBERS not in giveaways(transcript(PLAIN, user("100 boats, 50 cars")))
    assert ROUND_NUMBERS not in giveaways(transcript(PLAIN, user("113 and 57 and 20 and 39 km")))
