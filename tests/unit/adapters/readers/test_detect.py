"""Telling a log's format by its content."""

from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.atif import ATIF
from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.parquet_chat import ParquetChat
from foretaste.adapters.readers.sharegpt import ShareGPT
from foretaste.adapters.readers.tau_bench import TauBench
from foretaste.errors import LogError
from formats.columns import as_parquet

READERS: dict[str, type[Any]] = {
    "atif": ATIF,
    "openai-chat": OpenAIChat,
    "sharegpt": ShareGPT,
    "tau-bench": TauBench,
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"messages": []}', "openai-chat"),
        (b'\n\n{"id": 1, "messages" :[{"role": "user"', "openai-chat"),
        (b'{"request": {"messages": []}, "response": {}}', "openai-chat"),
        (b'broken\n{"messages": []}', "openai-chat"),
        (b'{"metadata": {}, "messages": [' + b"x" * 200_000, "openai-chat"),
        (b'[{"id": "a", "conversations": [', "sharegpt"),
        (b'[\n  {\n    "id": "a",\n    "conversations": [\n', "sharegpt"),
        (b'{"id": "a", "conversations": []}\n', "sharegpt"),
        (b'{"conversations": [{"from": "human", "value": "messages: ["}]}', "sharegpt"),
        (b'{\n  "schema_version": "ATIF-v1.8",\n  "agent"', "atif"),
        (b'{"schema_version":"ATIF-v1.2","steps":[{"arguments":{"messages":[1]}}]}', "atif"),
        (b'{"schema_version":"ATIF-v1.2","steps":[{"arguments":{"traj":[1]}}]}', "atif"),
        (b'[\n  {\n    "task_id": 0,\n    "reward": 1.0,\n    "traj": [', "tau-bench"),
        (b'{"task_id": 0, "trial": 0, "messages": [', "openai-chat"),
        (b'{"conversations": [{"from": "human", "value": "\\"messages\\": ["}]}', "sharegpt"),
    ],
)
def test_the_format_is_told_by_the_keys(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(content)

    assert detect(str(tmp_path / "log.txt"), READERS) == expected


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b'{"secret": 1}', "JSON objects with none of the expected keys"),
        (b"[1, 2]", "a JSON array with none of the expected keys"),
        (b"PAR1\x00", "a Parquet file with none of the expected columns"),
        (b"\xff\xfe{\x00", "text in UTF-16"),
        (b"secret", "text that is not JSON"),
        (b"secret\x00", "binary data"),
    ],
)
def test_an_unknown_format_says_what_was_seen_and_what_is_known(
    content: bytes, seen: str, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(content)

    with pytest.raises(
        LogError, match=f"it holds {seen}; known: atif, openai-chat, sharegpt"
    ) as raised:
        detect(str(tmp_path / "log"), READERS)
    assert "secret" not in str(raised.value)


def test_a_log_that_two_readers_recognize_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b'{"messages": []}')

    with pytest.raises(LogError, match="could be a or b; name its format"):
        detect(str(tmp_path / "log"), {"a": OpenAIChat, "b": OpenAIChat})


def test_a_reader_without_recognizes_takes_no_part(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b'{"messages": []}')

    assert detect(str(tmp_path / "log"), {"a": OpenAIChat, "b": object}) == "a"


def test_a_parquet_file_is_known_by_its_columns(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(as_parquet([{"messages": "[]", "id": 1}]))

    assert detect(str(tmp_path / "log"), READERS | {"parquet": ParquetChat}) == "parquet"


def test_a_parquet_file_with_other_columns_is_in_no_known_format(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(as_parquet([{"price": 1}]))

    with pytest.raises(LogError, match="it holds a Parquet file with none of the expected columns"):
        detect(str(tmp_path / "log"), READERS | {"parquet": ParquetChat})


def test_an_empty_log_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b" \n")

    with pytest.raises(LogError, match="is empty"):
        detect(str(tmp_path / "log"), READERS)
