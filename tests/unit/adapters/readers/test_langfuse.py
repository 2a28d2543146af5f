import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretaste.adapters.readers.langfuse import Langfuse
from foretaste.errors import LogError
from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Stop
from foretaste.turns import turns
from formats.langfuse import as_csv

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def observation(n: int, said: Any = None, answer: Any = None, **more: Any) -> dict[str, Any]:
    """A row of the export, by the columns of Langfuse's documentation."""
    return {
        "id": f"o{n}",
        "trace_id": "t1",
        "project_id": "p",
        "environment": "production",
        "type": "GENERATION",
        "parent_observation_id": "",
        "start_time": f"2026-01-01 00:00:{n:02}.000000",
        "end_time": f"2026-01-01 00:00:{n:02}.500000",
        "name": "chat",
        "metadata": {},
        "level": "DEFAULT",
        "input": json.dumps(said),
        "output": json.dumps(answer),
        "provided_model_name": "gpt-x",
        "model_parameters": '{"temperature":"0.5","max_tokens":100}',
        "user_id": "u7",
        "session_id": "s1",
        "tags": ["blue"],
        "release": "r1",
    } | more


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


LOOK = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLS = says("", tool_calls=[LOOK])
GAVE = {"role": "tool", "tool_call_id": "c", "content": "rain"}
TALK = [
    observation(1, {"messages": [user("weather?")], "tools": [TOOL]}, CALLS),
    observation(2, {"at": "here"}, "rain", type="TOOL", name="look"),
    observation(3, [user("weather?"), CALLS, GAVE], says("it rains")),
    observation(
        4,
        [user("weather?"), CALLS, GAVE, says("it rains"), user("thanks")],
        says("yo"),
        trace_id="t2",
    ),
]


def score(n: int, of: str, value: Any, kind: str = "NUMERIC", **more: Any) -> dict[str, Any]:
    about = {"observation_id": None, "trace_id": None, "session_id": None} | {
        {"o": "observation_id", "t": "trace_id", "s": "session_id"}[of[0]]: of
    }
    if of[0] == "o":
        about["trace_id"] = "t1"
    return {
        "id": f"score{n}",
        "project_id": "p",
        **about,
        "timestamp": "2026-01-02 00:00:00.000",
        "name": f"n{n}",
        "value": value,
        "string_value": None,
        "data_type": kind,
        "source": "ANNOTATION",
        "comment": "free text",
    } | more


