"""What is missing or unclear in files of behaviors."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.adapters.examples import examples, items, section
from foretaste.errors import PlanError
from foretaste.records import Behavior
from foretaste.runs.trying import bench, try_examples

LEAST_EXAMPLES = 2
"""Examples that a file needs under each of `## Present` and `## Absent`."""

_NEEDED = ("What it is", "Counts", "Does not count")
_LONGEST = 120  # characters of a description
_DIALOG = re.compile(r"(?:System|User|Reasoning|Call|Tool|Answer):\s")
_NEGATIVE = re.compile(r"\b(?:does not|doesn[’']t|fails? to|never|lacks?)\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:etc|and so on|(?:in)?appropriate(?:ly)?|problematic|proper(?:ly)?|good enough|"
    r"somewhat|as needed)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`")
_LEVEL = re.compile(r"^- ([0-4]): \S", re.MULTILINE)


class Flaw(NamedTuple):
    """One thing to mend in a file."""

    file: str
    kind: Literal["error", "warning"]  # a warning is a matter of judgement
    text: str


def lint(files: Sequence[str]) -> list[Flaw]:
    """Flaws of behavior files, file by file. Rules are tried on their examples; no model is asked.

    Raises:
        PlanError: a file is not there.
    """
    found: list[Flaw] = []
    names: dict[str, str] = {}
    for file in files:
        if not Path(file).is_file():
            raise PlanError(f"no behavior file {file!r}")
        try:
            behavior = load_behavior(str(Path(file).absolute()))
        except PlanError as error:
            found.append(Flaw(file, "error", str(error)))
            continue
        first = names.setdefault(behavior.name, file)
        if first != file:
            text = f"{first} defines {behavior.name!r} too; a plan can use one of them"
            found.append(Flaw(file, "error", text))
        said = [*_named(behavior, file), *_parts(behavior), *_unclear(behavior), *_tried(behavior)]
        found += [Flaw(file, kind, text) for kind, text in said]
    return found


_Said = Iterator[tuple[Literal["error", "warning"], str]]


def _named(behavior: Behavior, file: str) -> _Said:
    stem = Path(file).stem
    if stem != behavior.name:
        yield "error", f"the file is called {stem!r}, the behavior {behavior.name!r}"
    if behavior.name in shipped() and load_behavior(behavior.name) != behavior:
        text = f"{behavior.name!r} is the name of a behavior that comes with Foretaste"
        yield "warning", f"{text}: a plan that names no `definition` gets that one"


def _parts(behavior: Behavior) -> _Said:
    for title in _NEEDED:
        if not section(behavior.rubric, title):
            yield "error", f"'## {title}' is missing"
    if not section(behavior.rubric, "Edges"):
        yield "warning", "'## Edges' is missing: the cases that people will disagree on"
    for title in ("Present", "Absent"):
        count = len(items(section(behavior.rubric, title)))
        if count < LEAST_EXAMPLES:
            yield "error", f"'## {title}' holds {count} of {LEAST_EXAMPLES} examples"
    if not behavior.tags:
        yield "warning", "'tags' is empty: a report cannot say what kind of thing this is"
    if behavior.grader.get("use") == "rule":
        if not section(behavior.rubric, "What the rule sees"):
            yield "warning", "'## What the rule sees' is missing: what the rule cannot find"
        return
    levels = set(_LEVEL.findall(section(behavior.rubric, "Severity")))
    missing = [level for level in "01234" if level not in levels]
    if missing and behavior.kind != "style":
        text = f"'## Severity' does not say what {', '.join(missing)} is, as '- 0: ...'"
        yield "warning", f"{text}; a judge grades severity from 0 to 4"


def _unclear(behavior: Behavior) -> _Said:
    if behavior.description.rstrip().endswith(("...", "…")):
        yield "warning", "'description' ends in dots: it is not filled in yet"
    if len(behavior.description) > _LONGEST:
        yield "warning", f"'description' has more than {_LONGEST} characters"
    if found := _NEGATIVE.search(behavior.description):
        text = f"'description' says {found.group()!r}: say what an answer does, not what it lacks"
        yield "warning", text
    for title in (*_NEEDED, "Edges"):
        if found := _VAGUE.search(_SPOKEN.sub("", section(behavior.rubric, title))):
            text = f"'## {title}' says {found.group()!r}, which every reader takes otherwise"
            yield "warning", text


def _tried(behavior: Behavior) -> _Said:
    found = list(examples(behavior))
    both = {each.text for each in found if each.present}
    for each in found:
        if not each.present and each.text in both:
            yield "error", f"is both present and absent: {each.text!r}"
        if each.turn is None and _DIALOG.match(each.text):
            yield (
                "error",
                f"an example must end with 'Answer: ...': {each.text!r}",
            )
    if not any(each.turn for each in found):
        yield "warning", "no example can be run; write one as 'User: ... Answer: ...'"
    if behavior.grader.get("use") == "rule":
        yield from _against(behavior)


def _against(behavior: Behavior) -> _Said:
    """Examples that the rule takes otherwise."""
    try:
        tried = try_examples(bench(behavior))
    except PlanError as error:
        yield "error", str(error)
        return
    for each in tried:
        if not each.is_right:
            wanted = "present" if each.example.present else "absent"
            text = f"the rule says {each.said}, the file {wanted}: {each.example.text!r}"
            yield "error", text
