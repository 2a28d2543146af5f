from dataclasses import replace
from io import StringIO

from rich.console import Console

from foretaste.contrasts import (
    Control,
    Discriminated,
    LayerRow,
    Realism,
    Setting,
    ToolRow,
    WinRate,
)
from foretaste.records import Lane
from foretaste.report.html import render
from foretaste.report.realism import realism_table, realism_view, sentence
from unit.report.studies import study

WIN = WinRate(
    pairs=200,
    ungraded=4,
    ties=20,
    rate=0.31,
    lower=0.25,
    upper=0.38,
    clusters=30,
    effective_n=120.0,
    clustered_lower=0.23,
    clustered_upper=0.4,
    margin=0.05,
    p_equivalence=0.99,
    equivalent=False,
    position_bias=0.12,
    needed=1805,
)
NOTHING = replace(
    WIN, pairs=0, rate=None, lower=None, upper=None, clustered_lower=None, clustered_upper=None,
    p_equivalence=None, equivalent=None, position_bias=None, needed=None, ungraded=9,
)  # fmt: skip
FOUND = Realism(
    seal=study().sealed.seal,
    at="2027-01-01T00:00:00+00:00",
    lane=Lane.INCUMBENT,
    group="task",
    margin=0.05,
    pairs=204,
    without_calls=96,
    missing=1,
    missed=7,
    discriminators=(
        Discriminated(
            discriminator="trained",
            win=WIN,
            layers=(LayerRow(layer="database", calls=80, share=0.4, any=WIN, most=WIN, call=WIN),),
            tools=(ToolRow(tool="<b>look</b>", calls=80, call=WIN),),
            controls=(Control(name="shuffled", win=WIN), Control(name="trials", win=WIN)),
        ),
        Discriminated(discriminator="openai/judge", win=NOTHING),
    ),
    ablation=(
        Setting(name="without database", calls=100, answered=20, win=WIN, call=WIN),
        Setting(name="model alone", error="no such model"),
    ),
    warnings=("mind the style",),
)


def drawn(found: Realism, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(realism_table(found))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_told_not_shown_and_equivalent_are_sentences_of_their_own() -> None:
    wide = replace(WIN, clustered_upper=0.55)
    shown = replace(WIN, equivalent=True, p_equivalence=0.01)

    assert sentence(WIN).startswith("simulated turns are told: 31.0 % were taken for real ones")
    assert "not shown to be indistinguishable" in sentence(wide)
    assert "about 1,805 pairs" in sentence(wide)
    assert "indistinguishable within 45.0 % to 55.0 % (p 0.010" in sentence(shown)
    assert sentence(replace(WIN, clustered_lower=0.6, clustered_upper=0.7)).startswith("misled")
    assert sentence(NOTHING).startswith("nothing could be told")


def test_the_table_fits_and_names_everything() -> None:
    said = drawn(FOUND)

    assert max(map(len, said.splitlines())) <= 80
    for part in ("mind the style", "200 + 4", "31.0 %", "bias +12 points", "20 % of 100 calls"):
        assert part in " ".join(said.split()), part
    assert "96 turns" in said
    assert "no such model" in said


def test_what_is_missing_is_a_word_and_never_zero() -> None:
    row = realism_view(FOUND).tellers[1].rows[0]

    assert (row.rate, row.interval, row.pairs) == ("unknown", "", "0 + 9 ungraded")


def test_the_page_shows_it_and_escapes_names() -> None:
    page = render(study(), realism=[FOUND])

    assert "How real the simulated tools look" in page
    assert "23.0 % to 40.0 %" in page
    assert "<b>look</b>" not in page
    assert "How real the simulated tools look" not in render(study())
