from pathlib import Path

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.errors import StoreUnavailable
from foretaste.runs.presentation import (
    Validation,
    keep_validation,
    read_awareness,
    read_discoveries,
    read_realism,
    read_validations,
    write_report,
)
from unit.report.studies import scorecard, study


def validation(log: str, at: str = "2026-12-01T08:00:00+00:00", seal: str = "") -> Validation:
    return Validation(
        log=log, fingerprint=log, at=at, seal=seal or study().sealed.seal, scorecard=scorecard()
    )


def test_a_second_scoring_on_the_same_log_replaces_the_first(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        keep_validation(store, validation("november"))
        keep_validation(store, validation("december"))
        keep_validation(store, validation("november", at="2026-12-02T08:00:00+00:00"))
        kept = [(each.log, each.at[:10]) for each in read_validations(store)]

    assert kept == [("december", "2026-12-01"), ("november", "2026-12-02")]


def test_the_report_shows_scorings_of_this_forecast_only(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        keep_validation(store, validation("november"))
        keep_validation(store, validation("october", seal="another"))
        write_report(store, study())
        page = (store.read_document("report.html") or b"").decode()

    assert "On november" in page
    assert "On october" not in page


def test_scorings_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        store.write_document("validations.json", b"[{]")
        with pytest.raises(StoreUnavailable, match=r"validations\.json cannot be read"):
            read_validations(store)


def test_a_finding_of_realism_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        store.write_document("realism.json", b"[{]")
        with pytest.raises(StoreUnavailable, match=r"realism\.json cannot be read"):
            read_realism(store)


def test_an_audit_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        store.write_document("discovery.json", b"[{]")
        with pytest.raises(StoreUnavailable, match=r"discovery\.json cannot be read"):
            read_discoveries(store)


def test_a_finding_of_awareness_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    with Files(path=str(tmp_path / "run")) as store:
        store.write_document("awareness.json", b"[{]")
        with pytest.raises(StoreUnavailable, match=r"awareness\.json cannot be read"):
            read_awareness(store)
