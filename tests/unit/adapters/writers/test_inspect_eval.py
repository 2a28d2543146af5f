from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.log import EvalLog, read_eval_log, read_eval_log_sample_summaries

from contracts.test_writers import conversations, write
from foretaste.records import Conversation, Dialogue, Label, Message, Stop, ToolCall


def opened(path: Path) -> EvalLog:
    return read_eval_log(str(path))


def agent() -> Conversation:
    call = ToolCall(id="c", name="get", arguments='{"a": 1}')
    messages = (
        Message(role="system", content="s"),
        Message(role="user", content="q"),
        Message(role="assistant", content="", tool_calls=(call,), reasoning="hm"),
        Message(role="tool", content="r", tool_call_id="c", name="get"),
        Message(role="assistant", content="done"),
    )
    dialogue = Dialogue(
        messages=messages,
        model="m",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        tags={"task": "airline"},
        stop=Stop.LENGTH,
        labels=(
            Label(name="match", value="C", by="match"),
            Label(name="good", value=True, by="human"),
            Label(name="rude", value=False, message=2),
        ),
    )
    return Conversation(dialogue=dialogue, source="log", line=1, key="k")


def test_inspect_reads_what_was_said_and_scored(tmp_path: Path) -> None:
    log = opened(write("inspect-eval", [agent()], tmp_path / "log.eval"))

    assert (log.status, log.eval.task, log.eval.model) == ("success", "airline", "m")
    assert log.samples is not None
    (sample,) = log.samples
    assert sample.uuid == "k"
    assert [message.role for message in sample.messages] == [
        *("system", "user", "assistant", "tool", "assistant"),
    ]
    called = sample.messages[2]
    assert called.role == "assistant"
    assert called.tool_calls is not None
    assert called.tool_calls[0].arguments == {"a": 1}
    assert sample.output.completion == "done"
    assert sample.output.stop_reason == "max_tokens"
    assert sample.scores is not None
    assert {name: score.value for name, score in sample.scores.items()} == {
        "match": "C",
        "good": True,
    }
    assert sample.metadata["task"] == "airline"


def test_inspect_lists_every_sample(tmp_path: Path) -> None:
    path = write("inspect-eval", [agent(), agent()], tmp_path / "log.eval")

    summaries = read_eval_log_sample_summaries(str(path))

    assert [(each.id, each.epoch, each.message_count) for each in summaries] == [
        (1, 1, 5),
        (2, 1, 5),
    ]


@settings(max_examples=25, deadline=None)
@given(records=st.lists(conversations(), min_size=1, max_size=2))
def test_inspect_opens_whatever_is_written(
    records: list[Conversation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write("inspect-eval", records, tmp_path_factory.mktemp("log") / "log.eval")

    samples = opened(path).samples

    assert samples is not None
    assert [len(sample.messages) for sample in samples] == [
        len(record.dialogue.messages) for record in records
    ]
