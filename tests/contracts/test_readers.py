"""What every reader keeps: good records survive, bad ones are failures, nothing else is raised."""

import gzip
import io
import json
import os
import pickle
import re
import subprocess
import sys
import tomllib
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import FrozenInstanceError
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from foretaste.adapters.readers.detect import detect
from foretaste.errors import LogError
from foretaste.protocols import Reader
from foretaste.records import Conversation, Failure
from formats import CASES
from formats.case import Case


def _readers() -> dict[str, type[Any]]:
    """Those that `pyproject.toml` names, whatever was installed."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    points = tomllib.loads(project.read_text())["project"]["entry-points"]["foretaste.readers"]
    places = {name: place.split(":") for name, place in points.items()}
    return {name: getattr(import_module(module), cls) for name, (module, cls) in places.items()}


READERS = _readers()


def cases(**like: bool) -> pytest.MarkDecorator:
    """Run a test on every format, or on those alone that are like this."""
    chosen = {
        name: case
        for name, case in CASES.items()
        if all(getattr(case, key) is value for key, value in like.items())
    }
    return pytest.mark.parametrize("case", chosen.values(), ids=chosen.keys())


def test_every_reader_has_a_small_good_log() -> None:
    assert {case.format for case in CASES.values()} == READERS.keys()


def read(case: Case, path: object, **options: Any) -> list[Conversation | Failure]:
    reader: Reader = READERS[case.format](path=str(path), **options)
    return list(reader())


def keys(records: list[Conversation | Failure]) -> list[str | None]:
    return [record.key for record in records if isinstance(record, Conversation)]


def failures(records: list[Conversation | Failure]) -> list[Failure]:
    return [record for record in records if isinstance(record, Failure)]


def good(case: Case, count: int) -> bytes:
    return case.dump([case.record(n) for n in range(count)])


@cases()
def test_every_record_of_a_good_log_is_read_and_placed(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(good(case, 3))

    found = read(case, log)

    assert keys(found) == ["k0", "k1", "k2"]
    assert [(r.source, r.line) for r in found] == [("log", 1), ("log", 2), ("log", 3)]


@cases()
def test_reading_twice_gives_the_same_ids(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(good(case, 3))

    assert read(case, log) == read(case, log)


@cases(text=True)
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_compression_is_told_by_content(
    case: Case, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / "log.jsonl").write_bytes(pack(good(case, 3)))

    assert keys(read(case, tmp_path)) == ["k0", "k1", "k2"]
    assert detect(str(tmp_path), READERS) == case.format


@cases(text=True, apart=True)
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_what_is_whole_of_a_truncated_file_is_read_and_the_rest_is_one_failure(
    case: Case, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    # Noise, so that a frame is more than one block and half of it gives something.
    rows = [case.record(n) | {"noise": os.urandom(400).hex()} for n in range(2000)]
    packed = pack(case.dump(rows))
    log.write_bytes(packed[: len(packed) // 2])

    found = read(case, log)

    assert 100 < len(keys(found)) < 1900
    assert keys(found) == [f"k{n}" for n in range(len(keys(found)))]
    assert [failure.line for failure in failures(found)] == [len(found)]
    assert "cut off" in failures(found)[0].reason


@cases(text=True, apart=True)
def test_a_file_cut_off_in_its_last_record_keeps_the_others(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "log"
    whole = good(case, 5)
    log.write_bytes(whole[: whole.rindex(b'"q4"') + 2])

    found = read(case, log)

    assert keys(found) == ["k0", "k1", "k2", "k3"]
    assert [failure.line for failure in failures(found)] == [5]


@cases(text=True, apart=True)
def test_a_record_with_invalid_utf8_is_one_failure_and_reading_goes_on(
    case: Case, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_bytes(good(case, 5).replace("é2".encode(), b"\xff\xfe"))

    found = read(case, log)

    assert keys(found) == ["k0", "k1", "k3", "k4"]
    assert [(f.line, f.stage, f.item) for f in failures(found)] == [(3, "ingest", "log:3")]


@cases(text=True, apart=True)
@pytest.mark.parametrize(
    "wrong",
    [
        b"{}",
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"9" * 5000,
        b"1e999",
        b"[" * 5000 + b"]" * 5000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"id": "k9", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"id": "k9", "conversations": [{"from": "human", "value": "\\ud800"}]}',
        b'{"id": "k9", "messages": [], "conversations": []}',
        b'{"id": "k9", "messages": [{"role": "secret"}]}',
        b'{"id": "k9", "conversations": [{"from": "secret", "value": ""}]}',
        b'{"id": "k9", "messages": {"secret": 1}, "conversations": {"secret": 1}}',
    ],
)
def test_a_record_of_the_wrong_shape_is_one_failure_that_quotes_nothing(
    case: Case, wrong: bytes, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    raw = case.dump([case.record(0), {"id": "k9"}, case.record(2)])
    log.write_bytes(re.sub(rb'\{\s*"id": "k9"\s*\}', lambda _: wrong, raw))

    found = read(case, log)

    assert keys(found) == ["k0", "k2"]
    assert [failure.line for failure in failures(found)] == [2]
    assert "secret" not in failures(found)[0].reason


@cases(tagged=True)
def test_where_keeps_the_records_with_that_tag_and_counts_no_failures(
    case: Case, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_bytes(good(case, 4))

    assert keys(read(case, log, where={"draw": 0})) == ["k0", "k2"]
    assert keys(read(case, log, where={"draw": "1"})) == ["k1", "k3"]
    assert failures(read(case, log, where={"draw": 0})) == []


@cases(tagged=True)
def test_a_filter_that_leaves_nothing_is_an_error_that_names_it(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(good(case, 4))

    with pytest.raises(LogError, match=r"none of the 4 readable records .* has draw = 7"):
        read(case, log, where={"draw": 7})


@cases(text=True)
@pytest.mark.parametrize("content", [b"", b"\n \n\n"])
def test_an_empty_log_is_an_error(case: Case, content: bytes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(content)

    with pytest.raises(LogError, match="is empty"):
        read(case, log)


@cases()
def test_a_missing_log_is_an_error(case: Case, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="does not exist"):
        read(case, tmp_path / "nowhere")


@cases(text=True)
def test_a_byte_order_mark_is_no_content(case: Case, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xef\xbb\xbf" + good(case, 2))

    assert keys(read(case, log)) == ["k0", "k1"]
    assert detect(str(log), READERS) == case.format


@cases()
def test_files_of_a_folder_are_read_in_order_and_told_apart(case: Case, tmp_path: Path) -> None:
    for name, n in (("b/2", 1), ("a", 0), (".hidden", 5)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(case.dump([case.record(n)]))

    found = read(case, tmp_path)

    assert [(r.source, r.key) for r in found if isinstance(r, Conversation)] == [
        ("a", "k0"),
        ("b/2", "k1"),
    ]


PIPED = """
import json, sys
from importlib import import_module
from foretaste.adapters.readers.detect import detect
places = json.loads(sys.argv[1])
readers = {name: getattr(import_module(module), cls) for name, (module, cls) in places.items()}
name = detect("-", readers)
print(name, *[record.key for record in readers[name](path="-")()])
"""


@cases(text=True)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_detected_and_then_read_from_its_first_byte(
    case: Case, pack: Callable[[bytes], bytes]
) -> None:
    places = {name: (reader.__module__, reader.__name__) for name, reader in READERS.items()}
    done = subprocess.run(
        [sys.executable, "-c", PIPED, json.dumps(places)],
        input=pack(good(case, 3)),
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert done.stdout.decode().split() == [case.format, "k0", "k1", "k2"]


@cases(text=True)
def test_standard_input_can_be_read_only_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(good(case, 2))))

    assert keys(read(case, "-")) == ["k0", "k1"]
    with pytest.raises(LogError, match="only once"):
        read(case, "-")


@cases()
def test_a_reader_is_frozen(case: Case) -> None:
    reader = READERS[case.format](path="log")

    with pytest.raises(FrozenInstanceError):
        reader.path = "other"


TOKENS = (
    *(b"[", b"]", b"{", b"}", b'"', b"\\", b",", b":", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf"),
    *(b"null", b"NaN", b"1e999", b"-1e308", b"9" * 400, b'"\\ud800"', b"[" * 3000),
    *(b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"),
)


def zipped(raw: bytes, methods: tuple[int, ...] = (zipfile.ZIP_DEFLATED,)) -> bytes:
    """An archive of a log, once for each way of packing it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, method in enumerate(methods):
            archive.writestr(f"{number}.jsonl", raw, compress_type=method)
    return packed.getvalue()


