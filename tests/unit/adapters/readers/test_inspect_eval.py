import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.event import ModelEvent, ToolEvent
from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalSample,
    EvalSampleLimit,
    EvalSpec,
    ProvenanceData,
    write_eval_log,
)
from inspect_ai.log._condense import condense_sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelConfig,
    ModelOutput,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall as InspectCall
from inspect_ai.tool import ToolInfo, ToolParam, ToolParams

from foretaste.adapters.readers.detect import detect
from foretaste.adapters.readers.inspect_eval import InspectEval
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.errors import LogError
from foretaste.records import Conversation, Failure, Gap, Label, Stop
from formats.inspect_eval import HEADER, as_archive, as_plain, record, zstd_zip

LONG = "long " * 60  # longer than what Inspect leaves in place
FORMATS = pytest.mark.parametrize("ending", ["eval", "json"])


def sample(n: int = 1, epoch: int = 1, **more: Any) -> EvalSample:
    """As Inspect makes it of a run with one tool, its long texts moved away."""
    asked: list[ChatMessage] = [ChatMessageSystem(content="s"), ChatMessageUser(content=LONG)]
    call = InspectCall(id="c", function="add", arguments={"x": 1})
    called = ChatMessageAssistant(content="", tool_calls=[call], model="m/x")
    result = ChatMessageTool(content="1", tool_call_id="c", function="add")
    answer = ChatMessageAssistant(content=f"done {LONG}", model="m/x")
    parameters = ToolParams(properties={"x": ToolParam(type="integer")}, required=["x"])
    told: dict[str, Any] = {
        "tools": [ToolInfo(name="add", description=f"Add {LONG}", parameters=parameters)],
        "tool_choice": "auto",
        "config": GenerateConfig(temperature=0.5, max_tokens=100, max_connections=7),
    }
    judged = ModelEvent(
        model="judge",
        role="grader",
        input=[ChatMessageUser(content="right?")],
        tools=[],
        tool_choice="auto",
        config=GenerateConfig(temperature=0.0),
        output=ModelOutput.from_content("judge", "yes"),
    )
    events = [
        ModelEvent(
            model="m/x", input=asked, output=ModelOutput.from_message(called, "tool_calls"), **told
        ),
        ToolEvent(id="c", function="add", arguments={"x": 1}, result="1", working_time=1.5),
        ModelEvent(
            model="m/x",
            input=[*asked, called, result],
            output=ModelOutput.from_message(answer, "stop"),
            **told,
        ),
        judged,
    ]
    given: dict[str, Any] = {
        "id": f"s/{n}",
        "epoch": epoch,
        "input": "q",
        "target": "3",
        "messages": [*asked, called, result, answer],
        "output": ModelOutput.from_message(answer, "stop"),
        "scores": {"match": Score(value="C"), "unscored": Score(value=float("nan"))},
        "metadata": {"draw": n % 2},
        "events": events,
        "uuid": f"k{n}-{epoch}",
        "started_at": "2026-01-01T00:00:00+00:00",
    }
    return condense_sample(EvalSample(**(given | more)))


def logged(folder: Path, ending: str, *samples: EvalSample) -> Path:
    about = EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task="adding",
        dataset=EvalDataset(name="d"),
        model="m/general",
        model_roles={"grader": ModelConfig(model="judge")},
        config=EvalConfig(),
    )
    path = folder / f"log.{ending}"
    log = EvalLog(eval=about, status="success", samples=list(samples))
    write_eval_log(log, str(path), format="eval" if ending == "eval" else "json")
    return path


def read(path: Path) -> list[Conversation | Failure]:
    return list(InspectEval(path=str(path))())


def one(path: Path) -> Conversation:
    (found,) = read(path)
    assert isinstance(found, Conversation)
    return found


