from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretaste.adapters.stores.files import Files
from foretaste.after.release import open_study
from foretaste.after.validation import validate
from foretaste.errors import LogError, SealBroken
from foretaste.pipeline import run
from foretaste.records import Rollout
from foretaste.runs.presentation import read_validations
from foretaste.sealing import seal
from stories.planted import behavior, plan, says
from unit.released import RATES, log


def test_production_s_counts_are_scored_and_no_model_is_asked(path: str, tmp_path: Path) -> None:
    later = log(tmp_path, "later", ["alpha!"] * 30 + ["Fine."] * 70)

    (found,) = validate(path, later).behaviors

    assert (found.realized_count, found.realized_n, found.covered) == (30, 100, True)
    with Files(path=next(str(p) for p in Path(path, "releases").iterdir()), reading=True) as store:
        assert {each.lane for each in store.read(Rollout)} == {"recorded"}


def test_every_score_is_kept_beside_the_run(path: str, tmp_path: Path) -> None:
    card = validate(path, log(tmp_path, "later", ["Fine."] * 20))

    with Files(path=path, reading=True) as store:
        (kept,) = read_validations(store)
    assert kept.scorecard == card
    assert "later.jsonl" in (Path(path) / "report.html").read_text()


def test_each_selection_of_a_log_is_scored_on_its_own_turns(path: str, tmp_path: Path) -> None:
    later = log(tmp_path, "one", ["alpha!"] * 10, metadata={"draw": 1})
    Path(later).write_text(
        Path(later).read_text()
        + Path(log(tmp_path, "two", ["Fine."] * 20, metadata={"draw": 2})).read_text()
    )

    found = [validate(path, later, where={"draw": draw}).behaviors[0] for draw in ("1", "2", "1")]
    whole = validate(path, later).behaviors[0]

    assert [(each.realized_count, each.realized_n) for each in found] == [
        (10, 10),
        (0, 20),
        (10, 10),
    ]
    assert (whole.realized_count, whole.realized_n) == (10, 30)
    with Files(path=path, reading=True) as store:
        assert len(read_validations(store)) == 3


def test_a_log_outside_the_plan_s_window_is_scored(tmp_path: Path) -> None:
    before = log(tmp_path, "before", ["Fine."] * 9, created="2026-10-05T00:00:00Z")
    window = {"since": "2026-10-01", "until": "2026-11-01"}
    given = plan(tmp_path, before, RATES, candidate=says(RATES, "new"), window=window)
    later = log(tmp_path, "later", ["Fine."] * 9, created="2026-12-05T00:00:00Z")

    assert validate(run(given).path, later).behaviors[0].realized_n == 9


def test_a_sample_s_size_does_not_limit_what_a_rule_scores(tmp_path: Path) -> None:
    before = log(tmp_path, "before", ["Fine."] * 9)
    given = plan(tmp_path, before, RATES, candidate=says(RATES, "new"), sample={"size": 5})

    card = validate(run(given).path, log(tmp_path, "later", ["Fine."] * 50))

    assert card.behaviors[0].realized_n == 50


def test_the_definition_that_was_sealed_is_used_though_its_file_has_changed(
    finished: Path, path: str, tmp_path: Path
) -> None:
    definition = finished / "alpha.md"
    before = definition.read_text()
    behavior(finished, "alpha", grader="{use: rule, pattern: 'Fine'}")

    card = validate(path, log(tmp_path, "later", ["alpha!"] * 10 + ["Fine."] * 30))

    definition.write_text(before)
    assert card.behaviors[0].realized_count == 10


def test_other_code_is_said_and_another_grader_refused(path: str, tmp_path: Path) -> None:
    later = log(tmp_path, "later", ["Fine."] * 9)
    study = open_study(path)

    def keep(**changes: Any) -> None:
        changed = replace(study, sealed=seal(replace(study.sealed, **changes)))
        (Path(path) / "study.json").write_bytes(msgspec.json.encode(changed))

    assert not validate(path, later).pipeline_changed
    keep(code="other code")
    assert validate(path, later).pipeline_changed
    keep(graders={"alpha": "another"})
    with pytest.raises(SealBroken, match="graders of alpha"):
        validate(path, later)


def test_a_later_log_that_is_not_there_leaves_nothing_behind(path: str, tmp_path: Path) -> None:
    with pytest.raises(LogError):
        validate(path, str(tmp_path / "none.jsonl"))

    assert not Path(path, "releases").exists()
