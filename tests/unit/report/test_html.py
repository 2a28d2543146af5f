import re
from dataclasses import replace
from html.parser import HTMLParser

from foretaste.records import Lane
from foretaste.report.html import render, render_backtest
from unit.report.backtested import backtested, many, point
from unit.report.dialogues import HOSTILE, example, examples
from unit.report.studies import error, scorecard, study, without_incumbent

SAFE_TAGS = frozenset(
    """
    a article b body circle code dd del details div dl dt figcaption figure footer h1 h2
    h3 h4 h5 head header html ins li line main mark meta p path q section small span style
    summary svg table tbody td text th thead title tr ul
    """.split()  # noqa: SIM905
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def hostile_page() -> str:
    whole = study()
    behavior = replace(whole.behaviors[0], name=HOSTILE, description=HOSTILE, rubric=HOSTILE)
    account = replace(whole.account, sources=(HOSTILE,), gaps={HOSTILE: 3}, replaced={HOSTILE: 1})
    bent = replace(
        whole,
        plan={HOSTILE: HOSTILE},
        behaviors=(behavior, *whole.behaviors),
        skipped={"calculator-hacking": HOSTILE},
        account=account,
    )
    texts = dict.fromkeys(Lane, HOSTILE)
    shown = example(HOSTILE, 1, (Lane.CANDIDATE,), texts, HOSTILE, HOSTILE)
    bad = replace(scorecard(), behaviors=(error(HOSTILE, 3),), alternatives={HOSTILE: 2.0})
    return render(bent, [shown], [(HOSTILE, bad)])


def test_hostile_text_adds_no_element_and_no_handler() -> None:
    tags = parsed(hostile_page())

    assert tags.seen <= SAFE_TAGS
    assert not [name for name in tags.attributes if name.startswith("on") or name == "src"]
    assert tags.open == []


def test_hostile_text_is_shown_as_written() -> None:
    html = hostile_page()

    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{7*7}}" in html
    assert "[red]rich[/red]" in html


def test_no_invisible_character_reaches_the_page() -> None:
    html = hostile_page()

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0041]", html)


def test_half_a_character_can_still_be_written_to_a_file() -> None:
    whole = study()
    broken = replace(whole, skipped={"calculator-hacking": "half \ud83d"})

    assert "half \u27e8U+D83D\u27e9".encode() in render(broken).encode()


def test_a_word_of_a_megabyte_does_not_bloat_the_page() -> None:
    long = dict.fromkeys(Lane, "w" * 1_000_000)
    html = render(study(), [example("refusal", 1, (Lane.CANDIDATE,), long)])

    assert len(html) < 300_000
    assert "The first 6,000 of 1,000,000 characters are shown." in html


def test_the_page_asks_nothing_of_the_network_and_runs_nothing() -> None:
    html = render(study(), examples())

    assert "default-src 'none'" in html
    assert not re.search(r"https?:|<script|<link|url\(|@import", html)


def test_the_page_says_things_in_the_promised_order() -> None:
    html = render(study(), examples())
    marks = ["finding", "fidelity", "forecast", "changes", "behaviors", "lost", "gaps", "replaced"]
    places = [html.index(f'id="h-{mark}"') for mark in (*marks, "read", "seals")]

    assert places == sorted(places)


def test_a_run_without_an_incumbent_says_what_is_unknown() -> None:
    html = render(without_incumbent(study()))

    assert "Fidelity unknown" in html
    assert "Changes unknown for 12 behaviors" in html
    assert "no incumbent lane" in html


def test_nothing_missing_is_drawn_as_none_or_nan() -> None:
    html = render(without_incumbent(study()), examples())
    glossary = "<dt>None seen; up to</dt>"

    assert not re.search(r"\bNone\b|\bnan\b", html.replace(glossary, ""))


def test_the_same_study_gives_the_same_page() -> None:
    assert render(study(), examples()) == render(study(), examples())


def test_a_validated_run_says_how_right_it_was() -> None:
    html = render(study(), examples(), [("november.jsonl", scorecard())])

    assert "On november.jsonl" in html
    assert "off by 1.4x (chance alone: 1.2x; previous deployment: 2.4x) in the median" in html
    assert "what happened" in html


def test_a_run_that_was_never_scored_claims_nothing_of_it() -> None:
    assert "How right it was" not in render(study(), examples())


def test_a_score_by_other_code_carries_a_warning() -> None:
    card = replace(scorecard(), pipeline_changed=True)

    assert "not the one that sealed" in render(study(), [], [("november.jsonl", card)])


def test_behaviors_that_no_lane_showed_are_gathered() -> None:
    html = render(study(), examples())
    plot = html[html.index("<figure") : html.index("</figure>")]

    assert "Seen in no lane: insult, medical-instruction (each at most 4,200" in html
    assert "insult" not in plot


def test_a_backtest_s_page_runs_nothing_and_asks_for_nothing() -> None:
    bent = backtested(
        points=(point(HOSTILE, HOSTILE, realized=90, before=HOSTILE),),
        behaviors=(HOSTILE,),
        releases=(HOSTILE, "b"),
        skipped={HOSTILE: 2},
        unseen=(HOSTILE,),
    )
    html = render_backtest(bent)
    tags = parsed(html)

    assert tags.seen <= SAFE_TAGS | {"rect"}
    assert not [name for name in tags.attributes if name.startswith("on") or name == "src"]
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "").replace(HOSTILE, "")


def test_a_backtest_s_page_stays_small_with_many_points() -> None:
    assert len(render_backtest(backtested(points=many(20_000)))) < 1_500_000


def test_a_backtest_s_page_shows_every_part() -> None:
    html = render_backtest(backtested())

    for part in ("The table", "Forecast and outcome", "Luck, and more", "intervals mean", "worst"):
        assert part in html
    assert html.count("<figure") == 3 + 4
