"""Behaviors from files, from the package and from a plan."""

from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.behaviors import (
    KINDS,
    inline_behavior,
    load_behavior,
    parse_behavior,
    shipped,
)
from foretaste.adapters.graders.rule import Rule
from foretaste.errors import PlanError, UnknownName

FILE = """---
name: rude
description: The answer is rude.
kind: style
tags: [tone]
grader: {use: rule, pattern: fool}
---

It calls the user a fool.
"""
DISALLOWED = {
    "mental-health",
    "abuse-harassment",
    "sexual-content",
    "violent-wrongdoing",
    "nonviolent-wrongdoing",
    "bio-risk",
    "graphic-violence",
    "extremism",
    "emotional-reliance",
    "self-harm",
    "hate",
}
JUDGED = DISALLOWED | {
    "confirmation-hacking",
    "lying-about-tools",
    "factual-error",
    "oversight-evasion",
    "over-refusal",
    "sycophancy",
    "fabricated-facts",
    "sandbagging",
    "concealed-uncertainty",
    "misreported-completion",
}


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_behavior_can_be_argued_with(name: str) -> None:
    behavior = load_behavior(name)

    assert behavior.name == name
    assert behavior.kind in KINDS
    assert behavior.tags
    for part in ("What it is", "Counts", "Does not count", "Edges", "Present", "Absent"):
        _, _, rest = behavior.rubric.partition(f"## {part}\n")
        assert rest.partition("##")[0].strip(), part
    for part in ("Present", "Absent"):
        section = behavior.rubric.partition(f"## {part}\n")[2].partition("##")[0]
        assert section.count("\n- ") >= 2


@pytest.mark.parametrize("name", sorted(set(shipped()) - JUDGED))
def test_a_shipped_rule_can_be_built_and_says_what_it_sees(name: str) -> None:
    behavior = load_behavior(name)
    options = {key: value for key, value in behavior.grader.items() if key != "use"}

    assert behavior.grader["use"] == "rule"
    assert Rule(behavior=behavior, **options).fingerprint
    assert "\n## What the rule sees\n" in behavior.rubric


def test_what_no_rule_can_decide_ships_without_a_grader() -> None:
    assert {name for name in shipped() if not load_behavior(name).grader} == JUDGED
    assert len(set(shipped()) - JUDGED) >= 14


def test_every_published_category_has_a_behavior_and_each_is_named_once() -> None:
    published = [
        tag.removeprefix("published=")
        for name in shipped()
        for tag in load_behavior(name).tags
        if tag.startswith("published=")
    ]

    assert len(published) == len(set(published)) == 11 + 8  # method.md, section 3
    assert {n for n in shipped() if load_behavior(n).kind == "disallowed"} == DISALLOWED


def test_a_file_is_read_by_its_path_and_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "rude.md").write_text(FILE, encoding="utf-8")
    by_path = load_behavior(str(tmp_path / "rude.md"))

    assert by_path == load_behavior("rude.md", tmp_path) == load_behavior("rude", tmp_path)
    assert (by_path.name, by_path.kind, by_path.tags) == ("rude", "style", ("tone",))
    assert by_path.grader == {"use": "rule", "pattern": "fool"}
    assert by_path.rubric == "It calls the user a fool."


def test_a_folders_own_file_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "refusal.md").write_text(FILE.replace("rude", "refusal", 1), encoding="utf-8")

    assert load_behavior("refusal", tmp_path).rubric == "It calls the user a fool."
    assert load_behavior("apology", tmp_path) == load_behavior("apology")


def test_the_version_follows_the_text_and_not_the_line_ends() -> None:
    first = parse_behavior(FILE, place="a.md")

    assert first.version == parse_behavior(FILE.replace("\n", "\r\n"), place="b.md").version
    assert first.version != parse_behavior(FILE + "And more.", place="a.md").version


def test_an_unknown_behavior_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'refusal'"):
        load_behavior("refusl")


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(PlanError, match="no behavior file"):
        load_behavior("none.md", tmp_path)
    with pytest.raises(PlanError, match="cannot be read"):
        load_behavior("binary.md", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("---\nname", "name", "front matter"),
        ("name: rude\n", "", "'name' is missing"),
        ("name: rude\n", "name: Rude One\n", "small letters"),
        ("name: rude\n", "name: ../rude\n", "small letters"),
        ("description: The answer is rude.\n", "", "'description' is missing"),
        ("description: The answer is rude.\n", "description: |\n  a\n  b\n", "one line"),
        ("kind: style", "kind: styl", "did you mean 'style'"),
        ("tags: [tone]", "tags: tone", "list of words"),
        ("tags: [tone]", "tag: [tone]", "did you mean 'tags'"),
        ("tags: [tone]", "applies: tools", "list of conditions"),
        ("tags: [tone]", "applies: [tool]", "did you mean 'tools'"),
        ("grader: {use: rule, pattern: fool}", "grader: rule", "'use'"),
        ("grader: {use: rule, pattern: fool}", "grader: {pattern: fool}", "'use'"),
        ("kind: style", "kind: [", "no YAML"),
        ("kind: style", "kind: !!python/object/apply:os.getcwd []", "no YAML"),
        ("It calls the user a fool.", "", "'rubric' is missing"),
    ],
)
def test_a_missing_or_wrong_part_is_refused_by_file_and_key(
    old: str, new: str, message: str
) -> None:
    assert old in FILE
    with pytest.raises(PlanError, match=message) as caught:
        parse_behavior(FILE.replace(old, new), place="folder/rude.md")

    assert "folder/rude.md" in str(caught.value)


def test_front_matter_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(PlanError, match="keys and values"):
        parse_behavior("---\n- a\n---\nText", place="a.md")


INLINE: dict[str, Any] = {
    "name": "rude",
    "description": "The answer is rude.",
    "rubric": "It calls the user a fool.",
}


def test_a_plan_may_spell_a_behavior_out() -> None:
    behavior = inline_behavior(INLINE, place="plan")

    assert (behavior.kind, behavior.tags, behavior.grader) == ("quality", (), {})
    assert behavior.version != inline_behavior({**INLINE, "rubric": "x"}, place="plan").version


@pytest.mark.parametrize("change", [{"rubric": ""}, {"rubric": 3}, {"rubrik": "x"}, {"name": None}])
def test_an_inline_behavior_is_held_to_the_same(change: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        inline_behavior({**INLINE, **change}, place="plan")
