import json
import os
import stat
from pathlib import Path

import pytest

from fake_providers import chat
from foretaste.adapters.readers.files.streams import LONGEST
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.errors import PlanError
from foretaste.recording import writing
from foretaste.recording.lines import Exchange
from foretaste.recording.writing import Log
from foretaste.records import Conversation, Failure

DAY = 86_400.0


def call(number: int = 0, began: float = 1_700_000_000.0, answer: bytes = b"") -> Exchange:
    asked = {"model": "m", "messages": [{"role": "user", "content": f"q{number}"}]}
    return Exchange(
        format="openai-chat",
        asked=json.dumps(asked).encode(),
        asked_coding="",
        answered=[answer or json.dumps(chat() | {"id": f"k{number}"}).encode()],
        coding="",
        streamed=False,
        began=began,
        seconds=1.0,
        first_seconds=0.5,
        cut=None,
    )


def test_calls_lie_in_a_file_a_day_that_only_its_owner_reads(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        for number in range(3):
            log.take(call(number, began=1_700_000_000.0 + DAY * (number // 2)))
    files = sorted((tmp_path / "log" / "openai-chat").iterdir())

    assert [each.name for each in files] == ["2023-11-14.jsonl", "2023-11-15.jsonl"]
    assert [len(each.read_bytes().splitlines()) for each in files] == [2, 1]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    assert log.tally.recorded == 3


def test_a_line_that_was_torn_is_one_failure_and_nothing_else_is_lost(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        log.take(call(1))
    (file,) = tmp_path.rglob("*.jsonl")
    file.write_bytes(file.read_bytes() + file.read_bytes()[:100])  # killed in the midst of a write
    with Log(tmp_path) as log:
        log.take(call(2))
    first, torn, second = OpenAIChat(path=str(tmp_path))()

    assert isinstance(first, Conversation)
    assert isinstance(torn, Failure)
    assert torn.line == 2
    assert isinstance(second, Conversation)
    assert second.key == "k2"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_an_error_that_tears_no_line() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    file = writing._File(full, "2023-11-14", torn=False)
    with pytest.raises(OSError, match="No space left"):
        file.append(b"{}\n")
    os.close(full)

    assert file.torn is False


def test_a_folder_that_goes_away_loses_calls_and_says_so(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        (tmp_path / "openai-chat").write_text("a file stands in its place")
        log.take(call())

    assert (log.tally.recorded, log.tally.lost) == (0, 1)
    assert log.tally.reason


def test_what_cannot_be_read_is_counted_with_its_reason(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        log.take(call(answer=b"<html>"))

    assert (log.tally.recorded, log.tally.unread) == (0, 1)
    assert "not JSON" in log.tally.reason


def test_a_log_s_place_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "openai-chat"
    folder.mkdir()
    (folder / "2023-11-14.jsonl").symlink_to(tmp_path / "elsewhere")
    with Log(tmp_path) as log:
        log.take(call())

    assert log.tally.lost == 1
    assert not (tmp_path / "elsewhere").exists()


def test_what_waits_for_a_slow_disk_is_bounded(tmp_path: Path) -> None:
    log = Log(tmp_path)
    big = call(answer=b" " * (LONGEST // 2))
    for _ in range(12):  # nobody writes yet
        log.take(big)

    assert log.tally.dropped > 0
    assert log._queue.qsize() * big.size <= writing.MOST_WAITING


def test_a_folder_that_cannot_be_made_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PlanError, match="cannot be written to"), Log(tmp_path / "file" / "log"):
        pass
