import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.exporters.langfuse import Langfuse
from foretaste.adapters.stores.files import Files
from foretaste.after.exporting import export, graded
from foretaste.after.release import open_study
from foretaste.errors import PlanError, SealBroken, StoreUnavailable, UnknownName
from foretaste.pipeline import run
from foretaste.records import Outcome, Verdict
from stories.planted import behavior, plan, says
from unit.adapters.readers.test_origins import TRACE, observation
from unit.released import log

# The shared environment of the developers knows no entry point that is new.
PLACE = "foretaste.adapters.exporters"
CSV, LANGFUSE = f"{PLACE}.spreadsheet:CSV", f"{PLACE}.langfuse:Langfuse"
FORMS = {
    "CSV": CSV,
    "Langfuse": LANGFUSE,
    "Parquet": f"{PLACE}.parquet:Parquet",
    "InspectLog": f"{PLACE}.inspect_log:InspectLog",
    "OTLP": f"{PLACE}.otlp:OTLP",
    "Phoenix": f"{PLACE}.phoenix:Phoenix",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run whose users say something that only they say."""
    folder = tmp_path_factory.mktemp("exporting")
    before = log(folder, "before", ["alpha!"] * 8 + ["Fine."] * 32)
    given = {"candidate": says({"alpha": 0.3}, "new"), "incumbent": says({"alpha": 0.1}, "old")}
    return run(plan(folder, before, {}, behaviors=[behavior(folder, "alpha")], **given)).path


@pytest.mark.parametrize("form", FORMS)
def test_every_form_writes_what_it_announces_into_the_run_s_own_folder(
    path: str, form: str
) -> None:
    done = export(path, to=FORMS[form])

    assert done.out == f"{path}/export/{form.lower()}"
    assert {each.name for each in Path(done.out).iterdir()} == set(done.files)
    assert (done.counts["verdicts"], done.counts["linked"]) == (120, 0)


@pytest.mark.parametrize("form", FORMS)
def test_without_text_nothing_that_was_said_is_in_any_file(
    path: str, form: str, tmp_path: Path
) -> None:
    import zipfile

    import polars as pl

    export(path, to=FORMS[form], out=str(tmp_path / "bare"), text=False)

    for file in (tmp_path / "bare").iterdir():
        held = file.read_text() if file.suffix not in (".eval", ".parquet") else ""
        if file.suffix == ".eval":
            with zipfile.ZipFile(file) as archive:
                held = "".join(archive.read(name).decode() for name in archive.namelist())
        if file.suffix == ".parquet":
            held = pl.read_parquet(file).write_json()
        assert "alpha!" not in held
        assert "Well?" not in held
        assert "Fine." not in held


def test_a_file_that_is_there_stays_unless_it_is_forced(path: str, tmp_path: Path) -> None:
    out = str(tmp_path)
    (tmp_path / "forecasts.csv").write_text("mine")
    with pytest.raises(PlanError, match="--force"):
        export(path, to=CSV, out=out)
    assert [each.name for each in tmp_path.iterdir()] == ["forecasts.csv"]

    assert export(path, to=CSV, out=out, force=True).files == ("verdicts.csv", "forecasts.csv")
    assert (tmp_path / "forecasts.csv").read_text() != "mine"


def test_a_run_that_was_tampered_with_is_exported_nowhere(path: str, tmp_path: Path) -> None:
    copy = str(shutil.copytree(path, tmp_path / "run"))
    with Files(path=copy) as store:
        first = next(iter(store.read(Verdict)))
        store.append(replace(first, parent="other", outcome=Outcome.ABSENT))
    with pytest.raises(SealBroken):
        export(copy, to=CSV, out=str(tmp_path / "out"))

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "error"),
    [({"to": "cvs"}, UnknownName), ({"to": CSV, "endpoint": "http://x"}, UnknownName)],
)
def test_what_is_not_there_is_told(path: str, more: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        export(path, **more)


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        export(str(tmp_path), to=CSV)


def test_answers_come_by_prefix_and_lane_with_all_that_was_found(path: str) -> None:
    steps: list[tuple[str, int, int | None]] = []
    with Files(path=path, reading=True) as store:
        every = list(graded(store, open_study(path), watch=lambda *step: steps.append(step)))

    assert len(every) == 120
    assert [each.rollout.lane.value for each in every[:3]] == [
        *("recorded", "incumbent", "candidate"),
    ]
    assert all(each.rollout.parent == each.prefix.id for each in every)
    assert all(v.parent == each.rollout.id for each in every for v in each.verdicts)
    assert steps[-1] == ("exported", 120, 120)


def test_a_run_of_a_log_of_langfuse_leads_back_to_its_observations(tmp_path: Path) -> None:
    rows = [observation(n) | {"traceId": f"{n:032x}"} for n in range(1, 21)]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = {"log": {"path": str(file), "use": "langfuse"}, "candidate": says({}, "new")}
    path = run(plan(tmp_path, "", {"alpha": 0.1}) | given).path
    done = export(path, to=LANGFUSE)

    assert (done.counts["verdicts"], done.counts["linked"]) == (40, 40)
    scores = [json.loads(each) for each in Path(done.out, "scores.jsonl").read_text().splitlines()]
    ids = {(each["traceId"], each.get("observationId")) for each in scores}
    assert (f"{7:032x}", f"{7:016x}") in ids
    assert (f"{7:032x}", None) in ids
    assert TRACE not in str(scores)
    assert Langfuse().files == done.files
