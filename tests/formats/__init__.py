"""Small good logs, a module a format; every one of them goes through tests/contracts."""

from importlib import import_module
from pathlib import Path

from formats.case import Case

MODULES = [
    import_module(f"formats.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if path.stem not in ("__init__", "case", "columns", "writing")
]
CASES: dict[str, Case] = {name: case for module in MODULES for name, case in module.CASES.items()}
