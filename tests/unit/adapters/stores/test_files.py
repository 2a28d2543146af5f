import os
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import pytest
import zstandard

from foretaste.adapters.stores.files import Files
from foretaste.errors import StoreUnavailable
from foretaste.records import (
    Conversation,
    Dialogue,
    Failure,
    Lane,
    Message,
    Outcome,
    Prefix,
    Rollout,
    Stop,
    ToolCall,
    Verdict,
)


def a_rollout(number: int, lane: Lane = Lane.CANDIDATE) -> Rollout:
    answer = Message(role="assistant", content=f"answer {number} \u2028 \n </script>")
    return Rollout(parent=f"prefix-{number}", lane=lane, messages=(answer,), stop=Stop.FINAL)


def a_verdict(number: int, behavior: str = "refusal", grader: str = "g1") -> Verdict:
    return Verdict(
        parent=f"rollout-{number}", behavior=behavior, outcome=Outcome.ABSENT, grader=grader
    )


def rollouts(path: Path) -> list[Rollout]:
    with Files(path=str(path), reading=True) as store:
        return list(store.read(Rollout))


def segment(path: Path, kind: str = "rollout") -> Path:
    return path / "segments" / f"{kind}-00000.jsonl.zst"


def written(path: Path, frames: int) -> list[int]:
    """A run of one rollout a frame; gives the offset at which each frame begins, and the end."""
    offsets = [0]
    with Files(path=str(path)) as store:
        for number in range(frames):
            store.append(a_rollout(number))
            store.flush()
            offsets.append(segment(path).stat().st_size)
    return offsets


def forget(path: Path) -> None:
    for ledger in path.glob("ledger.sqlite*"):
        ledger.unlink()


def test_every_kind_of_record_comes_back_as_it_went_in(tmp_path: Path) -> None:
    call = ToolCall(id="c", name="f", arguments="{not json")
    asked = Message(role="assistant", content="", tool_calls=(call,), reasoning="hm")
    dialogue = Dialogue(
        messages=(asked,),
        settings={"temperature": 0.5},
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    records = [
        Conversation(dialogue=dialogue, source="log.jsonl", line=3, user="\U0001f600"),
        Prefix(parent="s", turn=2, turns=4, user="u", messages=(asked,), recorded=()),
        a_rollout(1),
        a_verdict(1),
        Failure(stage="replay", item="p", reason="no answer", lane=Lane.INCUMBENT),
    ]
    with Files(path=str(tmp_path / "run")) as store:
        store.append(*records)
        back = [row for record in records for row in store.read(type(record))]

    assert back == records


def test_records_are_read_in_the_order_they_came_and_more_than_once(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        rows = store.read(Rollout)
        store.append(*(a_rollout(number) for number in range(300)))
        first = [row.parent for row in rows]
        store.append(a_rollout(300))
        second = [row.parent for row in rows]

    assert first == [f"prefix-{number}" for number in range(300)]
    assert second == [*first, "prefix-300"]


def test_keys_name_parent_and_lane_or_behavior(tmp_path: Path) -> None:
    conversation = Conversation(dialogue=Dialogue(messages=()), source="log", line=1)
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1), a_rollout(1, Lane.INCUMBENT), a_verdict(7), conversation)
        store.append(Failure(stage="replay", item="p", reason="r", lane=Lane.CANDIDATE))
        store.append(Failure(stage="ingest", item="log:3", reason="r"))

        assert store.keys(Rollout) == {("prefix-1", "candidate"), ("prefix-1", "incumbent")}
        assert store.keys(Verdict) == {("rollout-7", "refusal")}
        assert store.keys(Failure) == {("p", "candidate"), ("log:3", "")}
        assert store.keys(Conversation) == {(conversation.id, "")}
        assert store.keys(Prefix) == set()


def test_keys_are_the_same_to_a_reader_to_a_later_writer_and_without_a_ledger(
    tmp_path: Path,
) -> None:
    path = str(tmp_path)
    expected = {(f"prefix-{number}", "candidate") for number in range(1500)}
    with Files(path=path) as store:
        store.append(*(a_rollout(number) for number in range(1500)))
        store.flush()
        with Files(path=path, reading=True) as reader:
            beside = reader.keys(Rollout)
    with Files(path=path) as store:
        later = store.keys(Rollout)
    forget(tmp_path)
    with Files(path=path, reading=True) as reader:
        without = reader.keys(Rollout)

    assert beside == later == without == expected


