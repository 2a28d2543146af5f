import re
from dataclasses import replace

import pytest

from foretaste.cards import Card
from foretaste.report.card.section import ENDS, section
from unit.report.carded import bare, full
from unit.report.dialogues import HOSTILE
from unit.report.test_markdown import rendered as drawn


def parts(text: str) -> list[str]:
    return re.findall(r"^### (.+)$", text, re.MULTILINE)


def rendered(card: Card) -> str:
    return drawn(section(card))


def test_a_card_says_all_that_was_measured() -> None:
    assert parts(section(full())) == [
        "What was replayed",
        "Forecast",
        "Change against the incumbent",
        "Fidelity of the replay",
        "How right forecasts were",
        "Behaviors that nobody listed",
        "Evaluation awareness",
        "Realism of simulated tools",
        "What people say of the judge",
        "What was not measured",
        "Seal",
    ]


def test_the_rows_of_a_card_read_like_those_of_the_report() -> None:
    lines = section(full()).splitlines()

    assert "| `refusal` | 42,000 | 29,000 to 54,000 |" in "\n".join(lines)
    assert any(line.startswith("| `refusal` | rises |") for line in lines)
    assert any("`insult` | none seen | up to" in line for line in lines)
    assert any(line.startswith("| This one, on `november.jsonl` | 1.4x | 1.2x |") for line in lines)
    assert any(
        "`calculator hacking`" in line and "2.1 % [1.2 % to 3.6 %]" in line for line in lines
    )
    assert "Seen in neither lane: `insult` and `medical-instruction`." in lines


def test_what_was_not_measured_is_said_and_nothing_stands_empty_or_zero_for_it() -> None:
    text = section(bare())

    assert "**Change against the incumbent**: the incumbent was not replayed" in text
    assert "| Incumbent | not replayed |" in text
    assert "Fidelity unknown" in text
    for what in ("Evaluation awareness", "Error of this forecast", "Behaviors that nobody listed"):
        assert f"- **{what}**" in text
    assert "calculator-hacking**: the log holds no tool schemas" in text
    assert [line for line in text.splitlines() if "|  |" in line and line.strip("| ")] == []


@pytest.mark.parametrize("make", [full, bare])
def test_every_table_has_as_many_cells_in_each_row_as_in_its_head(make: type) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", section(make()), re.MULTILINE)
    counts = [{line.count("|") for line in block.splitlines()} for block in blocks]

    assert len(blocks) > 3
    assert all(len(count) == 1 for count in counts)


def test_a_hostile_name_is_text_wherever_it_stands() -> None:
    ill = f"{HOSTILE} [a](http://b.example) | c {ENDS}"
    card = full()
    searched = card.searched[0]
    novel = replace(searched.novel[0], name=ill, description=ill)
    page = rendered(
        replace(
            card,
            models=tuple(replace(each, model=ill, settings=(ill,)) for each in card.models),
            judges=(ill,),
            traffic=ill,
            fidelity=ill,
            behaviors=tuple(
                replace(each, name=ill, description=ill, graded_by=ill) for each in card.behaviors
            ),
            scored=tuple(replace(each, log=ill) for each in card.scored),
            searched=(replace(searched, judge=ill, says=ill, novel=(novel,)),),
            corrected=tuple(
                replace(each, behavior=ill, rate=None, why=ill) for each in card.corrected
            ),
            not_measured=tuple(replace(each, what=ill, why=ill) for each in card.not_measured),
        )
    )
    marks = page.replace("<!-- foretaste card", "", 1).replace(ENDS, "", 1)
    tags = set(re.findall(r"<(\w+|!)", marks))

    assert tags == {
        *("h2", "h3", "p", "em", "strong", "code", "ul", "li"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert len(re.findall("<h2>|<h3>", page)) == 12


def test_missing_figures_are_words() -> None:
    card = full()
    unknown = replace(
        card.behaviors[0].change or pytest.fail("no change"),
        before=None, after=None, difference=None, lower=None, upper=None, ratio=None, q_value=None,
    )  # fmt: skip
    first = replace(card.behaviors[0], forecast=None, change=unknown)
    text = section(replace(card, behaviors=(first,)))

    assert f"| `{first.name}` |{' unknown |' * 8}" in text
    assert "None" not in text
