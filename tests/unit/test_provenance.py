import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import foretaste
from foretaste.provenance import (
    Environment,
    code_hash,
    environment,
    foretaste_version,
    requirements,
)

PACKAGE = Path(foretaste.__file__).parent
HASH = "from foretaste.provenance import code_hash; print(code_hash())"


def hashed(folder: Path) -> str:
    command = [sys.executable, "-c", HASH]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_hash_is_of_what_the_files_say_and_changes_with_any_of_them(tmp_path: Path) -> None:
    copy = tmp_path / "foretaste"
    for part in ("__init__.py", "provenance.py", "behaviors", "stages"):
        place = PACKAGE / part
        if place.is_dir():
            shutil.copytree(place, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy(place, copy)
    first = hashed(tmp_path)

    assert hashed(tmp_path) == first
    (copy / "stages" / "gate.py").write_text("MAX_UNKNOWN = 1.0\n")
    code = hashed(tmp_path)
    (copy / "behaviors" / "refusal.md").rename(copy / "behaviors" / "refusals.md")
    assert len({first, code, hashed(tmp_path)}) == 3


def test_the_same_code_hashes_alike_everywhere() -> None:
    assert code_hash() == code_hash()
    assert len(code_hash()) == 32


def test_the_version_is_the_installed_one() -> None:
    assert foretaste_version().count(".") == 2


def test_the_environment_names_what_is_installed_and_holds_no_path() -> None:
    found = environment()

    assert found.code == code_hash()
    assert found.packages["numpy"] == version("numpy")
    assert found.packages.keys() & found.elsewhere.keys() == set()
    assert "foretaste" not in found.packages.keys() | found.elsewhere.keys()
    assert str(Path.home()) not in requirements(found)


def test_what_no_index_has_is_a_comment_for_pip() -> None:
    found = Environment(
        python="3.11.7",
        implementation="CPython",
        platform="Linux",
        foretaste="0.1.0",
        code="c0de",
        packages={"numpy": "2.4.0"},
        elsewhere={"ours": "1.0"},
    )

    assert requirements(found).splitlines() == [
        "# CPython 3.11.7 on Linux",
        "# foretaste==0.1.0, code c0de: install it from its own source",
        "# ours==1.0: not from an index",
        "numpy==2.4.0",
    ]
