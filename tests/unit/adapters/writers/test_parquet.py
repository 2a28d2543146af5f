from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import polars as pl
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.test_writers import conversations, write
from foretaste.records import Conversation, Dialogue, Label, Message


def restored(row: dict[str, Any]) -> Conversation:
    """The conversation of a row: all of it is there."""
    labels = [
        Label(
            name=each["name"],
            value=next(
                (each[kind] for kind in ("number", "truth") if each[kind] is not None),
                each["value"],
            ),
            message=each["message"],
            by=each["by"],
        )
        for each in row["labels"]
    ]
    names = ("messages", "model", "tags", "stop", "own_from", "gaps", "started_at")
    said = {name: row[name] for name in names} | {
        "tags": dict(row["tags"]),
        "settings": {name: msgspec.json.decode(value) for name, value in row["settings"]},
        "tools": [msgspec.json.decode(tool) for tool in row["tools"]],
    }
    return Conversation(
        dialogue=replace(msgspec.convert(said, Dialogue), labels=tuple(labels)),
        source=row["source"],
        line=row["line"],
        key=row["id"],
        user=row["user"],
    )


@settings(max_examples=100, deadline=None)
@given(records=st.lists(conversations(), min_size=1, max_size=3))
def test_a_row_holds_all_of_a_conversation(
    records: list[Conversation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write("parquet", records, tmp_path_factory.mktemp("table") / "log.parquet")

    rows = pyarrow.parquet.read_table(path).to_pylist()

    assert [restored(row) for row in rows] == records
    assert [row["foretaste_id"] for row in rows] == [record.id for record in records]


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
