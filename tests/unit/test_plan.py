import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import PlanError, UnknownName
from foretaste.plan import Plan
from foretaste.planfile import load_plan

LEAST: dict[str, Any] = {"log": {"path": "a.jsonl"}, "candidate": "openai/next"}

# One value other than the default for every key that decides a number.
DECIDES: dict[str, Any] = {
    "log.path": "b.jsonl",
    "log.use": "sharegpt",
    "log.where": {"surface": "web"},
    "candidate": "openai/other",
    "candidate.settings": {"temperature": 0},
    "candidate.system": "Be brief.",
    "incumbent": "openai/now",
    "seed": 1,
    "window.since": "2026-10-01",
    "window.until": "2026-11-01",
    "consent": "opt_in",
    "scrub": {"use": "patterns", "kinds": []},
    "sample.unit": "final",
    "sample.size": 10,
    "sample.strata": ["surface"],
    "sample.per_user": 2,
    "tools": {"use": "mine:Tools"},
    "turn.calls": 3,
    "turn.tokens": 500,
    "turn.seconds": 60,
    "turn.answer": 1000,
    "forecast.turns": 10,
    "forecast.method": "ratio-anchored",
    "forecast.traffic": {"by": "language", "shares": {"en": 0.6, "de": 0.4}},
    "forecast.unseen": {"share": 0.1, "rate": 0.5},
    "judge": "openai/judge",
    "behaviors": ["refusal"],
}
DECIDES_NOTHING: dict[str, Any] = {
    "title": "October",
    "store": {"use": "files", "path": "elsewhere"},
    "engine": {"use": "local", "concurrency": 3},
    "budget": {"usd": 5},
}


def changed(key: str, value: Any) -> dict[str, Any]:
    head, _, tail = key.partition(".")
    if not tail:
        return LEAST | {head: value}
    inner = LEAST.get(head, {})
    inner = {"model": inner} if isinstance(inner, str) else inner
    return LEAST | {head: inner | {tail: value}}


def written(folder: Path, text: str) -> str:
    (folder / "foretaste.yaml").write_text(text)
    return str(folder / "foretaste.yaml")


@pytest.mark.parametrize("key", DECIDES)
def test_the_id_changes_with_everything_that_decides_a_number(key: str) -> None:
    assert load_plan(changed(key, DECIDES[key])).id != load_plan(LEAST).id


@pytest.mark.parametrize("key", DECIDES_NOTHING)
def test_the_id_does_not_change_with_what_decides_no_number(key: str) -> None:
    assert load_plan(changed(key, DECIDES_NOTHING[key])).id == load_plan(LEAST).id


def test_every_key_of_a_plan_is_held_to_one_of_the_two() -> None:
    tried = {key.partition(".")[0] for key in DECIDES} | DECIDES_NOTHING.keys()

    assert tried == load_plan(LEAST).filled().keys()


def test_the_id_does_not_depend_on_where_the_plan_lies(tmp_path: Path) -> None:
    text = "log: {path: a.jsonl}\ncandidate: openai/next\n"
    (tmp_path / "there").mkdir()

    here, there = load_plan(written(tmp_path, text)), load_plan(written(tmp_path / "there", text))

    assert here.folder != there.folder
    assert here.id == there.id == load_plan(LEAST).id


def test_a_default_written_out_is_the_same_plan() -> None:
    assert load_plan(LEAST | {"seed": 0, "sample": {"unit": "turn"}}).id == load_plan(LEAST).id


def test_a_filled_plan_is_plain_json() -> None:
    filled = load_plan(LEAST | {"sample": {"strata": ["surface"]}}).filled()

    assert filled == json.loads(json.dumps(filled))


def test_a_filled_plan_loads_as_itself() -> None:
    plan = load_plan(LEAST | {"behaviors": ["refusal", {"name": "x", "limit": {"per_100k": 5}}]})

    again = load_plan({k: v for k, v in plan.filled().items() if v is not None})

    assert again.id == plan.id


