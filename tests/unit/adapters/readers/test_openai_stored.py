"""Stored chat completions; pages are made by OpenAI's own library."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai.pagination import SyncCursorPage
from openai.types.chat import ChatCompletion, ChatCompletionStoreMessage

from foretaste.adapters.readers.openai_stored import OpenAIStored
from foretaste.records import Conversation, Failure, Gap


def completion(key: str, text: str = "hello") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    made = ChatCompletion.model_validate(
        {
            "id": key,
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "m-1",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "temperature": 0.5,
            "tools": None,
            "metadata": {"team": "a"},
        }
    )
    dumped: dict[str, Any] = made.model_dump(mode="json")
    return dumped


def message(key: str, text: str, parts: list[Any] | None = None) -> dict[str, Any]:
    # The API sends the roles of requests here, which the library's type does not foresee.
    made = ChatCompletionStoreMessage.model_construct(
        id=key, role="user", content=text, content_parts=parts
    )
    dumped: dict[str, Any] = made.model_dump(mode="json", warnings=False)
    return dumped


def page(*data: dict[str, Any], more: bool = False) -> dict[str, Any]:
    made = SyncCursorPage[Any].model_construct(data=list(data), has_more=more, object="list")
    dumped: dict[str, Any] = made.model_dump(mode="json")
    return dumped


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def read(log: Path, *values: dict[str, Any]) -> list[Conversation | Failure]:
    log.write_text("\n".join(json.dumps(value, indent=2) for value in values))
    assert OpenAIStored.recognizes(log.read_bytes())
    return list(OpenAIStored(path=str(log))())


def test_a_page_of_completions_is_joined_with_pages_of_messages(log: Path) -> None:
    asked = page(message("c-2-0", "a"), message("c-2-1", "b"))
    found = read(
        log, page(completion("c-1"), completion("c-2")), asked, page(message("c-1-0", "x"))
    )

    said = [
        [m.content for m in each.dialogue.messages]
        for each in found
        if isinstance(each, Conversation)
    ]
    assert said == [["x", "hello"], ["a", "b", "hello"]]
    first = found[0]
    assert isinstance(first, Conversation)
    assert (first.key, first.dialogue.model, first.dialogue.own_from) == ("c-1", "m-1", 1)
    assert (first.dialogue.settings, first.dialogue.tags) == ({"temperature": 0.5}, {"team": "a"})


def test_single_completions_and_messages_are_read_alike(log: Path) -> None:
    (found,) = read(log, completion("c-1"), message("c-1-0", "x"))

    assert isinstance(found, Conversation)
    assert [m.content for m in found.dialogue.messages] == ["x", "hello"]


def test_parts_of_a_message_show_what_is_no_text(log: Path) -> None:
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "x"}}]
    (found,) = read(log, completion("c-1"), page(message("c-1-0", "see", parts)))

    assert isinstance(found, Conversation)
    assert found.dialogue.messages[0].content == "see"
    assert Gap.ATTACHMENTS in found.dialogue.gaps


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([completion("c-1")], "fetch /v1/chat/completions/{id}/messages too"),
        ([completion("c-1"), page(message("c-1-0", "a"), more=True)], "fetch the other pages too"),
        ([completion("c-1"), page(message("c-1-1", "b"))], "fetch the other pages too"),
        ([page(message("c-1-0", "a"))], "the completion of these messages is not in the log"),
        ([page({"id": "secret", "role": "user", "content_parts": None})], "neither a completion"),
    ],
)
def test_what_has_no_other_half_fails_with_what_to_do(
    log: Path, values: list[dict[str, Any]], why: str
) -> None:
    (found,) = read(log, *values)

    assert isinstance(found, Failure)
    assert why in found.reason


def test_pages_that_were_fetched_twice_are_read_once(log: Path) -> None:
    asked = page(message("c-1-0", "a"))

    assert len(read(log, completion("c-1"), asked, asked, completion("c-1"))) == 1


def test_other_formats_are_not_taken_for_it() -> None:
    for other in (
        b'{"object":"list","data":[{"object":"response"}]}',
        b'{"object":"chat.completion","messages":[],"choices":[]}',
        b'{"request":{},"response":{"object":"chat.completion","choices":[]}}',
    ):
        assert not OpenAIStored.recognizes(other)
