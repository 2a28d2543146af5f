"""Which sandboxes are here: the tests of what nobody gets out of run in each."""

import shutil

import pytest

from foretaste.adapters.simulators.workspace.containers import Bubblewrap
from foretaste.adapters.simulators.workspace.namespaces import Namespaces
from foretaste.adapters.simulators.workspace.sandbox import Walls, holds

KNOWN: dict[str, Walls] = {"bubblewrap": Bubblewrap(), "namespaces": Namespaces()}
HERE = {name: holds(walls) for name, walls in KNOWN.items()}
WALLS = [
    pytest.param(walls, marks=pytest.mark.skipif(not HERE[name], reason=f"no {name} here"), id=name)
    for name, walls in KNOWN.items()
]
FOUND = next((name for name, here in HERE.items() if here), None)
walled = pytest.mark.skipif(FOUND is None, reason="no sandbox here that holds")
PYTHON = shutil.which("python3", path="/usr/bin:/bin")
