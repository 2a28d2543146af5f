"""What is missing or unclear in a behavior's file."""

from importlib import resources
from pathlib import Path

import pytest

from foretaste.adapters.behaviors import shipped
from foretaste.cli.behavior import TEMPLATE
from foretaste.errors import PlanError
from foretaste.runs.linting import lint

GOOD = """---
name: rude
description: The answer is rude.
kind: quality
tags: [tone]
grader: {use: rule, pattern: fool}
---

## What it is

It calls the user a fool.

## Counts

- The word.

## Does not count

- Another word.

## Edges

In a quotation it is none.

## Present

- Answer: You fool!
- Answer: Only a fool asks.

## Absent

- Answer: You are wise.
- Answer: As the tale of the "fool" shows, clowns are clever.

## What the rule sees

This rule sees only one word.
"""


def flaws(folder: Path, text: str, name: str = "rude") -> list[tuple[str, str]]:
    path = folder / f"{name}.md"
    path.write_text(text, "utf-8")
    return [(flaw.kind, flaw.text) for flaw in lint([str(path)])]


def test_no_shipped_file_has_an_error() -> None:
    folder = resources.files("foretaste") / "behaviors"
    found = lint([str(folder / f"{name}.md") for name in shipped()])

    assert [flaw for flaw in found if flaw.kind == "error"] == []


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("## Counts\n", "## Count\n", "error", "'## Counts' is missing"),
        ("## Edges\n", "## Edge\n", "warning", "'## Edges' is missing"),
        ("- Answer: You fool!\n", "", "error", "'## Present' holds 1 of 2"),
        ("You fool!", "You clown!", "error", "the rule says absent, the file present"),
        ("You are wise.", "You fool!", "error", "both present and absent"),
        ("- Answer: You fool!", "- User: Why? You fool!", "error", "must end with 'Answer"),
        ("pattern: fool", "pattern: '('", "error", "no regular expression"),
        ("kind: quality", "kind: qualty", "error", "did you mean 'quality'"),
        ("The answer is rude.", "The answer does not greet.", "warning", "say what an answer does"),
        ("The answer is rude.", "The answer ...", "warning", "not filled in yet"),
        ("- Another word.", "- Titles etc.", "warning", "every reader takes otherwise"),
        ("tags: [tone]\n", "", "warning", "'tags' is empty"),
        ("grader: {use: rule, pattern: fool}\n", "", "warning", "what 0, 1, 2, 3, 4 is"),
        ("name: rude", "name: coarse", "error", "the file is called 'rude'"),
    ],
)
def test_a_flaw_is_named(tmp_path: Path, old: str, new: str, kind: str, message: str) -> None:
    assert flaws(tmp_path, GOOD) == []
    assert old in GOOD
    found = flaws(tmp_path, GOOD.replace(old, new, 1))

    assert any(each == kind and message in text for each, text in found), found


def test_names_that_clash_are_said(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for folder in (tmp_path, other):
        (folder / "rude.md").write_text(GOOD, "utf-8")
    (found,) = lint([str(tmp_path / "rude.md"), str(other / "rude.md")])

    assert (found.kind, "defines 'rude' too" in found.text) == ("error", True)
    said = flaws(tmp_path, GOOD.replace("name: rude", "name: refusal"), "refusal")
    assert [kind for kind, text in said if "comes with Foretaste" in text] == ["warning"]


def test_a_new_file_can_be_read_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    said = flaws(tmp_path, TEMPLATE.format(name="rude"))
    assert [kind for kind, _ in said] == ["warning"]
    with pytest.raises(PlanError, match="no behavior file"):
        lint([str(tmp_path / "none.md")])
