import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.release import gate, open_study, redraw
from foretaste.after.validation import validate
from foretaste.errors import PlanError, SealBroken, StoreUnavailable
from foretaste.findings import Ruling
from foretaste.pipeline import run
from stories.planted import plan, says
from unit.released import RATES, log


def spoil(path: str, **changes: Any) -> None:
    study = json.loads((Path(path) / "study.json").read_text())
    study["sealed"] |= changes
    (Path(path) / "study.json").write_text(json.dumps(study))


def test_a_finished_run_is_opened_as_it_was_concluded(path: str) -> None:
    study = open_study(path)

    assert study.account.prefixes == 40
    assert study.sealed.forecasts[0].graded == 40


def test_a_changed_forecast_is_never_opened_scored_or_decided_on(path: str, tmp_path: Path) -> None:
    spoil(path, method="ratio-anchored")
    later = log(tmp_path, "later", ["Fine."] * 9)

    for use in (open_study, gate, redraw, lambda place: validate(place, later)):
        with pytest.raises(SealBroken):
            use(path)


def test_an_estimate_changed_beside_the_forecast_breaks_the_seal_too(path: str) -> None:
    study = open_study(path)
    better = tuple(replace(each, present=0, rate=0.0) for each in study.estimates)
    changed = replace(study, estimates=better)
    (Path(path) / "study.json").write_bytes(msgspec.json.encode(changed))

    with pytest.raises(SealBroken):
        open_study(path)


def test_a_study_that_cannot_be_read_is_a_broken_seal(path: str) -> None:
    (Path(path) / "study.json").write_text('{"run": 3}')

    with pytest.raises(SealBroken, match="cannot be read"):
        open_study(path)


def test_a_folder_without_a_run_and_a_run_without_an_end_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        open_study(str(tmp_path / "nothing"))
    with Files(path=str(tmp_path / "begun")):
        pass
    with pytest.raises(PlanError, match="not finished"):
        open_study(str(tmp_path / "begun"))
    assert not (tmp_path / "nothing").exists()


def test_the_gate_gives_the_run_s_decision(path: str) -> None:
    assert gate(path).ruling is Ruling.RELEASE


def test_a_run_without_limits_has_nothing_to_decide(tmp_path: Path) -> None:
    given = plan(tmp_path, log(tmp_path, "log", ["Fine."] * 5), RATES, candidate=says(RATES, "new"))

    with pytest.raises(PlanError, match="per_100k"):
        gate(run(given).path)


def test_a_report_can_be_drawn_again(path: str) -> None:
    page = Path(path) / "report.html"
    before = page.read_text()
    page.unlink()

    assert redraw(path) == str(page)
    assert page.read_text() == before