def camel(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the API writes it."""

    def name(snake: str) -> str:
        first, *rest = snake.split("_")
        return first + "".join(part.title() for part in rest)

    return {name(key): value for key, value in row.items()}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(path: Path, **options: Any) -> list[Conversation | Failure]:
    return list(Langfuse(path=str(path), **options)())


def only(found: list[Conversation | Failure]) -> Dialogue:
    assert [type(each) for each in found] == [Conversation]
    assert isinstance(found[0], Conversation)
    return found[0].dialogue


SAID = [("user", "weather?"), ("assistant", ""), ("tool", "rain"), ("assistant", "it rains")]
SAID += [("user", "thanks"), ("assistant", "yo")]


def said(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in dialogue.messages]


def test_a_sessions_generations_are_one_conversation_wherever_they_lie(tmp_path: Path) -> None:
    rows = list(TALK)
    random.Random(7).shuffle(rows)
    write(tmp_path / "observations_v2" / "1.jsonl", rows[:2])
    write(tmp_path / "observations_v2" / "2.jsonl", rows[2:])

    found = read(tmp_path)
    dialogue = only(found)

    assert said(dialogue) == SAID
    assert dialogue.messages[2].seconds == 0.5
    assert (dialogue.model, dialogue.tools) == ("gpt-x", (TOOL,))
    assert dialogue.settings == {"temperature": 0.5, "max_tokens": 100}
    assert dialogue.tags == {"environment": "production", "release": "r1", "blue": "true"}
    assert dialogue.gaps == (Gap.SYSTEM,)
    assert len(turns(dialogue)) == 2
    assert isinstance(found[0], Conversation)
    assert (found[0].key, found[0].user) == ("s1", "u7")


def test_every_way_to_get_them_says_the_same(tmp_path: Path) -> None:
    plain = only(read(write(tmp_path / "a.jsonl", TALK)))
    paths = [tmp_path / name for name in ("table", "table.gz", "page", "camel", "array")]
    paths[0].write_bytes(as_csv(TALK))
    paths[1].write_bytes(gzip.compress(as_csv(TALK)))
    paths[2].write_text(json.dumps({"data": [camel(row) for row in TALK], "meta": {"page": 1}}))
    write(paths[3], [camel(row) for row in TALK])
    paths[4].write_text(json.dumps(TALK, indent=1))

    assert [only(read(path)) for path in paths] == [plain] * 5


def test_a_traces_download_brings_its_own_facts(tmp_path: Path) -> None:
    lean = ("user_id", "session_id", "tags", "release", "environment", "trace_id")
    rows = [camel({k: v for k, v in row.items() if k not in lean}) for row in TALK[:3]]
    trace: dict[str, Any] = {
        "id": "t1",
        "projectId": "p",
        "name": "help",
        "timestamp": "2026-01-01T00:00:00Z",
        "userId": "u7",
        "sessionId": None,
        "tags": ["blue"],
        "metadata": '{"plan":"gold"}',
        "input": {"messages": []},
        "scores": [camel(score(1, "t1", 1))],
        "observations": rows,
    }
    path = tmp_path / "trace-t1.json"
    path.write_text(json.dumps(trace, indent=1))

    found = read(path)
    dialogue = only(found)

    assert Langfuse.recognizes(path.read_bytes()[:200])
    assert said(dialogue) == SAID[:4]
    assert dialogue.tags == {"plan": "gold", "blue": "true", "trace_name": "help"}
    assert dialogue.labels == (Label(name="n1", value=1.0, by="human"),)
    assert isinstance(found[0], Conversation)
    assert (found[0].key, found[0].user) == ("t1", "u7")


def test_old_exports_keep_session_and_user_with_the_trace(tmp_path: Path) -> None:
    lean = ("user_id", "session_id", "tags", "release")
    write(
        tmp_path / "observations" / "1.jsonl",
        [{k: v for k, v in row.items() if k not in lean} for row in TALK],
    )
    traces = [
        {
            "id": of,
            "project_id": "p",
            "timestamp": "2026-01-01",
            "session_id": "s1",
            "user_id": "u7",
        }
        for of in ("t1", "t2")
    ]
    write(tmp_path / "traces" / "1.jsonl", traces)

    found = read(tmp_path)

    assert said(only(found)) == SAID
    assert isinstance(found[0], Conversation)
    assert (found[0].key, found[0].user) == ("s1", "u7")


def test_scores_become_labels_where_they_belong(tmp_path: Path) -> None:
    write(tmp_path / "observations_v2" / "1.jsonl", TALK)
    scores = [
        score(1, "o3", 0.5),
        score(2, "t2", 1, "BOOLEAN", string_value="True"),
        score(3, "s1", 0, "CATEGORICAL", string_value="calm", source="EVAL"),
        score(4, "t1", 0, "BOOLEAN", source="API"),
        score(5, "t1", None, "TEXT", string_value="free text"),
        score(6, "t1", None, "CORRECTION", string_value="better"),
        score(7, "o9", 1),
        score(8, "o2", 3),
    ]
    write(tmp_path / "scores" / "1.jsonl", scores)

    assert set(only(read(tmp_path)).labels) == {
        Label(name="n1", value=0.5, message=3, by="human"),
        Label(name="n2", value=True, message=5, by="human"),
        Label(name="n3", value="calm", by="n3"),
        Label(name="n4", value=False, message=3, by=""),
    }


def test_a_subagents_calls_are_a_conversation_of_their_own(tmp_path: Path) -> None:
    rows = [
        observation(0, type="AGENT", name="boss"),
        observation(1, [user("a")], says("b"), parent_observation_id="o0"),
        observation(2, type="AGENT", name="aide", parent_observation_id="o0"),
        observation(3, [user("sub")], says("c"), parent_observation_id="o2"),
        score(1, "t1", 1),
    ]

    main, sub = read(write(tmp_path / "log", rows))

    assert isinstance(main, Conversation)
    assert isinstance(sub, Conversation)
    assert main.dialogue.tags["agent"] == "boss"
    assert "subagent" not in main.dialogue.tags
    assert (sub.dialogue.tags["agent"], sub.dialogue.tags["subagent"]) == ("aide", "true")
    assert (len(main.dialogue.labels), len(sub.dialogue.labels)) == (1, 0)
    assert (main.key, sub.key) == ("s1", "s1/o3")


def test_a_context_that_was_cut_begins_anew_and_counts_no_turn_twice(tmp_path: Path) -> None:
    rows = [*TALK, observation(5, [says("yo"), user("again")], says("sure"))]

    _, cut = read(write(tmp_path / "log", rows))

    assert isinstance(cut, Conversation)
    assert said(cut.dialogue) == [("assistant", "yo"), ("user", "again"), ("assistant", "sure")]
    assert len(turns(cut.dialogue)) == 1


def test_a_row_that_was_exported_again_is_read_once_in_its_last_form(tmp_path: Path) -> None:
    rows = [observation(1, [user("a")], None), observation(1, [user("a")], says("b"))]

    assert said(only(read(write(tmp_path / "log", rows)))) == [("user", "a"), ("assistant", "b")]


def test_thoughts_of_earlier_answers_are_kept(tmp_path: Path) -> None:
    thinking = says("b", reasoning_content="hm")
    rows = [
        observation(1, [user("a")], thinking),
        observation(2, [user("a"), says("b"), user("c")], says("d")),
    ]

    dialogue = only(read(write(tmp_path / "log", rows)))

    assert [m.reasoning for m in dialogue.messages] == [None, "hm", None, None]
    assert Gap.REASONING not in dialogue.gaps


def test_reasoning_that_was_counted_and_is_not_there_is_a_gap(tmp_path: Path) -> None:
    row = observation(1, [user("a")], says("b"), usage_details='{"output_reasoning_tokens": 7}')

    assert Gap.REASONING in only(read(write(tmp_path / "log", [row]))).gaps


def test_tools_that_langfuse_found_are_schemas(tmp_path: Path) -> None:
    schema = json.dumps({"description": "d", "parameters": {"type": "object"}})
    row = observation(1, [user("a")], CALLS, tool_definitions={"look": schema})

    (tool,) = only(read(write(tmp_path / "log", [row]))).tools
    assert tool["function"] == {"name": "look", **json.loads(schema)}


@pytest.mark.parametrize(
    "broken",
    [
        {"level": "ERROR", "status_message": "secret"},
        {"output": None},
        {"input": None},
        {"input": '[{"role": "user", "content": "secr'},
        {"input": [{"role": "secret", "content": "a"}]},
        {"trace_id": None},
        {"type": 7},
        {"output": {"role": "user", "content": "secret"}},
    ],
)
def test_a_call_that_failed_or_is_not_there_is_a_failure(
    broken: dict[str, Any], tmp_path: Path
) -> None:
    rows = [observation(1, [user("a")], says("b")) | broken, observation(2, [user("a")], says("b"))]

    found = read(write(tmp_path / "log", rows))

    assert [r.line for r in found if isinstance(r, Failure)] == [1]
    assert len(found) == 2
    assert not any("secret" in r.reason for r in found if isinstance(r, Failure))


def test_how_an_answer_ended_and_its_cut_text_are_told(tmp_path: Path) -> None:
    body = {"choices": [{"finish_reason": "length", "message": says("b ...[truncated]")}]}

    dialogue = only(read(write(tmp_path / "log", [observation(1, [user("a")], body)])))

    assert dialogue.stop is Stop.LENGTH
    assert Gap.TRUNCATED in dialogue.gaps


def test_parents_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    rows = [
        observation(1, [user("a")], says("b"), parent_observation_id="o2"),
        observation(2, type="SPAN", parent_observation_id="o3"),
        observation(3, type="SPAN", parent_observation_id="o2"),
    ]

    assert len(only(read(write(tmp_path / "log", rows))).messages) == 2


def test_nothing_but_spans_is_an_empty_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is empty"):
        read(write(tmp_path / "log", [observation(1, type="EMBEDDING")]))


def test_one_bad_row_of_a_page_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text(json.dumps({"data": [{"type": 1}, camel(TALK[0]), {}], "meta": {}}))

    found = read(path)

    assert [type(each) for each in found].count(Failure) == 2
    assert len(found) == 3


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*TALK[0], *score(1, "t1", 1), "data"]), VALUES),
        min_size=1,
        max_size=3,
    )
)
def test_any_value_in_any_field_is_read_or_a_failure(
    tmp_path_factory: pytest.TempPathFactory, extra: list[dict[str, Any]]
) -> None:
    rows = [*({**TALK[0], **more} for more in extra), score(1, "t1", 1) | extra[0]]
    last = TALK[0] | {"trace_id": "z", "id": "z", "session_id": "z"}

    found = read(write(tmp_path_factory.mktemp("any") / "log", [*rows, last]))

    assert "z" in {r.key for r in found if isinstance(r, Conversation)}


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (json.dumps(TALK[0]).encode()[:300], True),
        (json.dumps(camel(TALK[0])).encode()[:300], True),
        (json.dumps(score(1, "t1", 1)).encode(), True),
        (as_csv([score(1, "t1", 1)]), True),
        (b"id,name,value\n1,a,2\n", False),
        (b'{"id": "1", "traceId": "t", "spanId": "s", "name": "chat"}', False),
        (b'{"id": "1", "messages": [{"trace_id": 1, "type": 2, "start_time": 3, "id": 4}]}', False),
    ],
)
def test_only_langfuses_columns_are_recognized(head: bytes, known: bool) -> None:
    assert Langfuse.recognizes(head) is known
