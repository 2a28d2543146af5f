from pathlib import Path

import pytest

from foretaste.adapters.stores.segments import Appender, bodies, segments, whole_end
from foretaste.errors import StoreUnavailable


def test_a_full_segment_is_followed_by_the_next_also_after_reopening(tmp_path: Path) -> None:
    ends: dict[str, int] = {}
    for number in range(6):
        appender = Appender(tmp_path, ends, segment_bytes=60)
        appender.append("rollout", [b"%d" % number])
        appender.append("verdict", [b"x"])
        ends = appender.ends
        appender.close()
    found = segments(tmp_path, "rollout")
    rows = [lines for it in found for _, lines in bodies(it.path, 0, ends[it.path.name])]

    assert [it.number for it in found] == [0, 1, 2]
    assert rows == [b"%d\n" % number for number in range(6)]


def test_files_that_are_no_segments_are_passed_over(tmp_path: Path) -> None:
    for name in ("rollout-00000.jsonl.zst.bak", "rollout-1.jsonl.zst", "notes", "../x"):
        (tmp_path / name.strip("./")).touch()

    assert segments(tmp_path) == []
    assert segments(tmp_path / "nowhere") == []


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, list[int]]:
    """A segment of three frames, and where each begins and the last ends."""
    appender = Appender(tmp_path, {})
    offsets = [0]
    for number in range(3):
        appender.append("rollout", [b'{"id":"%d"}' % number] * 9)
        offsets.append(appender.ends["rollout-00000.jsonl.zst"])
    appender.close()
    return tmp_path / "rollout-00000.jsonl.zst", offsets


def test_a_file_cut_at_any_byte_ends_with_its_last_whole_frame(
    three: tuple[Path, list[int]],
) -> None:
    path, offsets = three
    data = path.read_bytes()
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])

        assert whole_end(path, 0) == max(offset for offset in offsets if offset <= size)


def test_a_wrong_byte_anywhere_before_the_last_frame_is_found(
    three: tuple[Path, list[int]],
) -> None:
    path, offsets = three
    data = path.read_bytes()
    for place in range(offsets[2]):
        broken = bytearray(data)
        broken[place] ^= 1 << (place % 8)
        path.write_bytes(broken)
        start = max(offset for offset in offsets if offset <= place)

        with pytest.raises(StoreUnavailable, match=f"is damaged at byte {start};"):
            list(bodies(path, 0, whole_end(path, 0)))


def test_a_segment_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot read"):
        whole_end(tmp_path / "gone", 0)
    with pytest.raises(StoreUnavailable, match="cannot read"):
        list(bodies(tmp_path / "gone", 0, 10))
