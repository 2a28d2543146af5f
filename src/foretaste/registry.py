"""Plug-ins by name: found through entry points, built from a plan's part."""

import importlib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, get_type_hints

import msgspec

from foretaste.errors import PlanError, UnknownName

Family = Literal[
    "readers",
    "writers",
    "histories",
    "exporters",
    "scrubbers",
    "models",
    "graders",
    "embedders",
    "simulators",
    "stores",
    "engines",
]
"""A port's plug-ins; the entry-point group is `foretaste.<family>`."""


@cache
def plugins(family: Family) -> Mapping[str, EntryPoint]:
    """Installed plug-ins of a family by name."""
    return {point.name: point for point in entry_points(group=f"foretaste.{family}")}


def resolve(family: Family, use: str) -> type:
    """The class behind a name, or behind `module:Class`.

    Raises:
        UnknownName: no plug-in of that name.
        PlanError: the module or class cannot be imported, or is no plug-in.
    """
    point = plugins(family).get(use)
    if point is None and ":" not in use:
        raise UnknownName(_one(family), use, plugins(family))
    try:
        found = point.load() if point else _by_path(use)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise PlanError(f"{family}: cannot load {use!r}: {error}") from error
    if not (isinstance(found, type) and is_dataclass(found)):
        raise PlanError(f"{family}: {use!r} is not a dataclass, so it is no plug-in")
    return found


def _one(family: Family) -> str:
    return "history" if family == "histories" else family.removesuffix("s")


def _by_path(use: str) -> Any:
    module, _, name = use.partition(":")
    return getattr(importlib.import_module(module), name)


def build(family: Family, part: Mapping[str, Any], **given: Any) -> Any:
    """A plug-in from a plan's part; `given` are the fields that the program supplies.

    Raises:
        UnknownName: an option that the plug-in does not have, with the nearest it has.
        PlanError: an option of the wrong type, or a missing one.
    """
    kind = resolve(family, str(part.get("use", "")))
    own = options(kind)
    hints = get_type_hints(kind)
    chosen = dict(given)
    where = f"{_one(family)} {part['use']!r}"
    for name, value in part.items():
        if name == "use":
            continue
        if name not in own or name in given:
            raise UnknownName("option", name, own.keys() - given.keys(), where)
        try:
            chosen[name] = msgspec.convert(value, hints[name])
        except msgspec.ValidationError as error:
            raise PlanError(f"{where}, {name}: {error}") from error
    missing = [name for name in required(kind) if name not in chosen]
    if missing:
        raise PlanError(f"{where} needs {', '.join(missing)}")
    return kind(**chosen)


def options(kind: type) -> dict[str, Field[Any]]:
    """The fields of a plug-in that a plan can set."""
    return {each.name: each for each in fields(kind) if each.init}


def required(kind: type) -> list[str]:
    """The fields of a plug-in that have no default."""
    return [
        name
        for name, each in options(kind).items()
        if each.default is MISSING and each.default_factory is MISSING
    ]
