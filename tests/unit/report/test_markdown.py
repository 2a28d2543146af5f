import re

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt

from foretaste.report.markdown import code, prose, table
from unit.report.dialogues import HOSTILE

ATTACKS = [
    HOSTILE,
    "<script>alert(1)</script>",
    "[click](http://evil.example)",
    "![x](http://evil.example/a.png)",
    "see http://evil.example and www.evil.example",
    "`a` | b || c \\| d \\\\| e",
    "a ``b`` `",
    "**bold** _it_ ~~gone~~ $x$ # head",
    "- item",
    "1. item",
    "&lt;b&gt; &#124;",
    "<!-- end of foretaste card -->",
    "\\",
]


def rendered(line: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(line))


def tags(page: str) -> set[str]:
    return set(re.findall(r"</?([a-zA-Z!]+)", page))


@pytest.mark.parametrize("text", ATTACKS)
def test_what_others_say_is_text_and_never_markup(text: str) -> None:
    assert tags(rendered(f"Said: {prose(text)}")) == {"p"}
    assert tags(rendered(f"Said: {code(text)}")) == {"p", "code"}


@pytest.mark.parametrize("text", ATTACKS)
def test_no_name_breaks_a_table(text: str) -> None:
    page = rendered("\n".join(table(("a", "b"), [(code(text), prose(text)), ("c", "d")])))

    assert page.count("<td>") == 4
    assert tags(page) == {"table", "thead", "tbody", "tr", "th", "td", "code"}


@given(some.text(min_size=1, max_size=60))
def test_any_text_stays_two_cells_of_one_row(text: str) -> None:
    page = rendered("\n".join(table(("a", "b"), [(code(text), prose(text))])))

    assert page.count("<td>") == 2
    assert tags(page) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


def test_nobody_is_told_and_nothing_is_a_link_by_itself() -> None:
    said = prose("ask @admin or a@b.example at https://evil.example, www.evil.example")

    assert "@" not in said
    assert "https://" not in said
    assert "www." not in said


def test_plain_words_stay_as_they_are() -> None:
    assert prose("The answer declines; 5.7 % of it (13 of 229).") == (
        "The answer declines; 5.7 % of it (13 of 229)."
    )
    assert code("asks-back") == "`asks-back`"
    assert code("") == ""
