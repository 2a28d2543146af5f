"""The simulated tools that a plan names, and the parts that they are made of."""

from collections.abc import Iterator
from typing import Any

from foretaste.adapters.git import head
from foretaste.adapters.readers.files.fingerprint import fingerprint
from foretaste.errors import PlanError
from foretaste.plan import Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Scrubber, Simulator
from foretaste.registry import Family, options, resolve
from foretaste.runs.pricing import Priced, name_of, price_of
from foretaste.runs.sources import model_of, own_log, plug_in, reads_a_log

_PATHS = frozenset({"state", "repository"})


def simulator_of(plan: Plan, part: Part, scrubber: Scrubber) -> Simulator:
    """A simulator plug-in; one that answers from a log gets that log, scrubbed like production's.

    One that is made of others (`layers`, `examples`), or asks a `model`, gets those, built. In
    layers, a model without examples of its own is shown those of the first database.

    Raises:
        PlanError: a name or an option that is not there.
    """
    given: dict[str, Any] = {}
    for family, name, inner in _parts_of(part):
        make = model_of if family == "models" else simulator_of
        given[name] = make(plan, inner, scrubber)
    if _has(part, "layers"):
        given["layers"] = {
            name: simulator_of(plan, layer, scrubber) for name, layer in _built_of(part).items()
        }
    seen = {
        key: plan.resolve(value) if key in _PATHS and isinstance(value, str) else value
        for key, value in part.items()
        if key not in given
    }
    simulator: Simulator = plug_in(plan, "simulators", seen, scrubber, given=given)
    return simulator


def layers_of(part: Part) -> dict[str, Part]:
    """The layers that a simulator's part names, by name: that of `name`, or of `use`.

    Raises:
        PlanError: they are no list, one is no layer, or two have the same name.
    """
    written = part.get("layers")
    if not isinstance(written, list | tuple):
        raise PlanError("tools: `layers` is a list, like [recorded, {use: database, path: ...}]")
    found: dict[str, Part] = {}
    for each in written:
        layer = {"use": each} if isinstance(each, str) else each
        if not isinstance(layer, dict) or not isinstance(layer.get("use"), str):
            raise PlanError(f"tools: {each!r} is no layer; name one, or say `use:`")
        name = str(layer.get("name", layer["use"]))
        if name in found:
            raise PlanError(f"tools: two layers are called {name!r}; give one another `name:`")
        found[name] = {key: value for key, value in layer.items() if key != "name"}
    return found


def _built_of(part: Part) -> dict[str, Part]:
    """The layers as they are built: those that can show examples are shown the database's."""
    found = layers_of(part)
    database = next((layer for layer in found.values() if layer["use"] == "database"), None)
    return {
        name: {"examples": database, **layer} if database and _takes(layer, "examples") else layer
        for name, layer in found.items()
    }


def tool_model(tools: Part) -> Priced | None:
    """The model that answers tool calls; their tokens are counted together, so there is one.

    Raises:
        PlanError: there are two.
    """
    asked = [Priced(name_of(p), price_of(p)) for family, p in nested(tools) if family == "models"]
    if len(set(asked)) > 1:
        raise PlanError("tools: two models of different names or prices; take one")
    return asked[0] if asked else None


def states(plan: Plan) -> list[str]:
    """What the tools' own files hold: a hash for each log, state and repository that they read.

    Raises:
        LogError: one of these is not there.
    """
    parts = list(nested(plan.tools))
    paths = [own_log(*each).path for each in parts if reads_a_log(*each)]
    tools = [part for family, part in parts if family == "simulators"]
    paths += [str(part["state"]) for part in tools if "state" in part]
    found = [fingerprint(plan.resolve(path)) for path in paths]
    repositories = [str(part["repository"]) for part in tools if "repository" in part]
    return found + [head(plan.resolve(path)) for path in repositories]


def nested(part: Part) -> Iterator[tuple[Family, Part]]:
    """A simulator's part, and those that it is made of."""
    yield "simulators", part
    inner = [(family, each) for family, _, each in _parts_of(part)]
    if _has(part, "layers"):
        inner += [("simulators", layer) for layer in _built_of(part).values()]
    for family, each in inner:
        if family == "simulators":
            yield from nested(each)
        else:
            yield family, each


def _parts_of(part: Part) -> Iterator[tuple[Family, str, Part]]:
    """The single parts that a simulator is made of: family, option, part."""
    where = f"simulator {part.get('use')!r}"
    if _has(part, "model"):
        inner = model_part(part["model"], f"model of {where}")
        for name in inner.keys() & {"system", "settings"}:
            raise PlanError(f"{where}: {name!r} is no key of its model; `settings` stand beside it")
        yield "models", "model", inner
    if _has(part, "examples") and part["examples"] is not None:
        written = part["examples"]
        if not isinstance(written, dict):
            raise PlanError(f"{where}: say `examples: {{use: database, path: ...}}`")
        yield "simulators", "examples", written


def _has(part: Part, option: str) -> bool:
    return option in part and _takes(part, option)


def _takes(part: Part, option: str) -> bool:
    return option in options(resolve("simulators", str(part.get("use", ""))))
