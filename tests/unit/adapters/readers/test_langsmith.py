import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langchain_core.tracers.langchain import LangChainTracer
from langsmith.schemas import Feedback, FeedbackSourceBase, Run

from foretaste.adapters.readers.langsmith import LangSmith
from foretaste.errors import LogError
from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Stop
from foretaste.turns import turns

CALL: Any = {"name": "look", "args": {"at": "here"}, "id": "t1", "type": "tool_call"}


class Kept:
    """In LangSmith's place: keeps what the tracer posts."""

    tracing_queue = None

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}

    def create_run(self, **run: Any) -> None:
        self.runs[str(run["id"])] = run

    def update_run(self, **run: Any) -> None:
        self.runs[str(run.pop("run_id"))] |= run

    def rows(self) -> list[dict[str, Any]]:
        """As the API gives them back."""
        known = Run.model_fields
        return [
            Run(**{name: value for name, value in run.items() if name in known}).model_dump(
                mode="json"
            )
            for run in self.runs.values()
        ]


@tool
def look(at: str) -> str:
    """Looks around."""
    return "rain"


def traced(*turns: tuple[str, list[AIMessage]], **metadata: Any) -> list[dict[str, Any]]:
    """Runs of an agent that LangChain itself traced: one trace for each thing that a user says."""
    kept = Kept()
    talk: list[BaseMessage] = [SystemMessage("be brief")]
    for said, answers in turns:
        talk.append(HumanMessage(said))
        model = FakeMessagesListChatModel(responses=list(answers))

        def agent(_: str, config: RunnableConfig, model: Any = model) -> str:
            while True:
                answer = model.invoke(list(talk), config, temperature=0.3)
                talk.append(answer)
                if not answer.tool_calls:
                    return str(answer.content)
                talk.extend(look.invoke(call, config) for call in answer.tool_calls)

        tracer = LangChainTracer(client=kept, project_name="shop")  # type: ignore[arg-type]
        config: Any = {"callbacks": [tracer], "metadata": metadata, "tags": ["blue"]}
        RunnableLambda(agent).invoke(said, config)
    return kept.rows()


def ends(text: str, **more: Any) -> AIMessage:
    about = {"finish_reason": "stop", "model_name": "gpt-x"}
    return AIMessage(text, response_metadata=about, **more)


AGENT = (
    ("weather?", [AIMessage("", tool_calls=[CALL]), ends("it rains")]),
    ("thanks", [ends("yo")]),
)


def read(tmp_path: Path, rows: Any, **options: Any) -> list[Conversation | Failure]:
    log = tmp_path / "runs.jsonl"
    lines = rows if isinstance(rows, list) else [rows]
    log.write_text("".join(json.dumps(row) + "\n" for row in lines))
    return list(LangSmith(path=str(log), **options)())


def only(found: list[Conversation | Failure]) -> Dialogue:
    assert [type(each) for each in found] == [Conversation]
    assert isinstance(found[0], Conversation)
    return found[0].dialogue


def test_a_thread_that_langchain_traced_is_one_conversation(tmp_path: Path) -> None:
    rows = traced(*AGENT, thread_id="T", user_id="u7", plan="gold")
    random.Random(7).shuffle(rows)

    found = read(tmp_path, rows)
    dialogue = only(found)

    assert [(m.role, m.content) for m in dialogue.messages] == [
        ("system", "be brief"),
        ("user", "weather?"),
        ("assistant", ""),
        ("tool", "rain"),
        ("assistant", "it rains"),
        ("user", "thanks"),
        ("assistant", "yo"),
    ]
    assert dialogue.messages[3].seconds is not None
    assert (dialogue.model, dialogue.stop) == ("gpt-x", Stop.FINAL)
    assert dialogue.settings == {"temperature": 0.3}
    assert dialogue.tags == {"plan": "gold", "blue": "true"}
    assert dialogue.gaps == (Gap.TOOLS,)
    assert len(turns(dialogue)) == 2
    assert isinstance(found[0], Conversation)
    assert (found[0].key, found[0].user) == ("T", "u7")


def test_traces_without_a_thread_are_conversations_of_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, traced(*AGENT))

    assert [len(turns(r.dialogue)) for r in found if isinstance(r, Conversation)] == [1, 1]


