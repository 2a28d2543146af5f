from pathlib import Path

import duckdb
import polars as pl

from foretaste.adapters.exporters.parquet import Parquet
from unit.adapters.exporters.findings import STUDY, TRACE, linked, written


def test_duckdb_joins_verdicts_with_answers(tmp_path: Path) -> None:
    folder = written(Parquet(), linked(), tmp_path)
    relation = duckdb.sql(f"""
        SELECT v.lane, v.outcome, v.score, r.text, r.asked->'$[0].content' AS asked, v.trace
        FROM '{folder}/verdicts.parquet' v JOIN '{folder}/rollouts.parquet' r USING (rollout)
        WHERE v.outcome IN ('present', 'ungraded') ORDER BY v.lane, v.outcome
    """)
    assert relation is not None
    found = relation.fetchall()

    assert len(found) == 4
    assert found[0] == ("candidate", "present", 0.75, "Yes, Zoë.\r\n", '"Is it so?"', TRACE)
    assert found[1][2] is None


def test_polars_reads_types_and_missing_numbers_are_null(tmp_path: Path) -> None:
    folder = written(Parquet(), linked(), tmp_path)
    verdicts = pl.read_parquet(folder / "verdicts.parquet")
    figures = pl.read_parquet(folder / "forecasts.parquet")

    assert verdicts.schema["probability"] == pl.Float64
    assert verdicts.schema["screened"] == pl.Boolean
    assert verdicts["severity"].to_list()[:3] == [2, 2, None]
    assert figures.height == len(STUDY.estimates) + len(STUDY.sealed.forecasts)
    assert figures["lower"].null_count() == sum(e.lower is None for e in STUDY.estimates)


def test_a_run_without_answers_gives_tables_without_rows(tmp_path: Path) -> None:
    folder = written(Parquet(), [], tmp_path)

    assert pl.read_parquet(folder / "verdicts.parquet").height == 0
