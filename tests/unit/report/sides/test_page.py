import re
from dataclasses import replace

import pytest

from foretaste.pairs import Comparison, FlagKind
from foretaste.report.sides.page import KINDS, noise_sentence, render
from unit.report.compared import comparison
from unit.report.test_html import SAFE_TAGS, parsed

WHOLE = comparison()
PAGE = render(WHOLE)


def test_every_kind_of_flag_has_a_name() -> None:
    assert set(KINDS) == set(FlagKind)


def test_hostile_text_adds_no_element_and_no_handler() -> None:
    tags = parsed(re.sub(r"<input[^<>]*>", "", PAGE))  # has no end

    assert tags.seen <= SAFE_TAGS | {"fieldset", "legend", "label", "ol"}
    assert not [name for name in tags.attributes if name.startswith("on") or name == "src"]


def test_no_invisible_character_reaches_the_page() -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0041]", PAGE)


def test_the_page_runs_nothing_and_asks_nothing_of_the_network() -> None:
    assert "default-src 'none'" in PAGE
    assert not re.search(r"<script|<link|url\(|@import|href=\"http", PAGE)


def test_the_pairs_stand_in_their_order_with_their_flags() -> None:
    titles = re.findall(r'<h3 id="h-pair-\d+" dir="auto">([^<]*)</h3>', PAGE)

    assert titles[0] == "Write the order confirmation."
    assert len(titles) == len(WHOLE.pairs)
    assert "Names Brightwater Holdings, who is in neither" in PAGE


def test_a_quote_is_marked_in_the_answer_that_has_it() -> None:
    marks = "".join(re.findall("<mark>(.*?)</mark>", PAGE))

    assert "Brightwater Holdings" in marks
    assert "Please note: returns are free within 30 days." in marks


def test_a_quote_that_no_text_shown_holds_stands_beside_its_flag() -> None:
    pair = WHOLE.pairs[0]
    flag = replace(pair.flags[0], says="Names someone.", quote="Nobody Atall")

    html = render(replace(WHOLE, pairs=(replace(pair, flags=(flag,)),)))
    assert "<q>Nobody Atall</q>" in html


def test_a_flag_says_whether_the_old_model_does_so_itself() -> None:
    assert "the old model does so too" in PAGE
    assert "the old model does not" in PAGE


def test_a_turn_that_failed_says_why() -> None:
    assert "No answer: the server did not answer within 60 s" in PAGE
    assert "new model: the server did not answer within 60 s" in PAGE


def test_an_answer_of_200_000_characters_is_cut_with_a_note() -> None:
    assert "The first 20,000 of 200,000 characters are shown." in PAGE
    assert len(PAGE) < 300_000


def test_the_filter_offers_only_what_is_there() -> None:
    assert 'id="only-name"' in PAGE
    assert 'id="only-failed"' in PAGE
    assert 'id="only-language"' not in PAGE


@pytest.mark.parametrize(
    ("larger", "said"),
    [(True, ": larger"), (False, ": not larger"), (None, ": not enough evidence")],
)
def test_the_noise_sentence_says_what_was_found(larger: bool | None, said: str) -> None:
    assert WHOLE.noise is not None
    sentence = noise_sentence(replace(WHOLE.noise, larger=larger))

    assert f"{said} (difference +30 to +50 points)" in sentence
    assert "by 62 %, the old one from itself by 20 %" in sentence


def test_without_a_replay_of_the_old_model_nothing_is_claimed() -> None:
    pairs = tuple(replace(each, again=None, own=None) for each in WHOLE.pairs)
    html = render(replace(WHOLE, noise=None, pairs=pairs))

    assert "is not known: the old model was not replayed" in html
    assert "gave no answer when asked again" not in html


def test_nothing_missing_is_drawn_as_none() -> None:
    bare = replace(WHOLE.pairs[7], distance=None, own=None, source="")
    html = render(replace(WHOLE, pairs=(bare,), noise=None, failures=(), path=""))

    assert not re.search(r"\bNone\b|\bnan\b", html)
    assert "the reason is not known" in html


def test_an_empty_comparison_says_that_nothing_was_compared() -> None:
    html = render(Comparison(log="x.jsonl", old="a", new="b", pairs=()))

    assert "No turn was compared." in html
    assert "<fieldset" not in html