MISSPELT: list[tuple[dict[str, Any], str, str]] = [
    ({"incumbant": "openai/now"}, "incumbant", "incumbent"),
    ({"log": {"path": "a", "wher": {}}}, "wher", "where"),
    ({"sample": {"siz": 3}}, "siz", "size"),
    ({"window": {"sinse": "2026-10-01"}}, "sinse", "since"),
    ({"forecast": {"turn": 3}}, "turn", "turns"),
    ({"forecast": {"traffic": {"share": {}}}}, "share", "shares"),
    ({"budget": {"uds": 3}}, "uds", "usd"),
    ({"behaviors": [{"nam": "refusal"}]}, "nam", "name"),
    ({"behaviors": ["x", {"name": "y", "limit": {"per100k": 3}}]}, "per100k", "per_100k"),
    ({"behaviors": ({"name": "y", "limt": {}},)}, "limt", "limit"),
]


@pytest.mark.parametrize(("plan", "wrong", "right"), MISSPELT, ids=str)
def test_an_unknown_key_is_refused_with_the_nearest_right_one_at_every_depth(
    plan: dict[str, Any], wrong: str, right: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        load_plan(LEAST | plan)

    assert f"unknown key {wrong!r}" in str(caught.value)
    assert f"did you mean {right!r}?" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": "many"},
        {"seed": -1},
        {"sample": {"size": "all"}},
        {"sample": {"size": 0}},
        {"sample": {"size": -5}},
        {"sample": {"per_user": 0}},
        {"sample": {"unit": "message"}},
        {"sample": {"strata": "surface"}},
        {"sample": 5},
        {"log": "a.jsonl"},
        {"log": {}},
        {"log": {"path": 3}},
        {"candidate": 7},
        {"candidate": None},
        {"candidate": "gpt-x"},
        {"candidate": {"model": "gpt-x"}},
        {"judge": {"settings": {}}},
        {"forecast": {"turns": 0}},
        {"forecast": {"turns": 1.5}},
        {"forecast": {"method": "best"}},
        {"forecast": {"unseen": {"share": 0.1}}},
        {"forecast": {"unseen": {"share": 10, "rate": 0.1}}},
        {"forecast": {"traffic": {"by": "language", "shares": {False: 1.0}}}},  # `no` in YAML
        {"budget": {"usd": "much"}},
        {"budget": {"usd": -1}},
        {"budget": {"calls": -1}},
        {"window": {"since": "last week"}},
        {"window": {"since": date(2026, 10, 1)}},
        {"behaviors": "refusal"},
        {"behaviors": [{"definition": "x.md"}]},
        {"behaviors": [{"name": "x", "limit": {"decide_on": "mood"}}]},
        {"behaviors": [{"name": "x", "limit": {"per_100k": -1}}]},
        {"behaviors": [{"name": "x", "limit": {"increase": -1}}]},
        {"folder": "/elsewhere"},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        load_plan(LEAST | wrong)


@pytest.mark.parametrize(
    ("traffic", "message"),
    [
        ({}, "give `shares` or the `path`"),
        ({"by": "language", "shares": {"en": 1.0}, "path": "b.jsonl"}, "give `shares` or the"),
        ({"shares": {"en": 1.0}}, "`by` goes with `shares`"),
        ({"path": "b.jsonl", "by": "language"}, "`by` goes with `shares`"),
        ({"by": "language", "shares": {"en": 0.6, "de": 0.5}}, "sum to 1, not to 1.1"),
        ({"by": "language", "shares": {"en": 1.0}, "where": {"a": 1}}, "go with `path`"),
        ({"path": "-"}, "must be a file"),
    ],
    ids=str,
)
def test_a_traffic_that_is_not_one_is_refused(traffic: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        load_plan(LEAST | {"forecast": {"traffic": traffic}})


def test_shares_are_of_one_tag_or_of_several() -> None:
    one = load_plan(LEAST | {"forecast": {"traffic": {"by": "language", "shares": {"en": 1}}}})
    both = {"by": ["language", "surface"], "shares": {"en / web": 1}}
    two = load_plan(LEAST | {"forecast": {"traffic": both}})

    assert one.forecast.traffic is not None
    assert two.forecast.traffic is not None
    assert (one.forecast.traffic.names, two.forecast.traffic.names) == (
        ("language",),
        ("language", "surface"),
    )


def test_the_place_of_a_wrong_value_is_named() -> None:
    with pytest.raises(PlanError, match=r"sample\.size"):
        load_plan(LEAST | {"sample": {"size": "all"}})


@pytest.mark.parametrize(
    "spelled",
    [
        "openai/gpt-x",
        "openai:gpt-x",
        "openai:/gpt-x",
        {"model": "openai/gpt-x"},
        {"use": "openai", "model": "gpt-x"},
    ],
    ids=str,
)
def test_a_model_may_be_spelled_in_any_of_these_ways(spelled: Any) -> None:
    plan = load_plan(LEAST | {"candidate": spelled})

    assert plan.candidate == {"use": "openai", "model": "gpt-x"}
    assert plan.id == load_plan(LEAST | {"candidate": "openai/gpt-x"}).id


def test_a_model_s_own_slashes_and_colons_stay() -> None:
    plan = load_plan(LEAST | {"candidate": "openai/meta-llama/Llama-3:8b"})

    assert plan.candidate == {"use": "openai", "model": "meta-llama/Llama-3:8b"}


def test_options_beside_a_short_name_stay() -> None:
    plan = load_plan(LEAST | {"candidate": {"model": "openai/x", "base_url": "http://h/v1"}})

    assert plan.candidate == {"use": "openai", "model": "x", "base_url": "http://h/v1"}


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2026-10-01", "2026-10-01T00:00:00+00:00"),
        ("'2026-10-01'", "2026-10-01T00:00:00+00:00"),
        ("2026-10-01 12:30:00", "2026-10-01T12:30:00+00:00"),
        ("2026-10-01T12:30:00Z", "2026-10-01T12:30:00+00:00"),
        ("2026-10-01T12:30:00+02:00", "2026-10-01T12:30:00+02:00"),
    ],
)
def test_a_date_in_yaml_is_taken_as_written_and_as_utc(
    tmp_path: Path, day: str, moment: str
) -> None:
    text = f"log: {{path: a}}\ncandidate: openai/x\nwindow:\n  since: {day}\n"

    since, until = load_plan(written(tmp_path, text)).window.moments()

    assert (since and since.isoformat(), until) == (moment, None)


