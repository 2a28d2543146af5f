import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.models.openai import OpenAI
from foretaste.adapters.simulators.database import Database
from foretaste.adapters.simulators.layered import Layered
from foretaste.errors import LogError, PlanError, UnknownName
from foretaste.planfile import load_plan
from foretaste.records import Lane
from foretaste.runs.assembly import Parts, assemble, fingerprint_of_all
from foretaste.runs.pricing import Price, Priced
from foretaste.testing import ScriptedModel
from stories.planted import conversation, write_log


def assembled(folder: Path, **more: Any) -> Parts:
    log = write_log(folder / "log.jsonl", [conversation(["Hello?"], ["Hello."])])
    plan = {"log": {"path": log}, "candidate": {"use": "scripted"}, "behaviors": ["refusal"]}
    return assemble(load_plan(plan | more))


def test_a_lane_changes_only_what_it_says(tmp_path: Path) -> None:
    lane = {"use": "scripted", "system": "", "settings": {"temperature": 0, "top_p": None}}
    parts = assembled(tmp_path, incumbent={"use": "scripted"}, candidate=lane, seed=7)

    plain, changed = (parts.lanes[each].conditions for each in (Lane.INCUMBENT, Lane.CANDIDATE))
    assert (plain.system, plain.settings, plain.seed) == (None, {}, 7)
    assert (changed.system, changed.settings) == ("", {"temperature": 0, "top_p": None})


def test_without_an_incumbent_there_is_one_lane(tmp_path: Path) -> None:
    assert set(assembled(tmp_path).lanes) == {Lane.CANDIDATE}


def test_a_server_s_model_gets_the_plan_s_options_and_a_name(tmp_path: Path) -> None:
    part = {"model": "openai/x", "base_url": "http://127.0.0.1:9/v1", "timeout": 3}

    own = assembled(tmp_path, candidate=part).lanes[Lane.CANDIDATE]

    assert own.model == OpenAI(model="x", base_url="http://127.0.0.1:9/v1", timeout=3)
    assert (own.name, own.price) == ("openai/x", None)


def test_a_stated_price_is_taken_and_models_in_process_are_free(tmp_path: Path) -> None:
    part = {"model": "openai/x", "price": {"input": 1, "output": 4.5}}

    assert assembled(tmp_path, candidate=part).lanes[Lane.CANDIDATE].price == Price(
        input=1, output=4.5
    )
    assert assembled(tmp_path).lanes[Lane.CANDIDATE].price == Price(input=0, output=0)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"candidate": {"use": "scripted", "settings": "hot"}}, "settings"),
        ({"candidate": {"use": "scripted", "system": 3}}, "system"),
        ({"candidate": {"use": "scripted", "price": {"input": 1}}}, "output"),
        ({"candidate": {"use": "scripted", "price": {"inptu": 1, "output": 1}}}, "input"),
        (
            {"candidate": {"use": "openai", "model": "x", "price": {"inptu": 1, "output": 1}}},
            "did you mean 'input'",
        ),
        ({"candidate": {"use": "openai", "model": "x", "price": 3}}, "price"),
        ({"candidate": {"use": "recorded"}}, "needs a `path`"),
        ({"candidate": {"use": "recorded", "path": 3}}, "path"),
        ({"candidate": {"use": "recorded", "path": "a", "wher": {}}}, "did you mean 'where'"),
        ({"candidate": {"use": "openai", "model": "x", "base_ur": "y"}}, "did you mean 'base_url'"),
        ({"candidate": {"use": "opnai", "model": "x"}}, "did you mean 'openai'"),
        ({"scrub": {"use": "pattern"}}, "did you mean 'patterns'"),
        ({"scrub": {"use": "patterns", "key": "mine"}}, "'key'"),
        ({"engine": {"use": "local", "concurrency": 0}}, "concurrency"),
        ({"engine": {"use": "local", "concurency": 4}}, "did you mean 'concurrency'"),
        ({"tools": {"use": "layred"}}, "did you mean 'layered'"),
        ({"tools": {"use": "layered"}}, "needs layers"),
        ({"tools": {"use": "layered", "layers": "recorded"}}, "`layers` is a list"),
        ({"tools": {"use": "layered", "layers": [3]}}, "3 is no layer"),
        ({"tools": {"use": "layered", "layers": ["recoded"]}}, "did you mean 'recorded'"),
        ({"tools": {"use": "layered", "layers": ["recorded", "recorded"]}}, "another `name:`"),
        ({"tools": {"use": "layered", "layers": ["recorded"], "mis": 1}}, "did you mean 'miss'"),
        ({"tools": {"use": "layered", "layers": ["recorded"], "miss": "live"}}, "miss"),
        ({"tools": {"use": "database"}}, "needs a `path`"),
        ({"tools": {"use": "database", "path": "a", "fuzy": True}}, "did you mean 'fuzzy'"),
        ({"tools": {"use": "database", "path": "a", "pick": "first"}}, "pick"),
        ({"judge": {"use": "scripted", "replys": []}}, "did you mean 'replies'"),
    ],
    ids=str,
)
def test_a_wrong_part_is_refused_before_anything_runs(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        assembled(tmp_path, **more)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="openai-chat"):
        assembled(tmp_path, log={"path": str(tmp_path / "log.jsonl"), "use": "openai-cat"})


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError):
        assembled(tmp_path, log={"path": str(tmp_path / "none.jsonl")})


