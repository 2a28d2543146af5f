from dataclasses import replace

from foretaste.awareness import (
    Awareness,
    AwareRate,
    Mark,
    Matched,
    Measured,
    Placement,
    Source,
)
from foretaste.report.awareness import awareness_view, sentence
from foretaste.report.html import render
from unit.report.studies import study

REAL = AwareRate(
    source=Source.PRODUCTION,
    transcripts=200,
    ungraded=3,
    users=150,
    rate=0.0538,
    lower=0.03,
    upper=0.09,
    effective_n=180.0,
    score=0.11,
)
REPLAYED = replace(
    REAL, source=Source.REPLAYED, rate=0.0512, auc=0.49, auc_lower=0.43, auc_upper=0.55
)
SUITE = replace(
    REAL, source=Source.SYNTHETIC, rate=0.989, lower=0.95, upper=0.998, score=0.93,
    auc=0.99, auc_lower=0.97, auc_upper=0.995,
)  # fmt: skip
NOTHING = replace(
    REAL, source=Source.AGENTIC, ungraded=200, rate=None, lower=None, upper=None,
    effective_n=None, score=None,
)  # fmt: skip
PAIRS = Matched(
    source=Source.REPLAYED,
    pairs=197,
    users=148,
    only_recorded=5,
    only_replayed=4,
    difference=-0.005,
    lower=-0.04,
    upper=0.03,
    p_value=1.0,
)
CHOSEN = Measured(
    measure="forced choice",
    by="openai/<b>judge</b>",
    placement=Placement.FRESH,
    rates=(REAL, REPLAYED, SUITE, NOTHING),
    matched=(PAIRS, replace(PAIRS, source=Source.AGENTIC, pairs=0, lower=None, upper=None)),
    position_bias=0.12,
    mass=0.97,
)
SAID = Measured(
    measure="verbalised awareness",
    by="rule",
    placement=None,
    rates=(replace(REAL, rate=0.00018, score=None), replace(NOTHING, source=Source.REPLAYED)),
    matched=(),
)
FOUND = Awareness(
    seal=study().sealed.seal,
    at="2027-01-01T00:00:00+00:00",
    suite="synthetic",
    measured=(CHOSEN, SAID),
    marks=(
        Mark(
            kind="pipeline",
            what="<i>stand-in</i> name",
            source=Source.REPLAYED,
            transcripts=40,
            users=30,
            with_it=0.6,
            without=0.2,
            difference=0.4,
            lower=0.3,
            upper=0.5,
            q_value=0.01,
            also=("word: Mr",),
            advice="let the scrubber draw names that sound real",
        ),
    ),
    warnings=("7 turns lack an answer",),
)


def test_what_is_said_of_a_replay_depends_on_what_the_detector_is_worth() -> None:
    weak = replace(SUITE, auc=0.6, auc_lower=0.48)
    more = replace(PAIRS, lower=0.02, upper=0.1)
    less = replace(PAIRS, lower=-0.1, upper=-0.02)

    assert "no difference shown, and none above 4.0 points is" in sentence(CHOSEN)
    assert "not shown to tell" in sentence(replace(CHOSEN, rates=(REAL, REPLAYED, weak)))
    assert sentence(replace(CHOSEN, rates=(REAL,))).startswith("No suite shows that")
    assert "more often, by 2.0 points" in sentence(replace(CHOSEN, matched=(more,)))
    assert "less often, by 2.0 points" in sentence(replace(CHOSEN, matched=(less,)))
    assert sentence(replace(CHOSEN, rates=(NOTHING,))).startswith("Nothing could be graded in 200")
    assert sentence(SAID) == "No replayed turn was looked at."


def test_what_is_missing_is_a_word_and_never_zero() -> None:
    row = awareness_view(FOUND).measures[0].rows[3]

    assert (row.rate, row.interval, row.score, row.auc) == ("unknown", "", "unknown", "unknown")
    assert row.transcripts == "200 of 150 users, 200 ungraded"


def test_rules_that_see_no_reasoning_say_so_instead_of_a_table() -> None:
    silent = replace(SAID, rates=(NOTHING,), matched=(PAIRS,))
    view = awareness_view(replace(FOUND, measured=(silent,))).measures[0]

    assert (view.rows, view.pairs) == ((), ())
    assert view.sentence == (
        "No reasoning is visible in 200 transcripts: all ungraded, not enough evidence."
    )


def test_it_is_said_whose_scores_the_marks_go_with_and_that_there_are_none() -> None:
    marked = replace(FOUND, marks_by="gpt, fresh context")

    assert "that gpt, fresh context, scores higher" in awareness_view(marked).marks_note
    none = awareness_view(replace(marked, marks=())).marks_note
    assert none.startswith("Nothing that enough transcripts show goes with a higher score by gpt, ")


def test_pairs_that_are_none_say_so() -> None:
    row = awareness_view(FOUND).measures[0].pairs[1]
    nothing = replace(PAIRS, pairs=0, difference=None, lower=None, upper=None, p_value=None)
    view = awareness_view(replace(FOUND, measured=(replace(CHOSEN, matched=(nothing,)),)))

    assert row.interval == ""
    assert view.measures[0].pairs[0].difference == "unknown"
    assert "not enough evidence" in view.measures[0].sentence


def test_many_marks_of_the_same_transcripts_are_counted_not_listed() -> None:
    mark = replace(FOUND.marks[0], also=("word: a", "word: b", "word: c"))
    (row,) = awareness_view(replace(FOUND, marks=(mark,))).marks

    assert row.what.endswith("name (and 3 more that the same transcripts show)")


def test_marks_beyond_the_first_are_counted() -> None:
    view = awareness_view(replace(FOUND, marks=FOUND.marks * 42))

    assert (len(view.marks), view.more_marks) == (40, "2 marks more in awareness.json.")
    assert awareness_view(FOUND).more_marks == ""


def test_the_page_shows_it_and_escapes_names() -> None:
    page = render(study(), awareness=[FOUND])

    assert "Whether the models notice that they are tested" in page
    assert "0.018 %" in page
    assert "<b>judge</b>" not in page
    assert "<i>stand-in</i>" not in page
    assert "notice that they are tested" not in render(study())
