from pathlib import Path

import pytest

from foretaste.drafts import drafted
from foretaste.errors import PlanError


def test_a_file_is_there_when_all_of_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("before")
    with drafted(file) as stream:
        stream.write(b"after")
        assert file.read_text() == "before"

    assert file.read_text() == "after"
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_left_where_writing_failed(tmp_path: Path) -> None:
    def fail() -> None:
        with drafted(tmp_path / "a.txt") as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be written"), drafted(tmp_path / "no" / "a.txt"):
        pass
