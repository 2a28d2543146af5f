"""ATIF trajectories. What is well formed is made by the format's own models, where installed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.readers.atif import ATIF
from foretaste.records import Conversation, Dialogue, Failure, Gap, ToolCall
from foretaste.turns import Turn, turns

TOOL = {"type": "function", "function": {"name": "grep", "parameters": {}}}
USER = {"source": "user", "message": "fix it"}
DONE = {"source": "agent", "message": "Fixed."}


def call(name: str, named: str = "c1", **arguments: Any) -> dict[str, Any]:
    return {"tool_call_id": named, "function_name": name, "arguments": arguments}


def result(content: Any, named: str | None = "c1", **more: Any) -> dict[str, Any]:
    return {"content": content, **more} | ({"source_call_id": named} if named else {})


def acting(calls: list[Any], results: list[Any], **more: Any) -> dict[str, Any]:
    seen = {"observation": {"results": results}}
    return {"source": "agent", "message": "", "tool_calls": calls, **seen, **more}


def trajectory(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    numbered = [{"step_id": at, **step} for at, step in enumerate(steps, 1)]
    agent = {"name": "coder", "version": "1.0", "model_name": "m"}
    return {"schema_version": "ATIF-v1.8", "agent": agent, "steps": numbered, **more}


def checked(made: dict[str, Any]) -> dict[str, Any]:
    """Let the format's own models refuse what is not ATIF, and write it down as they do."""
    atif = pytest.importorskip("atif", reason="the format's own models are not installed")
    written: dict[str, Any] = atif.Trajectory.model_validate(made).to_json_dict()
    return written


def every(log: Path, made: Any, **options: Any) -> list[Conversation | Failure]:
    log.write_text(json.dumps(made, indent=2))
    return list(ATIF(path=str(log), **options)())


def talk(log: Path, *steps: dict[str, Any], **more: Any) -> Dialogue:
    (found,) = every(log, trajectory(*steps, **more))
    assert isinstance(found, Conversation), found
    return found.dialogue


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "trajectory.json"


def test_a_trajectory_as_the_format_s_own_models_write_it_is_read_whole(log: Path) -> None:
    step = acting(
        [call("grep", "c1", pattern="é"), call("ls", "c2")],
        [result("two", "c2"), result([{"type": "text", "text": "one"}], "c1")],
        reasoning_content="look first",
        timestamp="2026-01-02T03:04:05Z",
    )
    made = trajectory(
        {"source": "system", "message": "be good"}, USER, step, DONE, trajectory_id="t",
        agent={"name": "coder", "version": "1.0", "model_name": "m", "tool_definitions": [TOOL]},
    )  # fmt: skip

    (found,) = every(log, checked(made))

    assert isinstance(found, Conversation)
    said = found.dialogue.messages
    assert [m.role for m in said] == ["system", "user", "assistant", "tool", "tool", "assistant"]
    assert said[2].tool_calls == (
        ToolCall(id="c1", name="grep", arguments='{"pattern":"é"}'),
        ToolCall(id="c2", name="ls", arguments="{}"),
    )
    assert said[2].reasoning == "look first"
    assert [(m.tool_call_id, m.content) for m in said[3:5]] == [("c2", "two"), ("c1", "one")]
    assert (found.key, found.dialogue.model, found.dialogue.tools) == ("t", "m", (TOOL,))
    assert found.dialogue.tags == {"agent": "coder", "subagent": "false"}
    assert found.dialogue.gaps == (Gap.SETTINGS, Gap.USER)
    assert turns(found.dialogue) == [Turn(2, 6)]


def test_results_that_name_no_call_go_to_the_last_open_calls_in_order(log: Path) -> None:
    calls = [call("a", "c1"), call("b", "c2"), call("c", "c3")]
    one = talk(log, USER, acting(calls, [result("screen", None)]), DONE)
    all_ = talk(log, USER, acting(calls, [result(x, None) for x in "123"]), DONE)
    none = talk(log, USER, {**DONE, "observation": {"results": [result("screen", None)]}})

    assert [m.tool_call_id for m in one.messages if m.role == "tool"] == ["c3"]
    assert [m.tool_call_id for m in all_.messages if m.role == "tool"] == ["c1", "c2", "c3"]
    assert [m.tool_call_id for m in none.messages if m.role == "tool"] == [None]


def test_what_came_back_takes_the_time_to_a_step_that_no_model_made(log: Path) -> None:
    first = acting([call("a")], [result("x")], timestamp="2026-01-01T00:00:00Z")
    later = {"timestamp": "2026-01-01T00:00:02.5+00:00"}
    by_hand = acting([call("b")], [result("y")], llm_call_count=0, **later)

    assert talk(log, USER, first, by_hand).messages[2].seconds == 2.5
    assert talk(log, USER, first, {**DONE, **later}).messages[2].seconds is None
    assert talk(log, USER, {**first, **later}, {**by_hand, **first}).messages[2].seconds is None


