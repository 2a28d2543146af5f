"""The JSON schemas of a plan, with the options of every installed plug-in, and of a card."""

import re
from typing import Any, get_type_hints

import msgspec

from foretaste.cards import Card
from foretaste.plan import Plan
from foretaste.protocols import Model
from foretaste.registry import Family, options, plugins, required, resolve

_PARTS: dict[str, Family] = {
    "store": "stores",
    "scrub": "scrubbers",
    "tools": "simulators",
    "engine": "engines",
    "incumbent": "models",
    "candidate": "models",
    "judge": "models",
}
# What the program supplies, or what `path`, `format` and `where` of the plan become.
_GIVEN = {"behavior", "conversations", "key", "reading"}
_LOG = {"path": {"type": "string"}, "format": {"type": "string"}, "where": {"type": "object"}}
_LANE = {
    "system": {"type": ["string", "null"], "description": "replaces the system prompt"},
    "settings": {"type": "object", "description": "replaces production's; null removes one"},
    "price": {
        "type": "object",
        "description": "US dollars per million tokens",
        "properties": {"input": {"type": "number"}, "output": {"type": "number"}},
        "required": ["input", "output"],
        "additionalProperties": False,
    },
}
_PART: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "object"}]}
_PANEL: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "description": "behaviors that the judge is asked about in one call",
}
_GRADERS: dict[str, Any] = {
    name: {"type": "object", "required": ["use"], "properties": {"use": {"type": "string"}}}
    for name in ("screen", "judge", "first")
}
"""Of a screened grader: its screen, that one's first, and its judge are graders, too."""
_NESTED: dict[Family, dict[str, Any]] = {
    "simulators": {
        "layers": {"type": "array", "items": _PART, "minItems": 1},
        "model": _PART,
        "examples": {"type": ["object", "null"]},
    },
    "graders": {"embedder": {"type": ["object", "null"]}, "panel": _PANEL, **_GRADERS},
}
"""Options of plug-ins that are parts of their own, which the program builds."""


def plan_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of foretaste.yaml."""
    (_,), components = msgspec.json.schema_components([Plan], ref_template="#/$defs/{name}")
    plan: dict[str, Any] = components.pop("Plan")
    del plan["properties"]["folder"]
    for key, family in _PARTS.items():
        optional = key in ("store", "incumbent", "judge")
        plan["properties"][key] = _part(family, components, optional=optional)
    plan["properties"]["judge"] = _judges(plan["properties"]["judge"])
    components["BehaviorPlan"]["properties"]["grader"] = _part("graders", components, optional=True)
    for each in (plan, *components.values()):
        each["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "foretaste.yaml",
        **{key: value for key, value in plan.items() if key != "title"},
        "$defs": components,
    }


def card_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of `foretaste card RUN --json`."""
    (_,), components = msgspec.json.schema_components([Card], ref_template="#/$defs/{name}")
    card: dict[str, Any] = components.pop("Card")
    for each in (card, *components.values()):
        each["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "foretaste-card/1",
        "description": Card.__doc__,
        **{key: value for key, value in card.items() if key not in ("title", "description")},
        "$defs": components,
    }


def _judges(one: dict[str, Any]) -> dict[str, Any]:
    """A judge's part: one model with its panel, or several models."""
    model, short, none = one["anyOf"]
    for option in model["allOf"]:
        option["then"]["properties"]["panel"] = _PANEL
    several = {
        "type": "object",
        "properties": {
            "models": {"type": "array", "items": {"anyOf": [model, short]}, "minItems": 1},
            "panel": _PANEL,
        },
        "required": ["models"],
        "additionalProperties": False,
    }
    return {"anyOf": [model, short, several, none]}


def _part(family: Family, shared: dict[str, Any], *, optional: bool) -> dict[str, Any]:
    names = sorted(plugins(family))
    part: dict[str, Any] = {
        "type": "object",
        "properties": {"use": {"anyOf": [{"enum": names}, {"pattern": ":"}]}},
        "allOf": [
            {"if": {"anyOf": _named(family, name)}, "then": _options(family, name, shared)}
            for name in names
        ],
        "anyOf": [{"required": ["use"]}],
    }
    choices: list[dict[str, Any]] = [part]
    if family == "models":
        short = {"type": "string", "pattern": _short("|".join(map(re.escape, names)))}
        part["anyOf"].append({"required": ["model"], "properties": {"model": short}})
        choices.append(short)
    if optional:
        choices.append({"type": "null"})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _named(family: Family, name: str) -> list[dict[str, Any]]:
    """The ways in which a part names a plug-in."""
    ways: list[dict[str, Any]] = [{"required": ["use"], "properties": {"use": {"const": name}}}]
    if family == "models":
        model = {"model": {"pattern": _short(re.escape(name))}}
        ways.append({"not": {"required": ["use"]}, "required": ["model"], "properties": model})
    return ways


def _short(names: str) -> str:
    """A model's short spelling, `openai/gpt-x`."""
    return f"^({names})(:/|:|/).+$"


def _options(family: Family, name: str, shared: dict[str, Any]) -> dict[str, Any]:
    kind = resolve(family, name)
    hints = get_type_hints(kind)
    nested = _NESTED.get(family, {})
    own: dict[str, Any] = {
        each: nested[each]
        if each in nested and hints[each] is not str
        else _type(hints[each], shared)
        for each in settable(kind)
    }
    if "conversations" in options(kind):
        own |= _LOG
    if family == "models":
        own |= _LANE
    needed = [each for each in required(kind) if each in own]
    return {"properties": {"use": True, **own}, "required": needed, "additionalProperties": False}


def settable(kind: type) -> list[str]:
    """The options of a plug-in that a plan can set; the program gives the rest."""
    own, hints = options(kind), get_type_hints(kind)
    given = set(_GIVEN)
    if "behavior" in own:
        given |= {"others", "desk"}
        if hints.get("model") is Model:
            given.add("model")  # a grader's models are the plan's judges; a path is the plan's own
    return [name for name in own if name not in given]


def _type(hint: Any, shared: dict[str, Any]) -> dict[str, Any]:
    """An option's schema; types that it refers to go to the shared ones."""
    schema: dict[str, Any] = msgspec.json.schema(hint, ref_template="#/$defs/{name}")
    shared.update(schema.pop("$defs", {}))
    return schema
