"""Where the demo's conversations come from."""

from pathlib import Path

import pytest

from foretaste.demo.source import conversations, own_log, source
from foretaste.errors import LogError


def test_a_log_that_is_asked_for_is_taken() -> None:
    assert source("mine.jsonl", print).path == "mine.jsonl"


def test_the_log_of_our_own_is_used_where_nothing_can_be_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETASTE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    said: list[str] = []
    found = source(None, said.append)

    assert found == own_log()
    assert "the small log that ships with Foretaste" in said[-1]


def test_the_log_of_our_own_is_de_identified_before_anything_else() -> None:
    found = conversations(own_log())

    assert len(found) == 120
    assert sum(sum(each.replaced.values()) for each in found) > 20


def test_a_log_without_a_turn_is_an_error(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"messages": [{"role": "user", "content": "Hello?"}]}\n', "utf-8")

    with pytest.raises(LogError, match="no conversation with a turn"):
        conversations(source(str(log), print))


def test_a_source_is_named_by_what_can_be_a_folder() -> None:
    assert source("../my logs/october.jsonl", print).name == "my-logs-october-jsonl"