def test_paths_are_relative_to_the_plan_s_folder(tmp_path: Path) -> None:
    plan = load_plan(written(tmp_path, "log: {path: a.jsonl}\ncandidate: openai/x\n"))

    assert plan.resolve("a.jsonl") == str(tmp_path / "a.jsonl")
    assert plan.resolve("/b.jsonl") == "/b.jsonl"
    assert plan.resolve("-") == "-"


def test_a_plan_s_title_is_its_file_s_name_unless_it_says_another(tmp_path: Path) -> None:
    text = "log: {path: a}\ncandidate: openai/x\n"

    assert load_plan(written(tmp_path, text)).title == "foretaste"
    assert load_plan(written(tmp_path, text + "title: Spring!\n")).title == "Spring!"


def test_each_plan_and_each_state_of_its_log_gets_a_folder_of_its_own() -> None:
    plan = replace(load_plan(LEAST), title="../../Spring Fling", folder="there")
    other = replace(plan, seed=1)

    paths = [plan.store_part("log 1"), plan.store_part("log 2"), other.store_part("log 1")]

    assert len({part["path"] for part in paths}) == 3
    assert all(part["path"].startswith("there/runs/spring-fling-") for part in paths)
    assert plan.store_part("log 1") == paths[0]


def test_a_path_that_the_plan_names_is_kept() -> None:
    plan = load_plan(LEAST | {"store": {"use": "files", "path": "mine"}})

    assert plan.store_part("log") == {"use": "files", "path": "mine"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "a plan is a mapping"),
        ("", "a plan is a mapping"),
        ("log: {path: a\n", "foretaste.yaml"),
        ("log: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_with_its_name(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(PlanError, match=message) as caught:
        load_plan(written(tmp_path, text))

    assert "foretaste.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_a_wrong_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.yaml"):
        load_plan(tmp_path / "none.yaml")


def test_a_plan_is_taken_as_it_is() -> None:
    plan = load_plan(LEAST)

    assert isinstance(plan, Plan)
    assert load_plan(plan) is plan