@pytest.mark.parametrize("parent", ["a" * 32, "A" * 32, "g" * 32, "a" * 31, "", "ä" * 32, " " * 32])
def test_any_text_can_be_a_parent(tmp_path: Path, parent: str) -> None:
    with Files(path=str(tmp_path)) as store:
        store.append(
            Rollout(parent=parent, lane=Lane.CANDIDATE, messages=(), stop=Stop.FINAL, id="1")
        )

        assert store.keys(Rollout) == {(parent or "1", "candidate")}


def test_a_record_that_exists_already_is_not_written_again(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1), a_rollout(1), a_verdict(1))
        store.flush()
        store.append(a_rollout(1), a_verdict(1), a_verdict(1, grader="g2"))
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1), a_rollout(2), a_verdict(1))

        assert list(store.read(Rollout)) == [a_rollout(1), a_rollout(2)]
        assert list(store.read(Verdict)) == [a_verdict(1), a_verdict(1, grader="g2")]


def test_failures_have_no_identity_and_are_all_kept(tmp_path: Path) -> None:
    failure = Failure(stage="replay", item="p", reason="timeout")
    with Files(path=str(tmp_path)) as store:
        store.append(failure, failure)

        assert list(store.read(Failure)) == [failure, failure]


def test_flushed_rows_are_durable_while_the_store_is_open(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1))
        store.flush()

        assert rollouts(tmp_path) == [a_rollout(1)]


def test_an_ordinary_zstd_tool_reads_a_segment(tmp_path: Path) -> None:
    written(tmp_path, 3)
    data = segment(tmp_path).read_bytes()
    text = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()

    assert text.count(b"\n") == 3


def test_a_write_cut_short_is_ignored_and_then_cut_off(tmp_path: Path) -> None:
    *_, start, end = written(tmp_path, 3)
    whole = segment(tmp_path).read_bytes()
    for size in range(start, end, 17):
        forget(tmp_path)
        segment(tmp_path).write_bytes(whole[:size])
        before = rollouts(tmp_path)
        with Files(path=str(tmp_path)) as store:
            store.append(a_rollout(9))
            store.append(a_rollout(1))

        assert before == [a_rollout(0), a_rollout(1)], size
        assert rollouts(tmp_path) == [a_rollout(0), a_rollout(1), a_rollout(9)], size


def test_a_last_frame_of_right_length_and_wrong_bytes_is_a_write_cut_short(tmp_path: Path) -> None:
    _, start, end = written(tmp_path, 2)
    forget(tmp_path)
    whole = segment(tmp_path).read_bytes()
    segment(tmp_path).write_bytes(whole[: start + 25] + bytes(end - start - 25))
    with Files(path=str(tmp_path)) as store:
        kept = list(store.read(Rollout))

    assert kept == [a_rollout(0)]


def test_damage_in_the_middle_is_named_and_never_silent(tmp_path: Path) -> None:
    _, start, end, _ = written(tmp_path, 3)
    whole = segment(tmp_path).read_bytes()
    for place in range(start, end, 7):
        broken = bytearray(whole)
        broken[place] ^= 0x41
        segment(tmp_path).write_bytes(broken)

        with pytest.raises(
            StoreUnavailable, match=f"{segment(tmp_path)} is damaged at byte {start};"
        ):
            rollouts(tmp_path)
        forget(tmp_path)
        with (
            pytest.raises(StoreUnavailable, match=f"damaged at byte {start};"),
            Files(path=str(tmp_path)) as store,
        ):
            list(store.read(Rollout))


@pytest.mark.parametrize("reading", [True, False])
def test_acknowledged_rows_that_are_gone_are_an_error(tmp_path: Path, reading: bool) -> None:
    _, start, _ = written(tmp_path, 2)
    with segment(tmp_path).open("r+b") as file:
        file.truncate(start)
    short = Files(path=str(tmp_path), reading=reading)

    with pytest.raises(StoreUnavailable, match="rows are lost"), short as store:
        list(store.read(Rollout))
    segment(tmp_path).unlink()
    with pytest.raises(StoreUnavailable, match="is gone"), short as store:
        list(store.read(Rollout))