def zipped_in_every_way(raw: bytes) -> bytes:
    every = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return zipped(raw, every)


PACKS = (bytes, gzip.compress, zstandard.compress, zipped)


def rearranged(raw: bytearray, data: st.DataObject) -> bytes:
    """Slices taken out, doubled, moved and overwritten."""
    for _ in range(data.draw(st.integers(1, 6))):
        at, other = data.draw(st.tuples(*[st.integers(0, len(raw))] * 2))
        end = min(len(raw), at + data.draw(st.sampled_from([0, 1, 3, 30, 1 << 20])))
        piece = raw[at:end]
        match data.draw(st.sampled_from(["take", "double", "move", "write", "flip"])):
            case "take":
                del raw[at:end]
            case "double":
                raw[at:at] = piece
            case "move":
                del raw[at:end]
                raw[other:other] = piece
            case "write":
                raw[at:end] = data.draw(st.sampled_from(TOKENS))
            case _:
                raw[at:end] = bytes(byte ^ 0x20 for byte in piece)
    return bytes(raw)


@cases(text=True)
@settings(max_examples=80, deadline=None)
@given(data=st.data(), pack=st.sampled_from([*PACKS[:3], zipped_in_every_way]), again=st.booleans())
def test_no_bytes_in_another_order_raise_anything_but_a_log_error(
    case: Case,
    data: st.DataObject,
    pack: Callable[[bytes], bytes],
    again: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = pack(rearranged(bytearray(good(case, 4)), data))
    log = tmp_path_factory.mktemp("rearranged") / "log"
    log.write_bytes(rearranged(bytearray(raw), data) if again else raw)

    for name in (case.format, data.draw(st.sampled_from(sorted(READERS)))):
        with suppress(LogError):
            found = list(READERS[name](path=str(log))())
            assert all(isinstance(record, Conversation | Failure) for record in found)
    with suppress(LogError):
        detect(str(log), READERS)


class Trap:
    """Raises where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('a pickle was read')",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("pack", PACKS[:3])
def test_a_pickle_is_never_read(
    protocol: int, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    log = tmp_path / "log.pkl"
    log.write_bytes(pack(pickle.dumps([{"messages": []}, Trap()], protocol)))

    with pytest.raises(LogError, match="is in no known format"):
        detect(str(log), READERS)
    for reader in READERS.values():
        with suppress(LogError):
            assert all(isinstance(record, Failure) for record in reader(path=str(log))())


@cases(text=True, apart=True)
def test_memory_does_not_grow_with_the_log(case: Case, tmp_path: Path) -> None:
    assert_flat(case, bytes, tmp_path)


@pytest.mark.parametrize("pack", PACKS[1:], ids=["gzip", "zstd", "zip"])
def test_memory_does_not_grow_with_a_packed_log(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    assert_flat(CASES["openai-chat"], pack, tmp_path)


def assert_flat(case: Case, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    log = tmp_path / "log"
    # Noise of its own in each record, so that nothing packs well.
    rows = [case.record(n) | {"noise": os.urandom(8000).hex()} for n in range(250)]
    log.write_bytes(pack(case.dump(rows)))

    tracemalloc.start()
    for record in READERS[case.format](path=str(log))():
        assert isinstance(record, Conversation)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2 << 20, "the log has 4 MB"


def test_two_records_with_one_id_are_both_read_and_told_apart_by_what_they_say(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    case = CASES["openai-chat"]
    log.write_bytes(case.dump([case.record(0), case.record(1) | {"id": "k0"}]))

    found = read(case, log)

    assert keys(found) == ["k0", "k0"]
    assert len({record.id for record in found if isinstance(record, Conversation)}) == 2


@cases(text=True, apart=True)
@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(0, 400),
    junk=st.binary(min_size=1, max_size=3).filter(lambda b: b"\n" not in b and b"\r" not in b),
)
@example(at=0, junk=b"\x1f\x8b")
@example(at=0, junk=b"\x28\xb5\x2f")
@example(at=1, junk=b"[")
@example(at=0, junk=b"]")
@example(at=1, junk=b"]")
@example(at=1, junk=b" ]")
@example(at=242, junk=b"]")
@example(at=95, junk=b"9}")
def test_one_damaged_spot_costs_no_record_behind_the_next(
    case: Case, at: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assume(not junk.startswith(b"\x1f\x8b\x08"))  # a file that begins as gzip is gzip
    raw = good(case, 6)
    spot = at % raw.index(b"k1")  # within the first record, or the array's first bracket
    log = tmp_path_factory.mktemp("spot") / "log"
    log.write_bytes(raw[:spot] + junk + raw[spot + 1 :])

    assert {"k2", "k3", "k4", "k5"} <= set(keys(read(case, log)))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@cases()
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_json_in_any_field_is_a_conversation_or_a_failure(
    case: Case, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = st.sampled_from(case.fields)
    extra = data.draw(st.dictionaries(names, JSON_VALUES, max_size=4))
    log = tmp_path_factory.mktemp("fields") / "log"
    log.write_bytes(case.dump([case.record(0) | extra, case.record(1)]))

    found = read(case, log)

    assert all(isinstance(record, Conversation | Failure) for record in found)
    if case.apart:
        assert len(found) == 2
        assert keys(found)[-1] == "k1"


def shared(name: str) -> Path:
    for parent in Path(__file__).resolve().parents:
        for place in (parent / "shared", parent.parent / "shared"):
            if (place / "data" / name).exists():
                return place / "data" / name
    pytest.skip(f"real data absent: shared/data/{name}")


def test_the_real_chat_logs_are_read_without_a_failure() -> None:
    folder = str(shared("chat"))

    found = read(CASES["openai-chat"], folder)

    assert detect(folder, READERS) == "openai-chat"
    assert len(found) == 1999
    assert failures(found) == []
    assert len({record.id for record in found if isinstance(record, Conversation)}) == 1999