def test_a_runs_own_session_is_its_project_and_no_thread(tmp_path: Path) -> None:
    rows = [row | {"session_id": "same"} for row in traced(*AGENT)]

    assert len(read(tmp_path, rows)) == 2


def run(n: int, inputs: Any, outputs: Any, **more: Any) -> dict[str, Any]:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
    made = Run(
        id=UUID(int=n),
        name="ChatOpenAI",
        run_type="llm",
        start_time=start,
        end_time=start,
        inputs=inputs,
        outputs=outputs,
        trace_id=more.pop("trace_id", UUID(int=99)),
        **more,
    )
    return made.model_dump(mode="json")


def asks(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    said = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    return {"messages": said, "tools": [{"type": "function", "function": {"name": "f"}}]}


def says(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"model": "m", "choices": [{"finish_reason": "stop", "message": message}]}


def test_another_sample_and_a_context_that_was_cut_begin_anew(tmp_path: Path) -> None:
    rows = [
        run(1, asks("a"), says("b")),
        run(2, asks("a"), says("B")),
        run(3, asks("a", "b", "c"), says("d")),
        run(4, asks("c", "d", "e"), says("f")),
    ]

    found = [r for r in read(tmp_path, rows) if isinstance(r, Conversation)]

    assert [[m.content for m in r.dialogue.messages] for r in found] == [
        ["a", "b", "c", "d"],
        ["a", "B"],
        ["c", "d", "e", "f"],
    ]
    assert [len(turns(r.dialogue)) for r in found] == [2, 1, 1]
    assert len({r.key for r in found}) == 3


def test_a_call_within_a_call_is_the_same_call(tmp_path: Path) -> None:
    outer = run(1, {"messages": [[{"type": "human", "content": "a"}]]}, {"output": "b"})
    inner = run(2, asks("a"), says("b"), parent_run_id=UUID(int=1))

    assert only(read(tmp_path, [outer, inner])).tools != ()


def test_what_runs_within_a_tool_is_a_subagents(tmp_path: Path) -> None:
    within = run(2, {"x": 1}, {"output": "r"}) | {"run_type": "tool"}
    inner = run(3, asks("sub"), says("r"), parent_run_id=UUID(int=2))

    main, sub = read(tmp_path, [run(1, asks("a"), says("b")), within, inner])

    assert isinstance(main, Conversation)
    assert isinstance(sub, Conversation)
    assert "subagent" not in main.dialogue.tags
    assert sub.dialogue.tags["subagent"] == "true"


def feedback(n: int, key: str, kind: str = "app", **more: Any) -> dict[str, Any]:
    source = FeedbackSourceBase(type=kind)
    made = Feedback(
        id=UUID(int=100 + n),
        run_id=UUID(int=n) if n else None,
        trace_id=UUID(int=99),
        key=key,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        modified_at=datetime(2026, 1, 2, tzinfo=UTC),
        feedback_source=source,
        **more,
    )
    return made.model_dump(mode="json")


def test_feedback_becomes_labels_on_the_message_it_is_about(tmp_path: Path) -> None:
    counted = {"good": {"n": 1, "avg": 1.0}, "thumb": {"n": 2, "avg": 0.5}}
    rows = [
        feedback(3, "good", score=True),
        run(1, asks("a"), says("b")),
        run(3, asks("a", "b", "c"), says("d"), feedback_stats=counted),
        feedback(0, "tone", value="calm", kind="model"),
        feedback(1, "note", comment="free text"),
        feedback(1, "pick", kind="api", score=0.5),
    ]

    assert set(only(read(tmp_path, rows)).labels) == {
        Label(name="good", value=True, message=3, by="human"),
        Label(name="tone", value="calm", by="tone"),
        Label(name="pick", value=0.5, message=1, by="api"),
        Label(name="thumb", value=0.5, message=3),
    }


def test_a_call_that_failed_or_is_not_there_is_a_failure(tmp_path: Path) -> None:
    rows = [
        run(1, asks("a"), says("b"), error="boom: secret"),
        run(2, asks("a"), None),
        run(3, {}, says("b")),
        run(4, asks("a"), says("b"), status="error"),
    ]

    found = read(tmp_path, [*rows, run(5, asks("a"), says("b"))])

    assert [r.line for r in found if isinstance(r, Failure)] == [1, 2, 3, 4]
    assert len(found) == 5
    assert not any("secret" in r.reason for r in found if isinstance(r, Failure))


def test_runs_inside_runs_and_pages_of_runs_are_read(tmp_path: Path) -> None:
    inner = run(2, asks("a"), says("b"), parent_run_id=UUID(int=1))
    root = run(1, {"input": "a"}, {"output": "b"}, child_runs=None) | {"run_type": "chain"}

    by_tree = read(tmp_path, root | {"child_runs": [inner]})
    by_page = read(tmp_path, {"runs": [root, inner], "cursors": {}})

    assert only(by_tree).messages == only(by_page).messages
    assert len(only(by_tree).messages) == 2


def test_columns_of_a_table_hold_objects_as_text(tmp_path: Path) -> None:
    row = run(1, asks("a"), says("b"), extra={"metadata": {"thread_id": 7, "ls_max_tokens": 9}})
    texts = {name: json.dumps(row[name]) for name in ("inputs", "outputs", "extra")}

    found = read(tmp_path, row | texts)

    assert only(found).settings == {"max_tokens": 9}
    assert isinstance(found[0], Conversation)
    assert found[0].key == "7"


def test_a_threads_messages_are_one_conversation_that_is_all_its_own(tmp_path: Path) -> None:
    messages = [{"type": "human", "content": "a"}, {"type": "ai", "content": "b"}]

    found = read(tmp_path, {"thread_id": "T", "messages": messages, "metadata": {"plan": "gold"}})
    dialogue = only(found)

    assert [m.content for m in dialogue.messages] == ["a", "b"]
    assert (dialogue.own_from, dialogue.tags) == (0, {"plan": "gold"})


def test_parents_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    chain = {"run_type": "chain"}
    rows = [
        run(1, asks("a"), says("b"), parent_run_id=UUID(int=2)),
        run(2, {"x": 1}, {"x": 1}, parent_run_id=UUID(int=3)) | chain,
        run(3, {"x": 1}, {"x": 1}, parent_run_id=UUID(int=2)) | chain,
    ]

    assert len(only(read(tmp_path, rows)).messages) == 2


def test_a_log_of_other_runs_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is empty"):
        read(tmp_path, run(1, {"x": 1}, {"x": 1}) | {"run_type": "embedding"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = (
    *("id", "name", "run_type", "trace_id", "parent_run_id", "inputs", "outputs", "extra", "key"),
    *("child_runs", "runs", "feedback_stats", "run_id", "score", "feedback_source", "thread_id"),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES), min_size=1, max_size=3))
def test_any_value_in_any_field_is_read_or_a_failure(
    tmp_path_factory: pytest.TempPathFactory, extra: list[dict[str, Any]]
) -> None:
    good = run(1, asks("a"), says("b"))
    records = [*({**good, **more} for more in extra), feedback(1, "k", score=1) | extra[0]]

    found = read(tmp_path_factory.mktemp("any"), [*records, good | {"trace_id": "z", "id": "z"}])

    assert "z" in {r.key for r in found if isinstance(r, Conversation)}


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (b'{"id": "r", "run_type": "chain", "dotted_order": "2", "inputs": {"a": "cut o', True),
        (b'{"runs": [{"id": "r", "run_type": "llm", "trace_id": "t"', True),
        (b'{"id": "f", "run_id": "r", "key": "good", "score": 1}', True),
        (b'{"thread_id": "t", "messages": [{"type": "human", "content": "a"}]}', True),
        (b'{"thread_id": "t", "messages": [{"role": "user", "content": "a"}]}', False),
        (b'{"messages": [{"role": "user", "content": "run_type, dotted_order, id"}]}', False),
        (b'{"text": "{\\"id\\": 1, \\"run_type\\": 2, \\"trace_id\\": 3}"}', False),
    ],
)
def test_only_fields_of_runs_and_feedback_are_recognized(head: bytes, known: bool) -> None:
    assert LangSmith.recognizes(head) is known
