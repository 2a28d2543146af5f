"""What every exporter keeps: announced files, every verdict counted, the same bytes each time."""

import tomllib
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from foretaste.protocols import Graded
from foretaste.testing import check_exporter
from unit.adapters.exporters.findings import STUDY, graded, linked, saying

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
POINTS = tomllib.loads(PROJECT.read_text())["project"]["entry-points"]["foretaste.exporters"]
PLACES = {name: place.split(":") for name, place in POINTS.items()}
EXPORTERS: dict[str, type[Any]] = {
    name: getattr(import_module(module), cls) for name, (module, cls) in PLACES.items()
}
ODD = "\x00 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "</script>,\"'\r\n"

every = pytest.mark.parametrize("name", EXPORTERS)


@every
@pytest.mark.parametrize(
    "given", [graded(), linked(), saying(ODD), []], ids=["none", "traced", "odd", "empty"]
)
def test_the_same_findings_are_written_alike_and_all_of_them(
    name: str, given: list[Graded]
) -> None:
    written = check_exporter(EXPORTERS[name](), STUDY, given)

    assert written.keys() <= set(EXPORTERS[name]().files)


@every
def test_an_exporter_is_a_frozen_dataclass_with_defaults(name: str) -> None:
    kind = EXPORTERS[name]

    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind() == kind()
    assert {each.name for each in fields(kind)} <= {"endpoint", "headers", "progress", "retries"}


@every
def test_what_was_traced_is_linked_and_nothing_else(name: str) -> None:
    def count(given: list[Graded]) -> int:
        from io import BytesIO

        return int(EXPORTERS[name]()(STUDY, given, lambda _: BytesIO())["linked"])

    assert count(graded()) == 0
    assert count(linked()) == 8
