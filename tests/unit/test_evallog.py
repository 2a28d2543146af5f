import io
import json
import zipfile

import pytest

from foretaste.evallog import Archive, message_of
from foretaste.records import Message, ToolCall

SPEC = {"task": "t", "model": "m"}


def sample(number: int) -> dict[str, object]:
    messages = [message_of(Message(role="user", content="Hi"), "1")]
    return {"id": number, "epoch": 1, "messages": messages, "metadata": {"a": 1, "b": 2}}


def read(stream: io.BytesIO, name: str) -> object:
    with zipfile.ZipFile(stream) as archive:
        return json.loads(archive.read(name))


def test_an_archive_has_its_samples_their_summaries_and_a_header() -> None:
    stream = io.BytesIO()
    with Archive(stream, SPEC, shown=frozenset({"a"})) as archive:
        archive.add(sample(1))
        archive.add(sample(2))
    header = read(stream, "header.json")

    assert isinstance(header, dict)
    assert header["eval"] == SPEC
    assert header["results"]["total_samples"] == 2
    summaries = read(stream, "summaries.json")
    assert isinstance(summaries, list)
    assert [each["id"] for each in summaries] == [1, 2]
    assert summaries[0]["metadata"] == {"a": 1}
    assert read(stream, "samples/2_epoch_1.json") == sample(2)


def test_an_archive_that_was_not_finished_does_not_look_whole() -> None:
    stream = io.BytesIO()

    def fail() -> None:
        with Archive(stream, SPEC) as archive:
            archive.add(sample(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with zipfile.ZipFile(stream) as found:
        assert "header.json" not in found.namelist()


def test_a_message_carries_reasoning_and_calls() -> None:
    call = ToolCall(id="c", name="get", arguments='{"a":1}')
    message = Message(role="assistant", content="So.", reasoning="hm", tool_calls=(call,))
    found = message_of(message, "n")

    assert found["content"][0] == {"type": "reasoning", "reasoning": "hm"}
    assert found["tool_calls"][0]["arguments"] == {"a": 1}
