from dataclasses import asdict, fields, make_dataclass, replace
from typing import Any

import pytest

from foretaste.findings import Grading
from foretaste.forecasts import ErrorBudget, Evidence, Forecast, Learned, Pull, Sealed
from foretaste.records import Behavior, Lane, identity
from foretaste.sealing import close, is_intact, is_whole, seal
from foretaste.stages.forecast import forecast
from unit.report.studies import study, traffic, weighted
from unit.rows import estimated

SEALED = seal(
    Sealed(
        forecasts=forecast([estimated(Lane.CANDIDATE, 3, 100)], turns=100),
        method="direct",
        sealed_at="2026-11-21T00:00:00+00:00",
        prefixes="hash of prefixes",
        prefix_count=100,
        plan="hash of plan",
        behaviors={"b": "version"},
        graders={"b": "fingerprint"},
        results="r",
        evidence="e",
        code="hash of code",
        version="0.1.0",
        seal="",
    )
)


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, str):
        return value + "!"
    if isinstance(value, dict):
        return value | {"new": "entry"}
    if isinstance(value, tuple):
        return ()
    if isinstance(value, Learned):
        return replace(value, forecasts=value.forecasts + 1)
    if isinstance(value, Evidence):
        return replace(value, shared=value.shared + 0.1)
    if isinstance(value, Pull):
        return replace(value, today=value.today + 0.1)
    if isinstance(value, ErrorBudget):
        return replace(value, judge=0.0)
    return (value or 0) + 1


def test_a_sealed_forecast_is_intact_and_sealing_again_changes_nothing() -> None:
    assert is_intact(SEALED)
    assert seal(SEALED) == SEALED


@pytest.mark.parametrize("name", [each.name for each in fields(Sealed)])
def test_any_changed_field_breaks_the_seal(name: str) -> None:
    changed = replace(SEALED, **{name: other(getattr(SEALED, name))})

    assert not is_intact(changed)


@pytest.mark.parametrize("name", [each.name for each in fields(Forecast)])
def test_any_changed_number_of_a_forecast_breaks_the_seal(name: str) -> None:
    first, *others = SEALED.forecasts
    changed = replace(first, **{name: other(getattr(first, name))})

    assert not is_intact(replace(SEALED, forecasts=(changed, *others)))


def test_a_missing_value_is_not_a_zero() -> None:
    first, *others = SEALED.forecasts

    assert first.today is None
    assert not is_intact(replace(SEALED, forecasts=(replace(first, today=0.0), *others)))


def test_the_seal_covers_the_traffic_that_a_forecast_is_for() -> None:
    whole = close(replace(weighted(study()), estimates=(), fidelity=(), changes=()))

    assert is_whole(whole)
    assert not is_whole(replace(whole, traffic=None))
    assert not is_whole(replace(whole, traffic=replace(traffic(), uncovered=0.0)))


def test_what_was_sealed_before_turns_could_be_outside_a_behavior_keeps_its_hash() -> None:
    for record, later in (
        (estimated(Lane.CANDIDATE, 3, 100), ("outside", "outside_share")),
        (Behavior(name="b", description="d", rubric="r"), ("applies",)),
    ):
        older = {key: value for key, value in asdict(record).items() if key not in later}
        assert identity(record) == identity(make_dataclass("Older", older)(**older))
    assert identity(estimated(Lane.CANDIDATE, 3, 100)) != identity(
        replace(estimated(Lane.CANDIDATE, 3, 100), outside=1)
    )


def test_an_account_of_the_grading_is_sealed_and_a_study_without_one_stays_whole() -> None:
    grading = Grading(judges=("j",), panel=1, reasoning={}, ungraded={}, steering=())
    plain = replace(study(), estimates=(), fidelity=(), changes=())
    closed = close(replace(plain, grading=grading))

    assert is_whole(close(plain))
    assert is_whole(closed)
    assert not is_whole(replace(closed, grading=None))
    assert not is_whole(replace(closed, grading=replace(grading, judges=("k",))))
