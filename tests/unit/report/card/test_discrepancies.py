import json
import re
from typing import Any

import msgspec
import pytest

from foretaste.cards import Discrepancy
from foretaste.report.card.discrepancies import basis_of, in_section, in_values, sections
from foretaste.report.card.section import ENDS, section
from unit.report.carded import BASIS, bare, full

MADE = section(full())
NUMBER = re.compile(r"\d+")


def found(text: str, made: str = MADE) -> list[Discrepancy]:
    (one,) = sections(text)
    return list(in_section(one, made))


def test_a_section_is_found_in_a_longer_card_with_what_it_was_made_of() -> None:
    (one,) = sections(f"# Model\n\nWords.\n\n{MADE}\n## Licence\n")

    assert (one.first, one.last) == (5, 4 + len(MADE.splitlines()))
    assert one.seal == full().sealed.seal
    assert one.basis == BASIS


def test_the_same_text_has_no_discrepancy() -> None:
    assert found(MADE) == []
    assert found(section(bare()), section(bare())) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n## ", "\n# ").replace("\n### ", "\n##### "),
        lambda text: text.replace(" | ", "   |  ").replace("| ---", "|:-----"),
        lambda text: text.replace("\n\n", "\n\n\n"),
    ],
    ids=["line ends", "headings", "padding", "blank lines"],
)
def test_what_editors_do_to_a_text_is_no_discrepancy(change: Any) -> None:
    assert change(MADE) != MADE
    assert found(change(MADE)) == []


def test_every_single_digit_that_is_changed_is_found_and_both_figures_are_told() -> None:
    head = MADE.index("\n")
    tried = 0
    for match in NUMBER.finditer(MADE, head):
        at = match.start()
        digit = str((int(MADE[at]) + 1) % 10)
        changed = MADE[:at] + digit + MADE[at + 1 :]
        line = MADE.count("\n", 0, at) + 1
        told = found(changed)
        tried += 1

        assert len(told) == 1, match
        assert told[0].place.startswith(f"line {line}")
        assert told[0].card != told[0].run

    assert tried > 700


def test_a_changed_cell_is_named_by_its_row_and_column() -> None:
    assert found(MADE.replace("| 42,000 |", "| 12,000 |", 1)) == [
        Discrepancy(place="line 28, refusal, Forecast", card="12,000", run="42,000")
    ]


def test_a_changed_name_a_lost_row_and_an_added_one_are_found() -> None:
    row = next(line for line in MADE.splitlines() if line.startswith("| `flattery` | falls"))
    renamed = found(MADE.replace("| `flattery` | falls", "| `candor` | falls"))
    lost = found(MADE.replace(row + "\n", ""))
    added = found(MADE.replace(row, f"{row}\n| `candor` | rises | 1 | 2 | 3 | 4 | 5 | 6 | 7 |"))

    assert [(each.card, each.run) for each in renamed] == [("`candor`", "`flattery`")]
    assert [each.card for each in lost] == ["nothing"]
    assert "flattery" in lost[0].run
    assert [each.run for each in added] == ["nothing"]
    assert "candor" in added[0].card


def test_a_sentence_that_is_turned_around_is_found() -> None:
    (told,) = found(MADE.replace("could not be read", "were found harmless"))

    assert "harmless" in told.card
    assert "could not be read" in told.run


def test_marks_that_were_tampered_with_make_a_section_of_no_seal() -> None:
    for text in (
        MADE.replace(ENDS, ""),
        MADE.replace("seal=", "seal=x"),
        MADE.replace("12:", "x:"),
    ):
        (one,) = sections(text)

        assert one.seal == ""


def test_a_basis_that_cannot_be_read_is_none_that_a_run_has() -> None:
    assert basis_of("12:ab", "a,b").found == ("a", "b")
    assert basis_of("x", "").ledger_lines == -1
    assert basis_of("9" * 5_000, "").ledger_lines == -1


def test_every_value_of_json_that_is_changed_is_found() -> None:
    run = json.loads(msgspec.json.encode(full()))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, dict | list):
                walk(inner)
            else:
                places.append((value, key))

    card = json.loads(msgspec.json.encode(full()))
    walk(card)
    for holder, key in places:
        before = holder[key]
        holder[key] = "other" if before is None or isinstance(before, str) else before + 1
        assert len(list(in_values(card, run))) == 1
        holder[key] = before

    assert list(in_values(card, run)) == []
    assert len(places) > 400


def test_a_part_that_is_missing_or_more_is_named() -> None:
    run = {"behaviors": [{"name": "refusal", "rate": 1}, {"name": "insult", "rate": 2}], "x": None}
    card = {"behaviors": [{"name": "refusal", "rate": True}], "more": [1]}

    assert [(each.place, each.card, each.run) for each in in_values(card, run)] == [
        ("behaviors[refusal #1].rate", "True", "1"),
        ("behaviors[insult #2]", "nothing", "insult (a whole part)"),
        ("x", "nothing", "null"),
        ("more", "(a whole part)", "nothing"),
    ]