def test_a_run_without_ledger_is_found_again(tmp_path: Path) -> None:
    written(tmp_path, 5)
    forget(tmp_path)
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(3), a_rollout(5))

        assert list(store.read(Rollout)) == [a_rollout(number) for number in range(6)]


def test_an_old_ledger_is_brought_up_to_date(tmp_path: Path) -> None:
    written(tmp_path, 2)
    old = (tmp_path / "ledger.sqlite").read_bytes()
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(2))
    (tmp_path / "ledger.sqlite").write_bytes(old)
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(2))

        assert list(store.read(Rollout)) == [a_rollout(number) for number in range(3)]
        assert store.keys(Rollout) == {(f"prefix-{number}", "candidate") for number in range(3)}


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"x" * 4000])
def test_a_ledger_that_is_none_is_made_anew(tmp_path: Path, content: bytes) -> None:
    written(tmp_path, 2)
    (tmp_path / "ledger.sqlite").write_bytes(content)
    with Files(path=str(tmp_path), reading=True) as reader:
        seen = reader.keys(Rollout)
    with Files(path=str(tmp_path)) as store:
        found = store.keys(Rollout)

    assert seen == found == {("prefix-0", "candidate"), ("prefix-1", "candidate")}


def test_a_ledger_of_another_version_is_made_anew(tmp_path: Path) -> None:
    written(tmp_path, 2)
    database = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    database.execute("PRAGMA user_version=99")
    database.execute("DELETE FROM rows")
    database.close()
    with Files(path=str(tmp_path)) as store:
        found = store.keys(Rollout)

    assert found == {("prefix-0", "candidate"), ("prefix-1", "candidate")}


def test_rows_of_another_shape_are_an_error_that_names_the_place(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Rollout:  # the same kind, by name
        id: str
        colour: str

    written(tmp_path, 1)
    with Files(path=str(tmp_path), reading=True) as store:
        rows = store.read(Rollout)

        with pytest.raises(
            StoreUnavailable, match=r"rollout-00000\.jsonl\.zst holds rows at byte 0"
        ):
            list(rows)


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1))
        store.flush()
        with (
            pytest.raises(StoreUnavailable, match="another process is writing to this run"),
            Files(path=str(tmp_path)),
        ):
            pass

        assert rollouts(tmp_path) == [a_rollout(1)]
    with Files(path=str(tmp_path)):
        pass


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreUnavailable, match="holds other files"), Files(path=str(tmp_path)):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_whose_creation_was_cut_short_is_created_anew(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / ".manifest.json.unfinished").write_text('{"form')
    with Files(path=str(tmp_path)) as store:
        store.append(a_rollout(1))

    assert rollouts(tmp_path) == [a_rollout(1)]


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ('{"format": "foretaste-run", "version": 2}', "install a later Foretaste"),
        ('{"format": "npm", "version": 1}', "has format 'npm'"),
        ("{}", "is no run's manifest"),
        ("", "is no run's manifest"),
    ],
)
def test_a_foreign_manifest_is_refused(tmp_path: Path, manifest: str, complaint: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)

    for reading in (True, False):
        with (
            pytest.raises(StoreUnavailable, match=complaint),
            Files(path=str(tmp_path), reading=reading),
        ):
            pass


def test_reading_what_is_not_there_is_an_error_and_creates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    with (
        pytest.raises(StoreUnavailable, match="there is no run"),
        Files(path=str(path), reading=True),
    ):
        pass

    assert not path.exists()


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")

    for reading in (True, False):
        with pytest.raises(StoreUnavailable), Files(path=str(path), reading=reading):
            pass


def test_a_store_opened_for_reading_writes_nothing(tmp_path: Path) -> None:
    written(tmp_path, 1)
    with Files(path=str(tmp_path), reading=True) as store:
        with pytest.raises(StoreUnavailable, match="reading only"):
            store.append(a_rollout(2))
        with pytest.raises(StoreUnavailable, match="reading only"):
            store.write_document("plan.json", b"{}")


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Files(path=str(tmp_path))
    with store:
        store.append(a_rollout(1))

    with pytest.raises(StoreUnavailable, match="is not open"):
        store.append(a_rollout(2))
    with store:
        assert list(store.read(Rollout)) == [a_rollout(1)]