def test_a_subagent_is_a_conversation_of_its_own_that_says_so(log: Path) -> None:
    inner = trajectory(USER, DONE, trajectory_id="inner")
    outer = trajectory(USER, DONE, trajectory_id="sub", subagent_trajectories=[inner])
    handed = acting(
        [call("delegate")],
        [{"source_call_id": "c1", "subagent_trajectory_ref": [{"trajectory_id": "sub"}]}],
    )
    made = trajectory(USER, handed, DONE, trajectory_id="t", subagent_trajectories=[outer])

    found = every(log, checked(made))

    assert all(isinstance(one, Conversation) for one in found)
    tags = {
        one.key: one.dialogue.tags["subagent"] for one in found if isinstance(one, Conversation)
    }
    assert tags == {"t": "false", "sub": "true", "inner": "true"}
    assert len({one.id for one in found if isinstance(one, Conversation)}) == 3
    assert Gap.TRUNCATED in found[0].dialogue.gaps  # type: ignore[union-attr]
    assert len(every(log, made, where={"subagent": False})) == 1


def test_a_broken_subagent_is_one_failure_beside_its_parent(log: Path) -> None:
    found = every(log, trajectory(USER, DONE, subagent_trajectories=[{}]))

    assert [type(one) for one in found] == [Conversation, Failure]


def test_steps_copied_from_an_earlier_trajectory_are_context(log: Path) -> None:
    copied = [{**step, "is_copied_context": True} for step in (USER, DONE)]
    found = talk(log, {"source": "system", "message": "s"}, *copied, USER, DONE)
    only = every(log, trajectory(*copied))

    assert found.own_from == 3
    assert turns(found) == [Turn(4, 5)]
    assert isinstance(only[0], Failure)
    assert only[0].reason == "all steps are copied from another trajectory"


@pytest.mark.parametrize(
    ("step", "gap"),
    [
        ({**DONE, "extra": {"context_management": {"type": "compaction"}}}, Gap.TRUNCATED),
        ({**DONE, "metrics": {"extra": {"reasoning_tokens": 9}}}, Gap.REASONING),
        (
            {**DONE, "message": [{"type": "image", "source": {"path": "a.png"}}]},
            Gap.ATTACHMENTS,
        ),
        (acting([call("a")], [result([{"type": "audio"}])]), Gap.ATTACHMENTS),
        (acting([call("a")], [result("x")]), Gap.TOOLS),
    ],
)
def test_what_a_step_shows_to_be_lost_is_a_gap(step: dict[str, Any], gap: Gap, log: Path) -> None:
    assert gap in talk(log, USER, step).gaps
    assert gap not in talk(log, USER, DONE).gaps


def test_a_step_s_model_and_effort_go_before_the_agent_s(log: Path) -> None:
    found = talk(log, USER, {**DONE, "model_name": "n", "reasoning_effort": "high"})

    assert (found.model, found.settings) == ("n", {"reasoning_effort": "high"})


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (trajectory(), "no steps"),
        (trajectory(USER) | {"schema_version": "v1"}, "the schema version is not one of ATIF's"),
        (
            trajectory({**USER, "tool_calls": [call("a")]}),
            "tool calls in a step that is not the agent's",
        ),
        (
            trajectory({**USER, "timestamp": "soon"}),
            "the time is neither Unix seconds nor ISO 8601",
        ),
    ],
)
def test_what_is_no_trajectory_is_a_failure_with_its_reason(
    made: dict[str, Any], reason: str, log: Path
) -> None:
    (found,) = every(log, made)

    assert isinstance(found, Failure)
    assert (found.reason, found.source, found.line) == (reason, "trajectory.json", 1)


def test_ids_used_twice_and_results_of_no_call_stay_as_they_are(log: Path) -> None:
    calls = [call("a"), call("b")]
    found = talk(log, USER, acting(calls, [result("x"), result("y"), result("z", "c9")]), DONE)

    assert [m.tool_call_id for m in found.messages if m.role == "tool"] == ["c1", "c1", "c9"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    *(("steps", 1, name) for name in ("source", "message", "timestamp", "tool_calls", "metrics")),
    *(("steps", 1, name) for name in ("observation", "extra", "is_copied_context", "model_name")),
    *(("steps", 1, "observation", name) for name in ("results",)),
    *(("steps", 1, "observation", "results", 0, name) for name in ("content", "source_call_id")),
    *(("steps", 1, "tool_calls", 0, name) for name in ("tool_call_id", "arguments")),
    *(("steps", 1), ("steps",), ("agent",), ("agent", "tool_definitions"), ("extra",)),
    ("subagent_trajectories",),
]


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON_VALUES)
def test_any_json_at_any_place_is_a_conversation_or_a_failure(
    place: tuple[Any, ...], value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = json.loads(json.dumps(trajectory(USER, acting([call("a")], [result("x")]), DONE)))
    spot: Any = made
    for part in place[:-1]:
        spot = spot[part]
    spot[place[-1]] = value
    log = tmp_path_factory.mktemp("places") / "log"

    found = every(log, [made, trajectory(USER, DONE, trajectory_id="whole")])

    assert isinstance(found[-1], Conversation)
    assert found[-1].key == "whole"


def test_nesting_without_end_is_a_failure_and_the_next_one_is_read(log: Path) -> None:
    deep = json.dumps(trajectory(USER, acting([call("a", x=7)], []))).replace(
        "7", "[" * 5000 + "]" * 5000
    )
    log.write_text(f"{deep}\n{json.dumps(trajectory(USER, DONE))}\n")

    found = list(ATIF(path=str(log))())

    assert [type(one) for one in found] == [Failure, Conversation]
