from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from foretaste.report.terminal import scorecard, table
from unit.report import studies
from unit.report.dialogues import HOSTILE


def shown(what: RenderableType, width: int = 120) -> str:
    out = StringIO()
    Console(file=out, width=width, force_terminal=False).print(what)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_keeps_within_the_terminal_and_keeps_names_whole(width: int) -> None:
    text = shown(table(studies.study()), width)

    assert max(map(len, text.splitlines())) <= width
    assert "medical-instruction" in text


def test_the_table_tells_rates_change_and_evidence() -> None:
    text = " ".join(shown(table(studies.study())).split())

    assert "refusal 10,200 41,500 ↑ rises q 0.003" in text
    assert "none seen; up to 4,220" in text
    assert "not enough evidence" in text


def test_the_table_tells_fidelity_failures_and_ungraded() -> None:
    text = shown(table(studies.study()))

    assert "chance alone would" in text
    assert "Prefixes without an answer, over all lanes: 2" in text
    assert "36 of 2,136" in text


def test_without_an_incumbent_every_change_is_unknown() -> None:
    text = shown(table(studies.without_incumbent(studies.study())))

    assert "Fidelity unknown" in text
    assert "rises" not in text


def test_markup_and_escape_codes_of_the_data_are_text() -> None:
    whole = studies.study()
    account = replace(whole.account, unreadable={HOSTILE: 1})
    text = shown(table(replace(whole, account=account, skipped={"[red]x[/red]": "[link=y]z"})))

    assert "[red]x[/red]: [link=y]z" in text
    assert "[red]rich[/red]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_scorecard_tells_forecast_against_what_happened() -> None:
    text = " ".join(shown(scorecard(studies.scorecard())).split())

    assert "refusal 1,200 1,650 1.4x right yes" in text
    assert "Median error: 1.4x (chance alone: 1.2x)" in text
    assert "direction right in 1 of 2" in text


def test_a_score_that_is_missing_is_unknown() -> None:
    blank = replace(
        studies.error("refusal", 0, right=None),
        realized_rate=None,
        realized_n=0,
        multiplicative_error=None,
        noise_error=None,
        moved=None,
        covered=None,
        nll=None,
    )
    text = shown(scorecard(replace(studies.scorecard(), behaviors=(blank,), coverage=None)))

    assert text.count("unknown") >= 6
