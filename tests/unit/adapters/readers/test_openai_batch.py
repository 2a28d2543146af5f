"""OpenAI batches; answers are made by OpenAI's own library."""

import json
from pathlib import Path
from typing import Any

from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from foretaste.adapters.readers.openai_batch import OpenAIBatch
from foretaste.records import Conversation, Failure, Gap


def asked(key: str, text: str = "hi", url: str = "/v1/chat/completions") -> dict[str, Any]:
    body: dict[str, Any] = {"model": "m", "temperature": 0.5}
    body |= {"messages": [{"role": "user", "content": text}]}
    if url == "/v1/responses":
        body = {"model": "m", "instructions": "be kind", "input": text}
    return {"custom_id": key, "method": "POST", "url": url, "body": body}


def completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    made = ChatCompletion.model_validate(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "m-1",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        }
    )
    dumped: dict[str, Any] = made.model_dump(mode="json")
    return dumped


def got(key: str, text: str = "hello", **more: Any) -> dict[str, Any]:
    response = {"status_code": 200, "request_id": "r", "body": completion(text)}
    return {"id": "batch_req_1", "custom_id": key, "response": response, "error": None} | more


def read(folder: Path, **files: list[dict[str, Any]]) -> list[Conversation | Failure]:
    for name, records in files.items():
        place = folder / name.replace("__", "/")
        place.parent.mkdir(exist_ok=True)
        place.write_text("".join(json.dumps(each) + "\n" for each in records))
    return list(OpenAIBatch(path=str(folder))())


def texts(found: list[Conversation | Failure]) -> list[list[str] | str]:
    return [
        each.reason
        if isinstance(each, Failure)
        else [message.content for message in each.dialogue.messages]
        for each in found
    ]


def test_input_and_output_are_joined_whatever_their_order(tmp_path: Path) -> None:
    found = read(tmp_path, input=[asked("a", "1"), asked("b", "2")], output=[got("b"), got("a")])

    assert texts(found) == [["1", "hello"], ["2", "hello"]]
    first = found[0]
    assert isinstance(first, Conversation)
    assert (first.key, first.source, first.line) == ("a", "input", 1)
    assert (first.dialogue.model, first.dialogue.settings) == ("m-1", {"temperature": 0.5})
    assert first.dialogue.own_from == 1


def test_responses_are_read_as_responses(tmp_path: Path) -> None:
    part = {"type": "output_text", "text": "hello", "annotations": []}
    message = {"type": "message", "id": "m", "role": "assistant", "status": "completed"}
    body = Response.model_validate(
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_760_000_000,
            "status": "completed",
            "model": "m-1",
            "output": [message | {"content": [part]}],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
    ).model_dump(mode="json")
    result = got("a", response={"status_code": 200, "body": body})
    (found,) = read(tmp_path, i=[asked("a", url="/v1/responses")], o=[result])

    assert texts([found]) == [["be kind", "hi", "hello"]]
    assert isinstance(found, Conversation)
    assert (found.key, Gap.TRUNCATED in found.dialogue.gaps) == ("a", False)


def test_what_has_no_other_half_fails_with_what_to_do(tmp_path: Path) -> None:
    found = texts(read(tmp_path, input=[asked("a")], output=[got("b")]))

    assert found == [
        "no result of this request is in the log",
        "its request is not in the log; put the batch's input file beside its output",
    ]


def test_calls_that_failed_are_failures_unless_a_later_try_went_well(tmp_path: Path) -> None:
    expired = got("a", response=None, error={"code": "batch_expired", "message": "secret"})
    refused = got("b", response={"status_code": 429, "body": {"error": {"message": "secret"}}})
    found = read(
        tmp_path, input=[asked("a"), asked("b")], errors=[expired, refused], retried=[got("a")]
    )

    assert texts(found) == [["hi", "hello"], "the call failed"]


def test_a_custom_id_of_two_batches_is_told_apart_by_folder(tmp_path: Path) -> None:
    apart = {"x__i": [asked("a", "1")], "x__o": [got("a", "one")]}
    apart |= {"y__i": [asked("a", "2")], "y__o": [got("a", "two")]}

    assert texts(read(tmp_path / "", **apart)) == [["1", "one"], ["2", "two"]]


def test_a_custom_id_of_two_requests_in_one_folder_is_ambiguous(tmp_path: Path) -> None:
    found = read(tmp_path, i=[asked("a", "1")], j=[asked("a", "2")], o=[got("a")])

    assert texts(found) == [
        "several requests have its custom_id; put each batch into a folder of its own"
    ]


def test_embeddings_are_no_conversations(tmp_path: Path) -> None:
    embedding = asked("a") | {"url": "/v1/embeddings", "body": {"input": "hi"}}

    assert len(read(tmp_path, i=[embedding, asked("b")], o=[got("a"), got("b")])) == 1


def test_other_formats_are_not_taken_for_it() -> None:
    for other in (
        b'{"custom_id":"a","params":{"messages":[]}}',
        b'{"custom_id":"a","result":{"type":"succeeded"}}',
        b'{"messages":[{"role":"user","content":"custom_id body"}]}',
    ):
        assert not OpenAIBatch.recognizes(other)
