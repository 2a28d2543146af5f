from dataclasses import replace

from foretaste.forecasts import Factor, Split, SplitError
from foretaste.report.html import render
from foretaste.report.split import split_view
from unit.report.studies import scorecard, study

CLEAR = Factor(value=2.0, lower=1.4, upper=2.9, error=2.0, noise=1.1)
UNCLEAR = Factor(value=0.9, lower=0.6, upper=1.3, error=1.1, noise=1.1)
ONE = SplitError(behavior="refusal", whole=CLEAR, shift=UNCLEAR, fidelity=CLEAR, sightings=9)
SPLIT = Split(
    behaviors=(ONE, replace(ONE, behavior="insult", sightings=0)),
    turns=60,
    answered=58,
    seen=1,
    whole=2.0,
    shift=1.1,
    fidelity=2.0,
    whole_noise=1.1,
    shift_noise=1.1,
    fidelity_noise=1.1,
)


def test_what_was_not_replayed_is_not_drawn() -> None:
    assert split_view(scorecard()) is None
    assert "Where the error came from" not in render(study(), (), [("november", scorecard())])


def test_a_part_is_marked_where_its_interval_leaves_one_out() -> None:
    view = split_view(replace(scorecard(), split=SPLIT))

    assert view is not None
    (row,) = view.rows
    assert (row.shift_clear, row.fidelity_clear) == (False, True)
    assert row.fidelity == "2.0x [1.4\N{EN DASH}2.9]"


def test_a_part_that_is_missing_is_unknown() -> None:
    lost = replace(ONE, shift=None, fidelity=None)
    card = replace(
        scorecard(),
        split=replace(
            SPLIT, behaviors=(lost,), seen=0, fidelity=None, fidelity_noise=None, answered=0
        ),
    )
    view = split_view(card)

    assert view is not None
    assert (view.rows[0].shift, view.rows[0].fidelity_clear) == ("unknown", False)
    assert view.facts[2].text == "unknown in the median (chance alone: unknown)"


def test_the_page_shows_the_split() -> None:
    page = render(study(), (), [("november", replace(scorecard(), split=SPLIT))])

    assert "The replay itself" in page
    assert "58 of 60 turns" in page
