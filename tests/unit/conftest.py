"""A finished run for the modules that begin where one ends."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, its log and its behavior's file."""
    from unit.released import finish  # the statistics' tests run where nothing else is installed

    folder = tmp_path_factory.mktemp("finished")
    finish(folder)
    return folder


@pytest.fixture
def path(finished: Path, tmp_path: Path) -> str:
    """The run in a folder of its own, so that a test may spoil it."""
    shutil.copytree(finished / "run", tmp_path / "run")
    return str(tmp_path / "run")
