from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet
import pytest

from contracts.test_writers import write
from foretaste.records import Conversation, Dialogue, Label, Message


@pytest.fixture
def table(tmp_path: Path) -> Path:
    messages = (Message(role="user", content="q"), Message(role="assistant", content="a"))
    dialogue = Dialogue(
        messages=messages,
        settings={"temperature": 0.5},
        tags={"surface": "web"},
        labels=(Label(name="good", value=True, by="human"), Label(name="score", value=2.5)),
    )
    record = Conversation(dialogue=dialogue, source="log", line=1, key="k")
    return write("parquet", [record] * 2500, tmp_path / "log.parquet")


def test_duckdb_reads_it_without_help(table: Path) -> None:
    query = f"""
        SELECT messages[1].role, messages[2].content, tags['surface'],
               CAST(settings['temperature'] AS DOUBLE), labels[1].truth, labels[2].number,
               count(*)
        FROM '{table}' GROUP BY ALL
    """

    assert duckdb.execute(query).fetchall() == [("user", "a", "web", 0.5, True, 2.5, 2500)]


def test_polars_reads_it_without_help(table: Path) -> None:
    said = pl.read_parquet(table).explode("messages").unnest("messages")

    assert said.group_by("role").len().sort("role").rows() == [("assistant", 2500), ("user", 2500)]


def test_a_large_log_is_written_in_groups(table: Path) -> None:
    assert pyarrow.parquet.ParquetFile(table).num_row_groups == 3
