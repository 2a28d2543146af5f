from dataclasses import replace

from foretaste.report.discovery import SHOWN, bound, discovery_view
from foretaste.report.html import render
from unit.report.dialogues import HOSTILE
from unit.report.discovered import EMPTY, FOUND, NOVEL, PASSED, difference
from unit.report.studies import study


def test_every_pass_that_was_made_is_a_part_and_no_other() -> None:
    assert [part.title for part in discovery_view(FOUND).parts] == [
        "Where the lanes differ most",
        "What a model proposed, checked on fresh pairs",
        "What would have been missed",
        "Would it have found what was known?",
    ]
    assert discovery_view(EMPTY).parts == ()


def test_every_row_has_a_cell_and_a_note_for_each_column() -> None:
    for part in discovery_view(FOUND).parts:
        for row in part.rows:
            assert len(row.cells) == len(row.notes) == len(part.columns) - 1


def test_what_is_missing_is_a_word_and_never_zero() -> None:
    where, what, _, known = discovery_view(FOUND).parts

    assert where.rows[1].cells == ("80", "unknown", "unknown", "0")
    assert what.rows[1].cells[:4] == ("unknown", "unknown", "unknown", "q unknown")
    assert "Severity unknown" in what.rows[1].more
    assert known.rows[1].cells[1] == "not enough evidence"


def test_the_bound_is_said_with_what_it_rests_on() -> None:
    assert FOUND.audited is not None

    assert "more frequent than 1 in 152, if" in bound(FOUND.audited)
    assert "may be of any frequency" in bound(replace(FOUND.audited, bound=None))


def test_what_is_not_drawn_is_counted() -> None:
    many = replace(PASSED, differences=tuple(difference(f"w{n}") for n in range(SHOWN + 5)))
    view = discovery_view(replace(FOUND, features=many))

    assert len(view.differences) == SHOWN
    assert view.left_out == "5 more are in `discovery.json`."


def test_the_page_shows_every_part_and_what_models_wrote_is_text() -> None:
    page = render(study(), discoveries=[FOUND])

    assert "What nobody listed" in page
    for said in ("search results", "calculator hacking", "invoices, tax, vat", "mind the replay"):
        assert said in page, said
    assert "<mark>Search Results</mark>" in page
    assert NOVEL.draft in page
    assert "corrected the model" in page
    assert HOSTILE[:30] not in page
    assert "What nobody listed" not in render(study())
