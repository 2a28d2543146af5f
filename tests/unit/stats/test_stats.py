"""What holds of all statistics modules together."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import foretaste.stats

MODULES = [
    f"foretaste.stats.{found.name}" for found in pkgutil.iter_modules(foretaste.stats.__path__)
]

# What NumPy and SciPy bring along differs between versions, so they are loaded first.
LOADED = """
import sys, importlib, numpy, scipy.special
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted(set(sys.modules) - before))
"""


def test_importing_statistics_loads_numpy_and_scipy_alone() -> None:
    command = [sys.executable, "-c", LOADED, *MODULES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.split(".")[0] == "foretaste"}
    foreign = {name.split(".")[0] for name in loaded - ours}

    assert ours == {"foretaste", "foretaste.errors", "foretaste.stats", *MODULES}
    assert foreign <= {"numpy", "scipy", *sys.stdlib_module_names}
    assert "scipy.stats" not in loaded


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))

    assert found.failed == 0