def test_another_state_of_the_log_has_another_fingerprint(tmp_path: Path) -> None:
    first = assembled(tmp_path).log_fingerprint
    assert assembled(tmp_path).log_fingerprint == first
    log = tmp_path / "log.jsonl"
    more = write_log(tmp_path / "more.jsonl", [conversation(["And?"], ["So."])])
    grown = write_log(tmp_path / "both" / "log.jsonl", [])
    Path(grown).write_text(log.read_text() + Path(more).read_text())

    assert assembled(tmp_path, log={"path": grown}).log_fingerprint != first


def test_other_answers_are_another_state_of_what_a_run_reads(tmp_path: Path) -> None:
    answers = write_log(tmp_path / "answers.jsonl", [conversation(["Hello?"], ["Hello."])])
    plan = load_plan(
        {
            "log": {"path": write_log(tmp_path / "log.jsonl", [conversation(["Well?"], ["So."])])},
            "candidate": {"use": "recorded", "path": answers},
            "behaviors": ["refusal"],
        }
    )
    first = fingerprint_of_all(plan, assemble(plan))
    assert fingerprint_of_all(plan, assemble(plan)) == first

    write_log(Path(answers), [conversation(["Hello?"], ["Who knows."])])
    assert fingerprint_of_all(plan, assemble(plan)) != first


def test_the_state_of_tools_is_relative_to_the_plan_and_part_of_what_a_run_reads(
    tmp_path: Path,
) -> None:
    write_log(tmp_path / "log.jsonl", [conversation(["Well?"], ["So."])])
    tools = {"use": "environment", "tools": "builtins:dict", "state": "state.json"}
    plan = {"log": {"path": "log.jsonl"}, "candidate": {"use": "scripted"}, "tools": tools}
    (tmp_path / "plan.yaml").write_text(json.dumps(plan | {"behaviors": ["refusal"]}))
    found = []
    for state in ("{}", '{"a": 1}'):
        (tmp_path / "state.json").write_text(state)
        loaded = load_plan(tmp_path / "plan.yaml")
        found.append(fingerprint_of_all(loaded, assemble(loaded)))

    assert found[0] != found[1]


def test_tools_can_answer_from_a_log_of_their_own(tmp_path: Path) -> None:
    calls = write_log(tmp_path / "calls.jsonl", [conversation(["Hello?"], ["Hello."])])
    part = {"use": "database", "path": calls, "pick": "latest"}

    simulator: Any = assembled(tmp_path, tools=part).simulator

    assert simulator.pick == "latest"
    (only,) = simulator.conversations()
    assert only.dialogue.messages[1].content == "Hello."


