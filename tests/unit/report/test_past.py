from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from foretaste.forecasts import Evidence
from foretaste.ledger import Entry, Ledger, Line, ScoredEntry
from foretaste.report.past import history, ledger_table
from unit.test_ledger import scored, sealed

UNSEEN = Evidence(recorded=(0.0, 40.0), incumbent=(0.0, 40.0), candidate=(0.0, 40.0), shared=0.0)


def ledger(*scores: ScoredEntry, faults: tuple[str, ...] = ()) -> Ledger:
    entries: list[Entry] = [sealed("one"), sealed("two"), *scores]
    lines = [
        Line(number=number, at="2026-11-21T21:30:00+00:00", hash=str(number), entry=entry)
        for number, entry in enumerate(entries, start=1)
    ]
    return Ledger(path="runs/ledger.jsonl", lines=tuple(lines), faults=faults)


def drawn(found: Ledger, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(ledger_table(history(found)))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_errors_are_over_the_behaviors_that_were_seen() -> None:
    score = scored("one")
    score = replace(
        score,
        errors={"alpha": 2.0, "never": 1.0, "after": 4.0},
        noise={"alpha": 1.2, "never": 1.0, "after": 1.4},
        shown={"alpha": (3, 10), "never": (0, 10), "after": (1, 10)},
        others={"previous-deployment": {"alpha": 3.0, "never": 1.0, "after": 5.0}},
    )
    (line,) = [story for story in history(ledger(score)).forecasts if story.scores]
    (found,) = line.scores

    assert (found.behaviors, found.seen) == (3, 2)
    assert (found.median_error, found.mean_error, found.unseen_too) == (3.0, 3.0, 2.0)
    assert found.noise_error == pytest.approx(1.3)
    assert found.unchanged == 4.0


def test_totals_pool_every_scoring() -> None:
    wrong = replace(scored("two"), directions={"alpha": False}, covered={"alpha": False})
    found = history(ledger(scored("one"), wrong)).totals

    assert found is not None
    assert (found.directions, found.moved, found.held, found.intervals) == (1, 2, 1, 2)


def test_nothing_that_could_be_scored_is_no_error_of_one() -> None:
    empty = replace(scored("one"), errors={"alpha": None}, noise={}, directions={}, covered={})
    found = history(ledger(empty)).totals

    assert found is not None
    assert (found.median_error, found.mean_error, found.unchanged) == (None, None, None)
    assert "unknown" in drawn(ledger(empty))


def test_a_forecast_without_a_score_says_so() -> None:
    assert "2 not scored yet" in drawn(ledger())
    assert "1 not scored yet" in drawn(ledger(scored("one")))
    assert history(ledger()).totals is None


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_keeps_to_the_screen_with_long_names(width: int) -> None:
    long = replace(
        sealed("three"),
        run="a-candidate-with-a-long-title-1a2b3c4d",
        models={"candidate": "openai/gpt-6-astra-2026-11-01"},
    )
    score = replace(scored("three"), log="november-2026-all-surfaces.jsonl (surface web)")
    whole = ledger(score)
    line = Line(number=9, at="2026", hash="9", entry=long)
    said = drawn(replace(whole, lines=(*whole.lines, line)), width)

    assert max(map(len, said.splitlines())) <= width
    assert "a-candidate-with-a-long-title" in said
    assert "1.2x" in said


def test_a_ledger_that_is_not_whole_says_so_in_its_table() -> None:
    assert "Chain: NOT WHOLE" in drawn(ledger(faults=("runs/ledger.jsonl, line 3: ...",)))
    assert "Chain: whole" in drawn(ledger())
