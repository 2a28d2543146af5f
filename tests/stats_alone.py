"""The statistics work where there is NumPy and SciPy only: `python tests/stats_alone.py`.

An empty environment gets links to NumPy and SciPy, and to what runs the tests of the statistics,
out of the environment that runs this.
"""

import os
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distribution
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TESTS = REPOSITORY / "tests" / "unit" / "stats"
UNDER_TEST = ("numpy", "scipy")
TO_TEST = (
    "pytest",
    "iniconfig",
    "packaging",
    "pluggy",
    "pygments",
    "hypothesis",
    "sortedcontainers",
)
ABSENT = ("msgspec", "click", "yaml", "aiohttp", "rich")

CHECK = f"""
import importlib.util, sys
found = [name for name in {ABSENT} if importlib.util.find_spec(name)]
sys.exit(f"not alone: {{found}}" if found else 0)
"""


def link(name: str, site: Path) -> None:
    """Link all that a distribution put into its site folder."""
    source = distribution(name)
    for top in {file.parts[0] for file in source.files or ()} - {"..", "__pycache__"}:
        (site / top).symlink_to(Path(str(source.locate_file(top))))


def passes(tests: Path) -> bool:
    """Build the environment, and run those tests in it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        venv.create(home / "env", symlinks=True)
        python = str(home / "env" / "bin" / "python")
        (site,) = (home / "env").glob("lib/python*/site-packages")
        for name in (*UNDER_TEST, *TO_TEST):
            link(name, site)
        (site / "foretaste").symlink_to(REPOSITORY / "src" / "foretaste")
        settings = home / "pytest.ini"
        settings.write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PY")}
        shared = {"PYTHONPATH": str(TESTS.parents[1])}  # where the tests' own modules lie
        environment = {**kept, **shared, "PYTHONDONTWRITEBYTECODE": "1"}
        pytest = [python, "-m", "pytest", "-q", "-W", "error", "-c", str(settings), str(tests)]
        return all(
            subprocess.run(command, cwd=home, env=environment, check=False).returncode == 0
            for command in ([python, "-c", CHECK], pytest)
        )


if __name__ == "__main__":
    sys.exit(0 if passes(TESTS) else 1)
