"""JSON schemas of tools, as far as a grammar can hold a model to them.

A log's schemas may hold anything. What cannot be read leaves its place open; nothing raises.
"""

from typing import Any

import msgspec

from foretaste.records import JSON

LONGEST = 300  # characters of a text argument
_MOST = 8  # elements of a list
_CHOICES = 200  # values of an enumeration; of more, none is enforced
_DEPTH = 6
_TOLD = 100  # characters of a description
_PLAIN = frozenset({"integer", "number", "boolean", "null"})
_INVENTED = {"string": "...", "integer": 1, "number": 1, "boolean": True}

Schema = dict[str, Any]


def constraint(parameters: JSON) -> Schema:
    """The schema that a tool's arguments are held to: known keywords only, every text bounded.

    A small model runs on inside a text until the token limit, unless the schema ends it.
    """
    kept = _kept(parameters, parameters, 0)
    return kept if kept.get("type") == "object" else {"type": "object"}


def signature(held: Schema) -> str:
    """A constraint in short, for the prompt: `{city: string "Where", unit?: "C" | "F"}`."""
    if "enum" in held:
        return " | ".join(_json(value) for value in held["enum"])
    if "anyOf" in held:
        return " | ".join(signature(each) for each in held["anyOf"])
    if held.get("type") == "array":
        return f"[{signature(held.get('items', {}))}]"
    if "properties" in held:
        return f"{{{', '.join(_parameter(name, held) for name in held['properties'])}}}"
    return str(held.get("type", "any"))


def example(held: Schema) -> JSON:
    """Something that keeps a constraint, with what it requires and no more."""
    if "enum" in held:
        return held["enum"][0]
    if "anyOf" in held:
        return example(held["anyOf"][0])
    if held.get("type") == "array":
        return [example(held["items"])] if "items" in held else []
    if held.get("type") == "object":
        return {name: example(held["properties"][name]) for name in held.get("required", ())}
    return _INVENTED.get(held.get("type", ""))


def _parameter(name: str, of: Schema) -> str:
    held = of["properties"][name]
    optional = "" if name in of["required"] else "?"
    about = f" ({held['description']})" if "description" in held else ""
    return f"{name}{optional}: {signature(held)}{about}"


def _kept(schema: JSON, root: JSON, depth: int) -> Schema:
    """What is understood of a schema; {} where anything goes."""
    if not isinstance(schema, dict) or depth > _DEPTH:
        return {}
    if isinstance(schema.get("$ref"), str):
        return _kept(_referred(schema["$ref"], root), root, depth + 1)
    held = _values(schema) or _ways(schema, root, depth) or _typed(schema, root, depth)
    about = schema.get("description")
    if held and isinstance(about, str) and about.strip():
        held["description"] = " ".join(about.split())[:_TOLD]
    return held


def _referred(reference: str, root: JSON) -> JSON:
    """What a reference inside the same schema names; nothing else is looked up."""
    found = root
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _values(schema: Schema) -> Schema:
    if "const" in schema:
        return {"enum": [schema["const"]]}
    values = schema.get("enum")
    return {"enum": values} if isinstance(values, list) and 0 < len(values) <= _CHOICES else {}


def _ways(schema: Schema, root: JSON, depth: int) -> Schema:
    ways = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(schema.get("type"), list):
        ways = [{**schema, "type": name} for name in schema["type"]]
    if not isinstance(ways, list) or not ways:
        return {}
    kept = [_kept(way, root, depth + 1) for way in ways]
    return {"anyOf": kept} if all(kept) else {}  # one that is open leaves all open


def _typed(schema: Schema, root: JSON, depth: int) -> Schema:
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind == "string":
        longest = min(_count(schema.get("maxLength"), LONGEST), LONGEST)
        return {"type": "string", "maxLength": longest}
    if kind == "array":
        most = min(_count(schema.get("maxItems"), _MOST), _MOST)
        items = _kept(schema.get("items"), root, depth + 1)
        return {"type": "array", "maxItems": most, **({"items": items} if items else {})}
    if kind == "object":
        return _object(schema, root, depth)
    return {"type": kind} if isinstance(kind, str) and kind in _PLAIN else {}


def _object(schema: Schema, root: JSON, depth: int) -> Schema:
    named = schema.get("properties")
    named = named if isinstance(named, dict) else {}
    properties = {name: _kept(each, root, depth + 1) for name, each in named.items()}
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    needed = list(dict.fromkeys(name for name in required if isinstance(name, str)))
    properties |= {name: {} for name in needed if name not in properties}
    if not properties and "properties" not in schema:
        return {"type": "object"}  # a mapping of anything
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _count(value: JSON, default: int) -> int:
    return value if isinstance(value, int) and value >= 0 else default


def _json(value: JSON) -> str:
    return msgspec.json.encode(value).decode()
