"""ChatGPT exports."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.chatgpt.reader import ChatGPT
from foretaste.adapters.readers.detect import detect
from foretaste.records import Conversation, Failure, Gap, Label
from foretaste.turns import turns
from formats.chatgpt import message, record


def every(path: Path, *records: Any, **options: Any) -> list[Conversation | Failure]:
    (path / "conversations.json").write_text(json.dumps(list(records)))
    return list(ChatGPT(path=str(path / "conversations.json"), **options)())


def node(said: dict[str, Any] | None, parent: str | None) -> dict[str, Any]:
    return {"message": said, "parent": parent, "children": []}


def answer(text: str, model: str) -> dict[str, Any]:
    return message("assistant", text, id=f"m-{text}", metadata={"model_slug": model})


# Asked again of another model, then the prompt was edited; shown is the first answer.
FORKED = record(0) | {
    "mapping": {
        "root": node(None, None),
        "ask": node(message("user", "q"), "root"),
        "one": node(answer("a1", "gpt-4o"), "ask"),
        "two": node(answer("a2", "o3"), "ask"),
        "more": node(message("user", "and?"), "two"),
        "opened": node(None, "more"),
        "edit": node(message("user", "Q"), "root"),
        "three": node(answer("a3", "o3"), "edit"),
    },
    "current_node": "one",
}


def said(found: list[Conversation | Failure]) -> list[list[str]]:
    return [
        [one.content for one in each.dialogue.messages]
        for each in found
        if isinstance(each, Conversation)
    ]


def test_the_path_that_was_shown_is_a_conversation(tmp_path: Path) -> None:
    (found,) = every(tmp_path, FORKED | {"gizmo_id": "g-1"})

    assert isinstance(found, Conversation)
    assert said([found]) == [["q", "a1"]]
    assert (found.key, found.dialogue.model) == ("k0", "gpt-4o")
    assert found.dialogue.started_at == datetime.fromtimestamp(1.7e9, UTC)
    assert found.dialogue.tags == {"gizmo_id": "g-1"}
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.USER)


def test_all_branches_count_no_turn_twice_and_pair_sibling_answers(tmp_path: Path) -> None:
    found = every(tmp_path, FORKED, branches="all")

    assert said(found) == [["q", "a1"], ["q", "a2", "and?"], ["Q", "a3"]]
    conversations = [one for one in found if isinstance(one, Conversation)]
    assert [one.key for one in conversations] == ["k0", "k0#opened", "k0#three"]
    assert [one.dialogue.own_from for one in conversations] == [0, 1, 0]
    assert [one.dialogue.tags for one in conversations] == [
        {},
        {"branch_of": "k0", "fork": "answer", "sibling_model": "gpt-4o"},
        {"branch_of": "k0", "fork": "prompt"},
    ]


def test_turns_before_the_fork_are_not_the_branchs_own(tmp_path: Path) -> None:
    mapping = FORKED["mapping"] | {
        "next": node(message("user", "why?"), "one"),
        "b1": node(answer("b1", "m"), "next"),
        "b2": node(answer("b2", "m"), "next"),
    }
    found = every(tmp_path, FORKED | {"mapping": mapping, "current_node": "b1"}, branches="all")

    counted = [turns(one.dialogue) for one in found if isinstance(one, Conversation)]
    assert [[turn.start for turn in each] for each in counted] == [[1, 3], [1], [1], [3]]


def test_a_branch_that_was_only_opened_is_none(tmp_path: Path) -> None:
    mapping = FORKED["mapping"] | {"empty": node(None, "one"), "also": node(None, "one")}

    found = every(tmp_path, FORKED | {"mapping": mapping}, branches="all")

    assert len(found) == 3


def test_other_roots_are_branches_without_a_fork(tmp_path: Path) -> None:
    mapping = FORKED["mapping"] | {
        "lone": node(message("user", "lone"), None),
        "r2": node(None, ""),
    }

    found = every(tmp_path, FORKED | {"mapping": mapping}, branches="all")

    assert said(found)[-1] == ["lone"]
    assert isinstance(found[-1], Conversation)
    assert (found[-1].key, found[-1].dialogue.tags) == ("k0#lone", {})


@pytest.mark.parametrize("shown", ["nowhere", None, 7])
def test_without_a_current_node_the_latest_path_is_read(shown: Any, tmp_path: Path) -> None:
    late = node(answer("late", "m") | {"create_time": 1.8e9}, "ask")
    mapping = FORKED["mapping"] | {"late": late}

    found = every(tmp_path, FORKED | {"mapping": mapping, "current_node": shown})

    assert said(found) == [["q", "late"]]


def test_a_path_with_a_missing_parent_begins_behind_it(tmp_path: Path) -> None:
    mapping = {name: one for name, one in FORKED["mapping"].items() if name != "root"}

    (found,) = every(tmp_path, FORKED | {"mapping": mapping})

    assert isinstance(found, Conversation)
    assert Gap.TRUNCATED in found.dialogue.gaps


def test_a_circle_is_a_failure_and_costs_no_other_branch(tmp_path: Path) -> None:
    mapping = FORKED["mapping"] | {"x": node(None, "y"), "y": node(None, "x"), "z": node(None, "y")}

    found = every(tmp_path, FORKED | {"mapping": mapping}, branches="all")

    assert len(said(found)) == 3
    assert [one.reason for one in found if isinstance(one, Failure)] == [
        "the messages go round in a circle"
    ]
    (lost,) = every(tmp_path, FORKED | {"mapping": mapping, "current_node": "z"})
    assert isinstance(lost, Failure)


def test_a_bad_message_costs_the_paths_that_hold_it(tmp_path: Path) -> None:
    mapping = FORKED["mapping"] | {"two": node({"author": "secret"}, "ask")}

    found = every(tmp_path, FORKED | {"mapping": mapping}, branches="all")

    assert said(found) == [["q", "a1"], ["Q", "a3"]]
    assert [one.line for one in found if isinstance(one, Failure)] == [1]


@pytest.mark.parametrize("mapping", [{}, {"root": node(None, None)}])
def test_an_empty_conversation_is_a_failure(mapping: Any, tmp_path: Path) -> None:
    (found,) = every(tmp_path, record(0) | {"mapping": mapping}, branches="all")

    assert isinstance(found, Failure)
    assert found.reason == "no messages"


def test_odd_values_beside_the_messages_cost_nothing(tmp_path: Path) -> None:
    odd = {"create_time": "long ago", "conversation_id": 7, "id": "k", "gizmo_id": [1]}

    (found,) = every(tmp_path, record(0) | odd)

    assert isinstance(found, Conversation)
    assert (found.key, found.dialogue.started_at) == ("k", None)


@pytest.mark.parametrize(("slug", "model"), [("gpt-4", "gpt-4"), ("auto", None), (7, None)])
def test_the_conversations_own_model_stands_in(
    slug: Any, model: str | None, tmp_path: Path
) -> None:
    mapping = {"a": node(message("user", "q"), None)}
    only_asked = record(0) | {"mapping": mapping, "current_node": "a", "default_model_slug": slug}

    (found,) = every(tmp_path, only_asked)

    assert isinstance(found, Conversation)
    assert found.dialogue.model == model


def test_the_archive_is_read_with_its_ratings_and_without_its_other_files(tmp_path: Path) -> None:
    rated = [{"id": "m-a1", "rating": "thumbsUp"}, {"id": "m-a3", "rating": "thumbsDown"}]
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("user.json", json.dumps({"id": "user-1", "email": "a@b.c"}))
        archive.writestr("message_feedback.json", json.dumps(rated))
        archive.writestr("chat.html", "<html>")
        archive.writestr("conversations-000.json", json.dumps([FORKED]))
        archive.writestr("conversations-001.json", json.dumps([record(1)]))

    found = list(ChatGPT(path=str(tmp_path / "export.zip"), branches="all")())

    assert detect(str(tmp_path / "export.zip"), {"chatgpt": ChatGPT}) == "chatgpt"
    assert len(found) == 4
    labels = [one.dialogue.labels for one in found if isinstance(one, Conversation)]
    assert labels == [
        (Label(name="rating", value="up", message=1, by="human"),),
        (),
        (Label(name="rating", value="down", message=1, by="human"),),
        (),
    ]


def test_other_data_with_a_mapping_is_not_recognized() -> None:
    assert not ChatGPT.recognizes(b'[{"mapping": {"a": "b"}}]')
    assert not ChatGPT.recognizes(b'[{"nested": {"mapping": {}}}]')