def test_a_record_that_cannot_be_written_is_refused_and_takes_none_with_it(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        store.append(a_verdict(1))
        with pytest.raises(StoreUnavailable, match="a verdict that cannot be written"):
            store.append(a_verdict(2, behavior="\ud800"))
        store.append(a_verdict(3))

        assert list(store.read(Verdict)) == [a_verdict(1), a_verdict(3)]


def test_documents_are_replaced_whole(tmp_path: Path) -> None:
    with Files(path=str(tmp_path)) as store:
        missing = store.read_document("forecast.json")
        store.write_document("forecast.json", b"1" * 1000)
        store.write_document("forecast.json", b"2")
        there = store.read_document("forecast.json")

    assert (missing, there) == (None, b"2")
    assert not list(tmp_path.glob("*unfinished"))


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "/etc/x", "a\\b", ".x", "a\0b", "a..b", "x" * 101,
     "manifest.json", "Manifest.json", "ledger.sqlite", "ledger.sqlite-wal", "lock", "segments"],
)  # fmt: skip
def test_a_document_cannot_be_named_like_a_path_or_the_stores_own(
    tmp_path: Path, name: str
) -> None:
    with Files(path=str(tmp_path)) as store, pytest.raises(StoreUnavailable):
        store.write_document(name, b"x")


FULL_DISK = """
import resource, sys
from foretaste.adapters.stores.files import Files
from foretaste.errors import StoreUnavailable
from foretaste.records import Failure

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
import random
rng = random.Random(1)
try:
    with Files(path=sys.argv[1]) as store:
        for number in range(10_000):
            store.append(Failure(stage="s", item=str(number), reason=rng.randbytes(400).hex()))
            store.flush()
            print(number, flush=True)
except StoreUnavailable as error:
    print("stopped:", error)
"""


def test_a_full_disk_stops_the_run_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    *acknowledged, last = run.stdout.splitlines()
    with Files(path=str(tmp_path)) as store:
        kept = [failure.item for failure in store.read(Failure)]
        store.append(Failure(stage="s", item="more", reason=""))

    assert last.startswith("stopped: the run's folder cannot be written")
    assert len(acknowledged) > 100
    assert kept == acknowledged


def test_a_writer_error_is_raised_at_every_later_call(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as closing:
        use_a_store_that_cannot_write(tmp_path)
    segment(tmp_path).rmdir()

    assert str(closing.value).startswith("the run's folder cannot be written: [Errno 21]")
    with Files(path=str(tmp_path)) as store:
        assert list(store.read(Rollout)) == []


def use_a_store_that_cannot_write(path: Path) -> None:
    with Files(path=str(path)) as store:
        segment(path).mkdir()
        store.append(a_rollout(1))
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            store.flush()
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            store.append(a_rollout(2))


def test_an_error_of_the_body_is_not_hidden_by_a_failing_store(tmp_path: Path) -> None:
    def body() -> None:
        with Files(path=str(tmp_path)) as store:
            segment(tmp_path).mkdir()
            store.append(a_rollout(1))
            raise KeyError

    with pytest.raises(KeyError):
        body()


TEMPORARY = Path(tempfile.gettempdir())


@pytest.mark.skipif(
    not Path("/proc/self/status").exists() or os.geteuid() != 0,
    reason="needs root, to give up root's right to write anywhere",
)
def test_a_folder_that_cannot_be_written_is_refused_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "run"
    written(path, 2)
    above = takewhile(lambda folder: folder != TEMPORARY, tmp_path.parents)
    for folder in (*above, tmp_path, path, path / "segments"):
        folder.chmod(0o755)
    code = """
import os, sys
from foretaste.adapters.stores.files import Files
from foretaste.errors import StoreUnavailable
from foretaste.records import Rollout
os.setuid(65534)
with Files(path=sys.argv[1], reading=True) as store:
    print(len(list(store.read(Rollout))), len(store.keys(Rollout)))
try:
    with Files(path=sys.argv[1]):
        print("opened")
except StoreUnavailable as error:
    print(error)
"""
    command = [sys.executable, "-c", code, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)

    assert run.stdout.splitlines() == [
        "2 2",
        f"cannot open {path}: [Errno 13] Permission denied: '{path}/lock'",
    ]
