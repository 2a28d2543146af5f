import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import ForetasteError
from foretaste.planfile import load_plan
from foretaste.runs.assembly import assemble
from foretaste.schema import plan_schema
from stories.planted import conversation, write_log

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

LEAST: dict[str, Any] = {
    "log": {"path": "log.jsonl"},
    "candidate": {"use": "scripted"},
    "behaviors": ["refusal"],
}
FULL: dict[str, Any] = {
    "title": "October",
    "seed": 20261121,
    "store": {"use": "files", "path": "runs/2026-11"},
    "log": {"use": "openai-chat", "path": "log.jsonl", "where": {"draw": 0, "surface": "web"}},
    "window": {"since": "2026-10-01", "until": "2026-11-01"},
    "consent": "opt_in",
    "scrub": {"use": "patterns"},
    "sample": {"unit": "turn", "size": 20000, "strata": ["surface", "language"], "per_user": 5},
    "incumbent": {"use": "openai", "model": "current", "key_from": "OPENAI_API_KEY"},
    "candidate": {
        "model": "openai/next",
        "system": "Be brief.",
        "settings": {"temperature": 0.2, "top_p": None},
        "price": {"input": 1, "output": 2.5},
    },
    "judge": "openai/judge",
    "tools": {"use": "recorded"},
    "engine": {"use": "local", "concurrency": 64},
    "budget": {"usd": 200, "calls": 100000},
    "forecast": {"turns": 1000000, "method": "ratio-anchored"},
    "behaviors": [
        "refusal",
        {
            "name": "sycophancy",
            "grader": {"use": "rubric", "votes": 3},
            "limit": {"per_100k": 20, "decide_on": "upper"},
        },
        {"name": "apology", "limit": {"increase": 1.5}},
        {"name": "emoji", "grader": {"use": "rule", "pattern": ["a", "b"], "flags": "i"}},
    ],
}
GOOD: list[dict[str, Any]] = [
    LEAST,
    FULL,
    LEAST | {"candidate": "openai/x"},
    LEAST | {"candidate": "openai:x"},
    LEAST | {"candidate": "openai:/x"},
    LEAST | {"candidate": {"model": "openai/x", "base_url": "http://127.0.0.1:1/v1"}},
    LEAST | {"candidate": {"use": "recorded", "path": "log.jsonl", "where": {"draw": 1}}},
    LEAST | {"candidate": {"use": "recorded", "path": "log.jsonl", "format": "openai-chat"}},
    LEAST | {"candidate": {"use": "foretaste.testing:ScriptedModel", "name": "x"}},
    LEAST | {"incumbent": None, "judge": None, "store": None, "window": {"since": None}},
    LEAST | {"sample": {"size": None}},
    LEAST | {"candidate": {"use": "scripted", "replies": [{"say": "x", "share": 0.5}]}},
]
BAD: list[dict[str, Any]] = [
    {"candidate": {"use": "scripted"}},
    {"log": {"path": "log.jsonl"}},
    LEAST | {"sed": 1},
    LEAST | {"folder": "x"},
    LEAST | {"seed": "one"},
    LEAST | {"seed": -1},
    LEAST | {"log": "log.jsonl"},
    LEAST | {"log": {"path": "log.jsonl", "format": "sharegpt"}},
    LEAST | {"sample": {"size": 0}},
    LEAST | {"sample": {"unit": "word"}},
    LEAST | {"sample": {"strata": "surface"}},
    LEAST | {"forecast": {"turns": 0}},
    LEAST | {"forecast": {"method": "best"}},
    LEAST | {"budget": {"usd": -1}},
    LEAST | {"candidate": "gpt-x"},
    LEAST | {"candidate": None},
    LEAST | {"candidate": {"use": "scripted", "nmae": "x"}},
    LEAST | {"candidate": {"use": "openai", "model": "x", "timeout": "long"}},
    LEAST | {"candidate": {"use": "openai", "model": "x", "settings": "hot"}},
    LEAST | {"candidate": {"use": "openai", "model": "x", "price": {"input": 1}}},
    LEAST | {"candidate": {"use": "openai", "model": "x", "price": {"input": 1, "putout": 1}}},
    LEAST | {"candidate": {"use": "opnai", "model": "x"}},
    LEAST | {"candidate": {"use": "recorded", "path": 3}},
    LEAST | {"candidate": {"model": "opnai/x", "base_ur": "y"}},
    LEAST | {"candidate": {"model": "openai/x", "base_ur": "y"}},
    LEAST | {"scrub": {"use": "patterns", "key": "mine"}},
    LEAST | {"scrub": {"kinds": []}},
    LEAST | {"engine": {"use": "local", "concurrency": "many"}},
    LEAST | {"tools": {"use": "layered"}},
    LEAST | {"behaviors": "refusal"},
    LEAST | {"behaviors": [{"definition": "x.md"}]},
    LEAST | {"behaviors": [{"name": "refusal", "limit": {"per_100k": "few"}}]},
    LEAST | {"behaviors": [{"name": "refusal", "limit": {"per100k": 1}}]},
    LEAST | {"behaviors": [{"name": "refusal", "grader": {"use": "rule", "patern": "x"}}]},
    LEAST | {"behaviors": [{"name": "refusal", "grader": {"use": "rubric", "model": {}}}]},
]


def is_valid(plan: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(plan_schema()).is_valid(plan))


def is_taken(plan: dict[str, Any], folder: Path) -> bool:
    """Whether Foretaste itself takes the plan."""
    path = folder / "foretaste.yaml"
    path.write_text(json.dumps(plan))
    write_log(folder / "log.jsonl", [conversation(["Hello?"], ["Hello."])])
    try:
        assemble(load_plan(str(path)))
    except ForetasteError:
        return False
    return True


def test_the_path_of_a_classifier_s_model_is_the_plan_s_to_set() -> None:
    grader = {"use": "classifier", "library": "fasttext", "model": "m.bin", "label": "yes"}

    assert is_valid(LEAST | {"behaviors": [{"name": "refusal", "grader": grader}]})
    del grader["model"]
    assert not is_valid(LEAST | {"behaviors": [{"name": "refusal", "grader": grader}]})


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    assert "$schema" in json.loads(json.dumps(plan_schema()))


@pytest.mark.parametrize("plan", GOOD, ids=lambda plan: str(plan.get("candidate"))[:50])
def test_a_plan_that_foretaste_takes_is_valid(plan: dict[str, Any], tmp_path: Path) -> None:
    assert is_taken(plan, tmp_path)
    assert is_valid(plan)


@pytest.mark.parametrize("plan", BAD, ids=lambda plan: str(plan)[-60:])
def test_a_plan_that_foretaste_refuses_is_not_valid(plan: dict[str, Any], tmp_path: Path) -> None:
    assert not is_taken(plan, tmp_path)
    assert not is_valid(plan)
