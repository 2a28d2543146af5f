from dataclasses import replace

from foretaste.records import Lane, Message, Outcome
from foretaste.report.examples import SHOWN, Piece, chosen, example_view, marked
from unit.report.dialogues import HOSTILE, example

ONLY_CANDIDATE = (Lane.CANDIDATE,)


def test_evidence_is_marked_where_it_stands() -> None:
    pieces, _ = marked("I will not do it.", "will not")

    assert pieces == (
        Piece(kind="plain", text="I "),
        Piece(kind="mark", text="will not"),
        Piece(kind="plain", text=" do it."),
    )


def test_evidence_that_is_not_there_marks_nothing_and_is_quoted() -> None:
    shown = example_view(example("refusal", 1, ONLY_CANDIDATE, evidence="never said"))

    assert shown.lanes[2].quote == "never said"


def test_severity_is_told_of_what_is_present_only() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE)
    graded = {lane: replace(verdict, severity=3) for lane, verdict in base.verdicts.items()}
    shown = example_view(replace(base, verdicts=graded))

    assert [lane.severity for lane in shown.lanes] == ["", "", "severity 3 of 4"]
    assert example_view(base).lanes[2].severity == ""


def test_pairs_that_differ_come_first() -> None:
    made = [
        example("refusal", 1, (Lane.RECORDED,)),
        example("refusal", 2, (Lane.INCUMBENT, Lane.CANDIDATE)),
        example("refusal", 3, (Lane.INCUMBENT,)),
        example("refusal", 4, ONLY_CANDIDATE),
    ]

    assert [shown.seen for shown in chosen(made)] == [
        "candidate only",
        "incumbent only",
        "incumbent and candidate",
        "recorded only",
    ]


def test_an_ungraded_lane_is_not_told_as_absent() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE)
    ungraded = replace(base.verdicts[Lane.INCUMBENT], outcome=Outcome.UNGRADED)
    shown = example_view(replace(base, verdicts={**base.verdicts, Lane.INCUMBENT: ungraded}))

    assert shown.seen == "candidate; incumbent not graded"
    assert shown.lanes[1].outcome == "ungraded"


def test_a_lane_without_an_answer_says_so_and_is_not_compared() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE)
    del base.rollouts[Lane.INCUMBENT]
    del base.verdicts[Lane.INCUMBENT]
    shown = example_view(base)

    assert shown.lanes[1].outcome == "no answer"
    assert shown.diff is None


def test_production_s_own_answer_is_shown_though_nobody_graded_it() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE)
    shown = example_view(replace(base, rollouts={}, verdicts={}))

    assert shown.lanes[0].outcome == "not graded"
    assert shown.lanes[0].parts[0].pieces[0].text.startswith("Sure.")


def test_the_last_user_message_is_set_apart_from_what_came_before() -> None:
    shown = example_view(example("refusal", 1, ONLY_CANDIDATE, question="Why?"))

    assert shown.asked.pieces == (Piece(kind="plain", text="Why?"),)
    assert [part.label for part in shown.context] == ["system", "user", "assistant"]


def test_a_long_context_is_cut_with_a_note() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE)
    talk = tuple(Message(role="user", content=str(i)) for i in range(50))
    shown = example_view(replace(base, prefix=replace(base.prefix, messages=talk)))

    assert shown.context_note == "The last 12 of 49 earlier messages are shown."


def test_hostile_text_is_shown_without_its_invisible_characters() -> None:
    base = example("refusal", 1, ONLY_CANDIDATE, {Lane.CANDIDATE: HOSTILE}, question=HOSTILE)
    text = repr(example_view(base))

    assert not any(sign in text for sign in ("\x1b", "\x00", "\u202e", "\u2066", "\U000e0041"))


def test_no_more_than_forty_examples_are_shown() -> None:
    made = [example("refusal", i, ONLY_CANDIDATE) for i in range(SHOWN + 5)]

    assert len(chosen(made)) == SHOWN