def test_another_log_of_the_tools_is_another_state_of_what_a_run_reads(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", [conversation(["Hello?"], ["Hello."])])
    calls = write_log(tmp_path / "calls.jsonl", [conversation(["Hello?"], ["Hello."])])
    plan = load_plan(
        {
            "log": {"path": log},
            "candidate": {"use": "scripted"},
            "tools": {"use": "database", "path": calls},
            "behaviors": ["refusal"],
        }
    )
    first = fingerprint_of_all(plan, assemble(plan))

    write_log(Path(calls), [conversation(["Hello?"], ["Who knows."])])
    assert fingerprint_of_all(plan, assemble(plan)) != first


def test_paths_of_recorded_answers_are_relative_to_the_plan(tmp_path: Path) -> None:
    for name in ("log", "answers"):
        write_log(tmp_path / f"{name}.jsonl", [conversation(["Hello?"], ["Hello."])])
    (tmp_path / "plan.yaml").write_text(
        "log: {path: log.jsonl}\ncandidate: {use: recorded, path: answers.jsonl}\n"
        "behaviors: [refusal]\n"
    )

    model: Any = assemble(load_plan(tmp_path / "plan.yaml")).lanes[Lane.CANDIDATE].model

    (only,) = model.conversations()
    assert only.dialogue.messages[1].content == "Hello."


def model_tools(tmp_path: Path, **more: Any) -> dict[str, Any]:
    calls = write_log(tmp_path / "calls.jsonl", [conversation(["Hello?"], ["Hello."])])
    return {
        "use": "foretaste.adapters.simulators.model:ModelTools",
        "model": {"use": "scripted"},
        "examples": {"use": "database", "path": calls},
        **more,
    }


def test_a_model_of_tools_is_built_of_its_model_and_its_examples(tmp_path: Path) -> None:
    priced = {"use": "scripted", "name": "x", "price": {"input": 1, "output": 2}}
    parts = assembled(tmp_path, tools=model_tools(tmp_path, model=priced, retries=1))

    simulator: Any = parts.simulator
    assert (simulator.model, simulator.retries) == (ScriptedModel(name="x"), 1)
    assert isinstance(simulator.examples, Database)
    assert parts.tool_model == Priced("scripted", Price(input=1, output=2))
    assert assembled(tmp_path).tool_model is None


def test_a_model_of_tools_may_be_spelled_short_and_have_no_examples(tmp_path: Path) -> None:
    tools = model_tools(tmp_path, model="openai/x", examples=None)
    parts = assembled(tmp_path, tools=tools)

    simulator: Any = parts.simulator
    assert (simulator.model, simulator.examples) == (OpenAI(model="x"), None)
    assert parts.tool_model == Priced("openai/x", None)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "x"}, "name a model like"),
        ({"model": {"use": "scripted", "system": "Be a tool."}}, "'system' is no key"),
        ({"model": {"use": "scripted", "nmae": "x"}}, "did you mean 'name'"),
        ({"examples": "database"}, "say `examples"),
        ({"examples": {"use": "database"}}, "needs a `path`"),
        ({"retreis": 1}, "did you mean 'retries'"),
        ({"retries": -1}, "retries"),
    ],
    ids=str,
)
def test_a_wrong_model_of_tools_is_refused(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        assembled(tmp_path, tools=model_tools(tmp_path, **more))


def test_a_model_of_tools_without_a_model_is_refused(tmp_path: Path) -> None:
    tools = model_tools(tmp_path)
    del tools["model"]

    with pytest.raises(PlanError, match="needs model"):
        assembled(tmp_path, tools=tools)


def test_another_log_of_a_model_s_examples_is_another_state_of_what_a_run_reads(
    tmp_path: Path,
) -> None:
    log = write_log(tmp_path / "log.jsonl", [conversation(["Well?"], ["So."])])
    tools = model_tools(tmp_path)
    plan = load_plan(
        {"log": {"path": log}, "candidate": {"use": "scripted"}, "tools": tools}
        | {"behaviors": ["refusal"]}
    )
    first = fingerprint_of_all(plan, assemble(plan))

    write_log(tmp_path / "calls.jsonl", [conversation(["Hello?"], ["Who knows."])])
    assert fingerprint_of_all(plan, assemble(plan)) != first


def test_a_model_among_layers_is_shown_the_calls_of_the_database_beside_it(tmp_path: Path) -> None:
    log = write_log(tmp_path / "calls.jsonl", [conversation(["Hello?"], ["Hello."])])
    database = {"use": "database", "path": log}
    model = {"use": "model", "model": {"use": "scripted"}}
    bare, beside = (
        assembled(tmp_path, tools={"use": "layered", "layers": layers}).simulator
        for layers in (["recorded", model], [database, model])
    )

    assert isinstance(bare, Layered)
    assert isinstance(beside, Layered)
    assert bare.layers["model"].examples is None  # type: ignore[attr-defined]
    assert isinstance(beside.layers["model"].examples, Database)  # type: ignore[attr-defined]
