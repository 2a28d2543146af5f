from dataclasses import replace

from foretaste.adapters.exporters.rows import (
    about,
    figure_rows,
    judged,
    name_of,
    place_of,
    verdict_rows,
)
from foretaste.findings import Grading
from foretaste.records import Lane, Outcome
from unit.adapters.exporters.findings import (
    NAME,
    SPAN,
    STUDY,
    TRACE,
    UUIDS,
    graded,
    linked,
    only,
)


def test_a_row_holds_the_verdict_and_all_that_it_is_about() -> None:
    row = next(verdict_rows(STUDY, linked()))

    assert (row.lane, row.behavior, row.outcome) == ("recorded", NAME, "present")
    assert (row.score, row.severity, row.probability) == (0.75, 2, 0.25)
    assert (row.trace, row.span) == (TRACE, SPAN)
    assert (row.user, row.model, row.stop) == ("user-one", "m", "final")


def test_every_estimate_and_forecast_is_a_row_and_one_forecast_a_behavior_is_scored() -> None:
    rows = list(figure_rows(STUDY))
    forecasts = [row for row in rows if row.kind == "forecast"]

    assert len(rows) == len(STUDY.estimates) + len(STUDY.sealed.forecasts)
    assert [row.present for row in forecasts] == [f.events for f in STUDY.sealed.forecasts]
    assert {row.method for row in forecasts if row.scored} == {STUDY.sealed.method}


def test_what_production_said_leads_to_its_span_and_a_replay_to_its_trace_only() -> None:
    every = linked()
    then, now = (place_of(only(Outcome.PRESENT, lane, every)) for lane in tuple(Lane)[::2])

    assert then == (TRACE, SPAN, True)
    assert (now.trace, now.linked) == (TRACE, True)
    assert now.span != SPAN


def test_without_traces_ids_are_made_of_ours() -> None:
    first, second = (place_of(each) for each in graded()[:2])

    assert not first.linked
    assert (len(first.trace), len(first.span)) == (32, 16)
    assert first.trace == second.trace
    assert first.span != second.span


def test_ids_that_opentelemetry_does_not_know_are_not_made_to_fit() -> None:
    each = graded(UUIDS)[0]

    assert place_of(each).linked
    assert not place_of(each, w3c=True).linked


def test_a_finding_on_a_replay_is_not_taken_for_one_on_production() -> None:
    found = graded()[0].verdicts[0]

    assert name_of(found, Lane.RECORDED) == NAME
    assert name_of(found, Lane.CANDIDATE) == f"{NAME} (candidate)"


def test_what_is_kept_beside_a_finding_quotes_nothing() -> None:
    each = graded()[0]

    assert "so" not in str(about(STUDY, each, each.verdicts[0]))


def test_a_model_grades_what_the_run_says_it_graded() -> None:
    grading = Grading(judges=("j",), panel=1, reasoning={"a": False}, ungraded={}, steering=())

    assert judged(replace(STUDY, grading=grading)) == {"a"}
