"""The page on the plan: its keys and its plug-ins' options, from the classes that hold them."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType
from typing import Any, get_args, get_type_hints

from tables import MADE, table

from foretaste.plan import Plan
from foretaste.registry import Family, options, plugins, resolve
from foretaste.schema import settable

INTRODUCTION = """\
# The plan: foretaste.yaml

One file decides every number of a run. `foretaste init LOG` writes one. A key that does not exist
is refused, with the nearest that does. [plan.schema.json](plan.schema.json) (`foretaste schema`)
lets an editor complete and check it. Paths start at the plan's folder. Keys in **bold** must be
given.

## Keys
"""
MODELS = """\
## Models in a plan

Write a model as `openai/gpt-x`, `openai:gpt-x`, or with its options as
`{use: openai, model: gpt-x, base_url: ...}`. A lane also takes:
"""
PLUGINS = """\
## Plug-ins

Each is named by `use:`. A class of your own is named by `use: my_module:MyGrader`.
"""
READERS = """\
### Readers (`log`)

Formats for `log: {use: ...}`. Left out, the format is found by content.
"""
FAMILIES: tuple[tuple[Family, str], ...] = (
    ("models", "incumbent, candidate, judge"),
    ("graders", "grader"),
    ("embedders", "embedder"),
    ("scrubbers", "scrub"),
    ("simulators", "tools"),
    ("stores", "store"),
    ("engines", "engine"),
)
LANE = (
    ("`system`", "replaces production's system prompt; an empty text removes it"),
    ("`settings`", "replaces settings of production; `null` removes one"),
    ("`price`", "US dollars per million tokens: `{input: 1.0, output: 3.0}`"),
)
HEAD = ("key", "type", "default", "meaning")
_OF_LOGS = {
    "path": ("str", "-", "the log of answers: file, folder or glob"),
    "format": ("str | None", "none", "its format; found by content where left out"),
    "where": ("dict[str, str | int | bool]", "none", "keep records with these tags"),
    "options": ("dict[str, JSON]", "none", "of the log's format"),
}
_LINKS = {"Behavior": "[mapping](#each-of-behaviors)"} | {
    name: f"[mapping](#{name.lower()})"
    for name in ("Log", "Window", "Sample", "Budget", "Forecast", "Limit", "Traffic", "Unseen")
}
_WORDS = (
    (r" \| None", ""),
    (r"Annotated\[(\w+), [^\]]*\]", r"\1"),
    (r"\bCount\b", "whole number from 1"),
    (r"\bAmount\b", "number"),
    (r"\bShare\b", "number from 0 to 1"),
    (r"\b(Part|Simulator)\b", "[plug-in](#plug-ins)"),
    (r"\bModel\b", "[model](#models-in-a-plan)"),
    (r"Literal\[(.*)\]", r"\1"),
    (r"\bWhere\b", "`text`, `all` or `reasoning`"),
    (r"tuple\[(.*), \.\.\.\]", r"list of \1"),
    (r"dict\[.*\]", "mapping"),
    (r"\bstr\b", "text"),
    (r"\bint\b", "whole number"),
    (r"\bfloat\b", "number"),
    (r"\bbool\b", "true or false"),
    (r"\bLine\b", "mapping"),
)
MORE = {
    ("Plan", "candidate"): "the model that may be released",
    ("Plan", "incumbent"): "the model in production, replayed; without it fidelity stays unknown",
    ("Plan", "title"): "names the run's folder; the plan's file name if left out",
    ("Plan", "seed"): "of every draw",
    ("Plan", "store"): "where the run is kept; `runs/<title>-<hash>` if left out",
    ("Plan", "scrub"): "who replaces identifiers",
    ("Plan", "tools"): "who answers the tool calls of a replay",
    ("Plan", "engine"): "who works on many items at a time",
    ("Plan", "judge"): (
        "the model that grades behaviors which no rule decides, with `panel: 8` to ask about 8 in "
        "one call; or `{models: [...], panel: 8}`, each with votes of its own"
    ),
    (
        "Plan",
        "behaviors",
    ): "what to look for, by name, file or `tag:`; left out: all but disallowed content",
    ("WindowPlan", "since"): "first moment that counts",
    ("WindowPlan", "until"): "first moment that does not count any more",
    ("SamplePlan", "unit"): (
        "`turn`: every assistant turn alike; `conversation`: one turn of each; `final`: its last"
    ),
    ("SamplePlan", "size"): "prefixes to draw; null: all",
    ("BudgetPlan", "usd"): (
        "US dollars; a run that will cost more by estimate, judge and a model that plays tools "
        "included, is refused; one that "
        "has spent more on answers stops"
    ),
    ("BudgetPlan", "calls"): "the same for calls",
    ("BehaviorPlan", "name"): "as in [behaviors](behaviors.md), or in your file",
    ("LimitPlan", "decide_on"): (
        "`upper`: the interval's upper end must be within the limit; `rate`: the rate must"
    ),
    ("Files", "path"): "folder of the run",
    ("Local", "concurrency"): "items worked on at a time",
    ("Rubric", "panel"): "behaviors in one call: a number, in place of the judge's own",
    ("Rubric", "answer_first"): "show the answer before the conversation",
    ("Rubric", "seed"): "of the first vote",
    ("YesNo", "question"): "that a yes or no answers; empty: whether the behavior is shown",
    ("YesNo", "reasoning"): "show the judge the model's reasoning",
    ("Rubric", "votes"): "judgements of each answer; odd; the majority decides",
    ("Rubric", "temperature"): "the judge's",
    ("Rubric", "max_tokens"): "length of the judge's reply",
    ("Rubric", "reasoning"): "show the judge the model's reasoning",
    ("Rule", "pattern"): "a regular expression, or a list of alternatives",
    ("Rule", "unless"): "a match does not count where one of these is in the same sentence",
    ("Rule", "unless_asked"): "nor where the user's last message matches one of these",
    ("Rule", "function"): "`module:name` of a Python function, in place of patterns",
    ("Rule", "where"): "what of the turn is read",
    ("Rule", "quoted"): "let matches inside code or quotation marks count",
}
"""Meanings that the code leaves to the names; the code's own words serve for all else."""


