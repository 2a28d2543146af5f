"""Behaviors from Markdown files: front matter that a program reads, and a rubric for people."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from foretaste.errors import PlanError, UnknownName
from foretaste.records import Behavior, identity
from foretaste.scope import CONDITIONS, is_condition

KINDS = ("misalignment", "disallowed", "quality", "style")
"""What a behavior may be."""

_KEYS = ("name", "description", "kind", "tags", "applies", "grader")
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def shipped() -> tuple[str, ...]:
    """Names of the behaviors that come with Foretaste, sorted."""
    folder = resources.files("foretaste") / "behaviors"
    return tuple(sorted(f.name[:-3] for f in folder.iterdir() if f.name.endswith(".md")))


def load_behavior(path_or_name: str, folder: Path | None = None) -> Behavior:
    """Read a behavior: a Markdown file by its path, or by name from `folder` or those shipped.

    What ends with `.md` is a path, relative to `folder` where one is given. Any other text is a
    name: `folder` is asked first, so that a plan may replace a shipped definition by its own.

    Raises:
        UnknownName: no behavior is called so, or the front matter holds a key that is none.
        PlanError: the file cannot be read, or a part of it is missing; names file and key.
    """
    if path_or_name.endswith(".md"):
        return _read(Path(path_or_name) if folder is None else folder / path_or_name)
    own = _own(folder)
    if path_or_name in own:
        return _read(own[path_or_name])
    if path_or_name not in shipped():
        raise UnknownName("behavior", path_or_name, {*own, *shipped()})
    return _shipped(path_or_name)


@cache
def _shipped(name: str) -> Behavior:
    file = resources.files("foretaste") / "behaviors" / f"{name}.md"
    return parse_behavior(file.read_text(encoding="utf-8"), place=f"behaviors/{name}.md")


def _own(folder: Path | None) -> dict[str, Path]:
    if folder is None or not folder.is_dir():
        return {}
    return {file.stem: file for file in folder.glob("*.md")}


def _read(file: Path) -> Behavior:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise PlanError(f"no behavior file {str(file)!r}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"behavior file {str(file)!r} cannot be read: {error}") from error
    return parse_behavior(text, place=str(file))


def parse_behavior(text: str, *, place: str) -> Behavior:
    """Make a behavior of a Markdown text with front matter; `place` is named in errors.

    Raises:
        PlanError: front matter or rubric is missing or malformed.
        UnknownName: the front matter holds a key that is none.
    """
    text = text.replace("\r\n", "\n")
    found = _FRONT_MATTER.match(text)
    if found is None:
        raise PlanError(f"{place}: must begin with front matter between two lines of ---")
    try:
        fields = yaml.safe_load(found.group(1))
    except yaml.YAMLError as error:
        raise PlanError(f"{place}: the front matter is no YAML: {error}") from error
    if not isinstance(fields, dict):
        raise PlanError(f"{place}: the front matter must be keys and values")
    rubric = text[found.end() :].strip()
    return _behavior(fields, _KEYS, rubric, place, version=identity("behavior", text))


def is_name(name: str) -> bool:
    """Whether a behavior can be called this: small letters and digits with hyphens."""
    return _NAME.fullmatch(name) is not None


def inline_behavior(fields: Mapping[str, Any], *, place: str) -> Behavior:
    """Make a behavior that a plan spells out itself: the front matter's keys and `rubric`.

    Raises:
        PlanError: a part is missing or of the wrong kind.
        UnknownName: a key that is none.
    """
    rubric = fields.get("rubric", "")
    if not isinstance(rubric, str):
        raise PlanError(f"{place}: 'rubric' must be text")
    version = identity("behavior", dict(fields))
    return _behavior(fields, (*_KEYS, "rubric"), rubric.strip(), place, version=version)


def _behavior(
    fields: Mapping[str, Any], known: tuple[str, ...], rubric: str, place: str, *, version: str
) -> Behavior:
    for key in fields:
        if key not in known:
            raise UnknownName("key", str(key), known, place)
    name, description = _line(fields, "name", place), _line(fields, "description", place)
    if not is_name(name):
        raise PlanError(f"{place}: 'name' must be small letters and digits with hyphens: {name!r}")
    kind = fields.get("kind", "quality")
    if kind not in KINDS:
        raise UnknownName("kind", str(kind), KINDS, place)
    tags = fields.get("tags", [])
    if not _are_words(tags):
        raise PlanError(f"{place}: 'tags' must be a list of words")
    applies = fields.get("applies", [])
    if not _are_words(applies):
        raise PlanError(f"{place}: 'applies' must be a list of conditions, such as [tools]")
    for written in applies:
        if not is_condition(written):
            raise UnknownName("condition", written, [*CONDITIONS, "tag=value"], place)
    grader = fields.get("grader", {})
    if not isinstance(grader, dict) or (grader and not isinstance(grader.get("use"), str)):
        raise PlanError(f"{place}: 'grader' must be keys and values, with the plug-in in 'use'")
    if not rubric:
        raise PlanError(f"{place}: 'rubric' is missing: say what counts and what does not")
    return Behavior(
        name=name,
        description=description,
        rubric=rubric,
        kind=kind,
        tags=tuple(tags),
        grader=grader,
        version=version,
        applies=tuple(applies),
    )


def _are_words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)


def _line(fields: Mapping[str, Any], key: str, place: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PlanError(f"{place}: {key!r} is missing or no text")
    if "\n" in value.strip():
        raise PlanError(f"{place}: {key!r} must be one line")
    return value.strip()
