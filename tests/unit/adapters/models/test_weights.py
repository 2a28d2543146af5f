import re
from pathlib import Path

import pytest

from foretaste.adapters.models import weights
from foretaste.adapters.pinned import SHAREGPT
from foretaste.errors import UnknownName


def test_an_unknown_name_is_refused_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'smollm2'"):
        weights.find("smolm2")


def test_weights_that_are_not_here_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETASTE_CACHE", str(tmp_path))
    monkeypatch.setattr("sys.path", [])

    assert weights.find("smollm2") is None


def test_every_pinned_file_is_named_by_whole_hashes_and_a_license() -> None:
    for entry in (*weights.WEIGHTS.values(), SHAREGPT):
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert re.fullmatch("[0-9a-f]{64}", entry.wheel_sha256)
        assert entry.license