def plan_page() -> str:
    """The page as Markdown."""
    parts = [MADE + INTRODUCTION, table(HEAD, _rows(Plan, _names(Plan)))]
    for key, kind in get_type_hints(Plan).items():
        for inner in _dataclasses(kind):
            parts += _section(key, inner)
    parts += [MODELS, table(("option", "meaning"), LANE), PLUGINS]
    for family, keys in FAMILIES:
        parts.append(f"### {family.capitalize()} (`{keys.replace(', ', '`, `')}`)\n")
        for name in sorted(plugins(family)):
            kind = resolve(family, name)
            parts.append(f"**`{name}`**: {_first_line(kind)}\n")
            parts.append(table(("option", *HEAD[1:]), _rows(kind, _settable(kind))))
    parts += _readers()
    return "\n".join(parts)


def _readers() -> list[str]:
    """The formats, and what can be set of each beside the keys that all logs have."""
    parts = [READERS]
    kinds = {name: resolve("readers", name) for name in sorted(plugins("readers"))}
    parts.append(
        table(("format", "what it reads"), [(f"`{n}`", _first_line(k)) for n, k in kinds.items()])
    )
    for name, kind in kinds.items():
        own = [each for each in _settable(kind) if each not in ("path", "where")]
        if own:
            parts += [f"Options of `{name}`:\n", table(("option", *HEAD[1:]), _rows(kind, own))]
    return parts


def _section(key: str, kind: type) -> list[str]:
    rows = table(HEAD, _rows(kind, _names(kind)))
    title = {"behaviors": "each of `behaviors`"}.get(key, f"`{key}`")
    parts = [f"## {title[0].upper()}{title[1:]}\n", f"{inspect.getdoc(kind)}\n", rows]
    for name, inner in get_type_hints(kind).items():
        for deeper in _dataclasses(inner):
            parts += _section(name, deeper)
    return parts


def _dataclasses(hint: Any) -> list[type]:
    """The dataclasses that a type is made of: itself, or those in its union or tuple."""
    if isinstance(hint, type) and is_dataclass(hint):
        return [hint]
    return [
        found for each in get_args(hint) if each is not NoneType for found in _dataclasses(each)
    ]


def _names(kind: Any) -> list[str]:
    return [each.name for each in fields(kind) if each.name != "folder"]


def _settable(kind: type) -> list[str]:
    """What a plan can set, what all logs have first."""
    log = ["path", "format", "where", "options"] if "conversations" in options(kind) else []
    return log + settable(kind)


def _rows(kind: type, names: Iterable[str]) -> list[tuple[str, ...]]:
    written, said = _fields(kind), _described(kind)
    own = {each.name: each for each in fields(kind)} if is_dataclass(kind) else {}
    rows: list[tuple[str, ...]] = []
    for name in names:
        if name in own:
            hint, comment = written[name]
            default = _default(own[name])
            meaning = MORE.get((kind.__name__, name)) or said.get(name) or comment
            meaning = meaning or _of_type(kind, name)
        else:
            hint, default, meaning = _OF_LOGS[name]
        key = f"**`{name}`**" if default == "-" else f"`{name}`"
        rows.append((key, _type(hint), default, meaning.removesuffix(".").replace("|", "\\|")))
    return rows


def _default(field: Field[Any]) -> str:
    """The default as a plan writes it; `-` where there is none."""
    if field.default is MISSING and field.default_factory is MISSING:
        return "-"
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if is_dataclass(value):
        return "see below"
    if value is None or value in ((), {}, ""):
        return "none"
    return f"`{json.dumps(value)}`"


def _type(hint: str) -> str:
    """An annotation in a plan's words."""
    hint = re.sub(r"(\w+)Plan\b", lambda m: _LINKS.get(m[1], m[0]), hint)
    for pattern, plain in _WORDS:
        hint = re.sub(pattern, plain, hint)
    return hint.replace("'", "`").replace(" | ", " or ")


def _of_type(kind: type, name: str) -> str:
    """What a key's own section says of it."""
    inner = _dataclasses(get_type_hints(kind).get(name))
    return (inspect.getdoc(inner[0]) or "") if inner else ""


def _fields(kind: type) -> dict[str, tuple[str, str]]:
    """Annotation and comment of every field, as the source has them."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    return {
        node.target.id: (
            ast.unparse(node.annotation),
            lines[(node.end_lineno or 1) - 1][node.end_col_offset :].partition("# ")[2],
        )
        for node in getattr(ast.parse(source).body[0], "body", ())
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _described(kind: type) -> dict[str, str]:
    """Fields as the docstring's list of arguments tells of them."""
    text = inspect.getdoc(kind) or ""
    part = re.search(r"^(?:Args|Attributes):\n((?:(?: {4}.*)?\n?)*)", text, re.MULTILINE)
    found: dict[str, str] = {}
    name = ""
    for line in part[1].splitlines() if part else ():
        begins = re.match(r" {4}(\w+): (.*)", line)
        if begins:
            name = begins[1]
            found[name] = begins[2]
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").splitlines()[0]
