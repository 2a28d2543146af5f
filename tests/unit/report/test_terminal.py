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

    assert "refusal 10,000 42,000 [29,000–54,000] ↑ rises 0.003 +19 -2" in text
    assert "none seen; up to 4,200" in text
    assert "not enough evidence" in text


@pytest.mark.parametrize("width", [100, 200])
def test_each_behavior_takes_one_line(width: int) -> None:
    lines = shown(table(studies.study()), width).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("refusal"))
    names = [line.split()[0] for line in lines[first : first + 10]]

    assert set(names) == set(studies.PLANTED) - {"insult", "medical-instruction"}
    assert lines[first + 10].startswith("Seen in no lane: insult, medical-instruction")


def test_behaviors_skipped_for_one_reason_share_a_line() -> None:
    why = dict.fromkeys(["a", "b", "c"], "needs a judge")
    text = shown(table(replace(studies.study(), skipped=why)))

    assert "Not graded: a, b and c (needs a judge)" in text


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

    assert "[red]x[/red] ([link=y]z)" in text
    assert "[red]rich[/red]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_scorecard_tells_forecast_against_what_happened() -> None:
    text = " ".join(shown(scorecard(studies.scorecard(), studies.study())).split())

    assert "refusal 1,200 [800–1,900] 1,600 1.4x 1.2x right yes" in text
    assert "Median error: 1.4x (chance alone: 1.2x; previous deployment: 2.4x)" in text
    assert "Direction right: 1 of 2 that moved by 1.5x" in text
    assert "Intervals that held: 2 of 2" in text


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
    card = replace(studies.scorecard(), behaviors=(blank,), coverage=None)
    text = shown(scorecard(card, studies.study()))

    assert text.count("unknown") >= 5


def test_the_table_tells_which_traffic_is_forecast_and_what_would_help_most() -> None:
    text = " ".join(shown(table(studies.weighted(studies.study()))).split())

    assert (
        "Traffic: The forecast is for other traffic than was replayed: shares by language" in text
    )
    assert "Traffic: About 10 % of the traffic that is forecast is unlike" in text
    assert "Unseen traffic: If 10 % of the turns" in text
    assert "Would help most: Mend the replay's conditions" in text


def test_a_run_without_target_or_budget_says_nothing_of_them() -> None:
    text = shown(table(studies.study()))

    assert "Traffic:" not in text
    assert "Would help most" not in text