@FORMATS
def test_a_log_that_inspect_wrote_is_read_whole(ending: str, tmp_path: Path) -> None:
    path = logged(tmp_path, ending, sample())
    found = one(path)

    assert detect(str(path), {"i": InspectEval, "o": OpenAIChat}) == "i"
    said = found.dialogue
    assert [m.role for m in said.messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert [m.content for m in said.messages] == ["s", LONG, "", "1", f"done {LONG}"]
    assert said.messages[3].seconds == 1.5
    assert said.settings == {"temperature": 0.5, "max_tokens": 100}
    (tool,) = said.tools
    assert tool["function"]["description"] == f"Add {LONG}"
    assert tool["function"]["parameters"]["properties"] == {"x": {"type": "integer"}}
    assert (said.model, said.stop, found.key) == ("m/x", Stop.FINAL, "k1-1")
    assert said.tags == {
        "draw": "1",
        "epoch": "1",
        "role_grader": "judge",
        "sample": "s/1",
        "task": "adding",
    }
    assert said.labels == (Label(name="match", value="C", by="match"),)
    assert said.gaps == (Gap.USER,)


@FORMATS
def test_each_epoch_is_a_conversation_of_its_own(ending: str, tmp_path: Path) -> None:
    found = read(logged(tmp_path, ending, sample(1), sample(2), sample(1, epoch=2)))

    every = [each for each in found if isinstance(each, Conversation)]
    assert sorted((c.dialogue.tags["sample"], c.dialogue.tags["epoch"]) for c in every) == [
        *(("s/1", "1"), ("s/1", "2"), ("s/2", "1")),
    ]
    assert [each.line for each in every] == [1, 2, 3]


@FORMATS
def test_messages_are_taken_from_events_where_the_sample_has_none(
    ending: str, tmp_path: Path
) -> None:
    whole = sample()
    events = whole.events[:3]
    without = whole.model_copy(update={"messages": [], "events": events})

    found = one(logged(tmp_path, ending, without))

    assert [m.content for m in found.dialogue.messages] == ["s", LONG, "", "1", f"done {LONG}"]


@FORMATS
def test_a_score_that_a_person_set_says_so(ending: str, tmp_path: Path) -> None:
    from inspect_ai.scorer._metric import ScoreEdit

    by_hand = ScoreEdit(value=1, provenance=ProvenanceData(author="ann"))
    noted = ScoreEdit(explanation="hm", provenance=ProvenanceData(author="ann"))
    scores = {
        "graded": Score(value=1, history=[ScoreEdit(value=0), by_hand]),
        "noted": Score(value=0.5, history=[ScoreEdit(value=0.5), noted]),
        "parts": Score(value={"a": True, "b": 2, "c": None}),
    }

    found = one(logged(tmp_path, ending, sample(scores=scores)))

    assert found.dialogue.labels == (
        Label(name="graded", value=1.0, by="human"),
        Label(name="noted", value=0.5, by="noted"),
        Label(name="parts/a", value=True, by="parts"),
        Label(name="parts/b", value=2.0, by="parts"),
    )


@FORMATS
@pytest.mark.parametrize(
    ("kind", "stop"),
    [
        ("token", Stop.TOKEN_LIMIT),
        ("time", Stop.TIME_LIMIT),
        ("message", Stop.TURN_LIMIT),
        ("context", Stop.LENGTH),
        ("operator", Stop.UNKNOWN),
    ],
)
def test_a_limit_is_how_it_ended(ending: str, kind: Any, stop: Stop, tmp_path: Path) -> None:
    limited = sample(limit=EvalSampleLimit(type=kind, limit=5))

    found = one(logged(tmp_path, ending, limited))

    assert (found.dialogue.stop, found.dialogue.tags["limit"]) == (stop, kind)


@FORMATS
def test_a_sample_that_failed_before_any_answer_is_a_failure(ending: str, tmp_path: Path) -> None:
    error = EvalError(message="secret", traceback="", traceback_ansi="")
    asked = [ChatMessageUser(content="q")]
    early = sample(1, messages=asked, events=[], output=ModelOutput(), error=error)
    late = sample(2, error=error)

    found = read(logged(tmp_path, ending, early, late))

    assert [each.reason for each in found if isinstance(each, Failure)] == ["the sample failed"]
    (kept,) = [each for each in found if isinstance(each, Conversation)]
    assert kept.dialogue.tags["error"] == "true"
    assert kept.dialogue.stop is Stop.UNKNOWN


def test_the_log_s_own_settings_hold_where_no_event_has_any(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(as_archive([record(0) | {"events": []}]))

    assert one(path).dialogue.settings == {"temperature": 0.5}


def test_an_archive_that_was_never_finished_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    start = json.dumps(HEADER).encode()
    made = json.dumps(record(0)).encode()
    path.write_bytes(zstd_zip({"_journal/start.json": start, "samples/0_epoch_1.json": made}))

    assert one(path).dialogue.tags["task"] == "t"


def test_a_sample_with_damage_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = bytearray(as_archive([record(n) for n in range(3)]))
    spot = whole.index(b"samples/1_epoch_1.json") + 60
    whole[spot : spot + 4] = b"\0\0\0\0"
    path.write_bytes(whole)

    found = read(path)

    assert [each.line for each in found if isinstance(each, Failure)] == [2]
    assert [each.key for each in found if isinstance(each, Conversation)] == ["k0", "k2"]


def test_an_archive_that_is_cut_off_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    whole = as_archive([record(n) for n in range(3)])
    path.write_bytes(whole[: len(whole) // 2])

    assert [each.reason for each in read(path) if isinstance(each, Failure)] == [
        "file cut off or damaged: File is not a zip file"
    ]


def test_one_bad_archive_of_several_costs_no_other(tmp_path: Path) -> None:
    whole = as_archive([record(0)])
    (tmp_path / "a.eval").write_bytes(whole)
    (tmp_path / "b.eval").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c.json").write_bytes(as_plain([record(1)]))

    found = read(tmp_path)

    assert [each.key for each in found if isinstance(each, Conversation)] == ["k0", "k1"]
    assert [each.source for each in found if isinstance(each, Failure)] == ["b.eval"]


def test_a_damaged_header_is_told_and_costs_no_sample(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(as_plain([record(0), record(1)]).replace(b'"task"', b'"task'))

    found = read(path)

    assert [each.key for each in found if isinstance(each, Conversation)] == ["k0", "k1"]
    assert "header" in next(each.reason for each in found if isinstance(each, Failure))


def test_a_log_without_samples_is_empty(tmp_path: Path) -> None:
    for name, data in (("a", as_plain([])), ("b", as_archive([]))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LogError, match="is empty"):
            read(tmp_path / name)


def test_references_to_a_pool_cannot_blow_up(tmp_path: Path) -> None:
    made = record(0)
    made["messages"] = []
    made["events"][0]["input_refs"] = [[0, 1_000_000]]
    path = tmp_path / "log"
    path.write_bytes(as_archive([made, record(1)]))

    assert [each.reason for each in read(path) if isinstance(each, Failure)] == [
        "more than 100000 messages"
    ]
