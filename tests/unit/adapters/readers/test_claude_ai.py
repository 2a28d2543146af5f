"""The export of Claude.ai, written by hand from its schema."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.claude_ai import ClaudeAI
from foretaste.adapters.readers.detect import detect
from foretaste.errors import PlanError
from foretaste.records import Conversation, Failure, Gap, Label
from foretaste.turns import turns


def said(uuid: str, sender: str, text: str, after: str | None = "root", **more: Any) -> Any:
    parts = [{"type": "text", "text": text}]
    about = {"uuid": uuid, "sender": sender, "text": text, "content": parts}
    return {**about, "attachments": [], "files": [], "parent_message_uuid": after, **more}


def conversation(*messages: Any, **more: Any) -> dict[str, Any]:
    about = {"uuid": "c1", "name": "Tea", "created_at": "2026-01-02T03:04:05Z"}
    return {**about, "account": {"uuid": "me"}, "chat_messages": list(messages), **more}


def every(tmp_path: Path, *found: Any, **options: Any) -> list[Conversation | Failure]:
    (tmp_path / "conversations.json").write_text(json.dumps(list(found)))
    return list(ClaudeAI(path=str(tmp_path), **options)())


def one(tmp_path: Path, *messages: Any, **more: Any) -> Conversation:
    (found,) = every(tmp_path, conversation(*messages, **more))
    assert isinstance(found, Conversation), found
    return found


QUESTION = said("u1", "human", "Tea?")


def test_the_archive_is_read_and_what_lies_beside_the_conversations_is_no_failure(
    tmp_path: Path,
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", '[{"uuid": "me"}]')
        archive.writestr("projects.json", "[]")
        rows = [conversation(QUESTION, said("a1", "assistant", "Yes.", "u1"))]
        archive.writestr("conversations.json", json.dumps(rows))

    (found,) = ClaudeAI(path=str(path))()

    assert isinstance(found, Conversation)
    assert detect(str(path), {"claude-ai": ClaudeAI}) == "claude-ai"
    assert (found.key, found.user) == ("c1", "me")
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.MODEL)


def test_the_way_that_was_gone_last_is_read(tmp_path: Path) -> None:
    old, new = said("a1", "assistant", "Old.", "u1"), said("a2", "assistant", "New.", "u1")

    last = one(tmp_path, QUESTION, old, new)
    chosen = one(tmp_path, QUESTION, old, new, current_leaf_message_uuid="a1")

    assert [m.content for m in last.dialogue.messages] == ["Tea?", "New."]
    assert [m.content for m in chosen.dialogue.messages] == ["Tea?", "Old."]


def test_every_branch_is_read_if_asked_and_what_they_share_counts_once(tmp_path: Path) -> None:
    rows = [
        *(QUESTION, said("a1", "assistant", "Yes.", "u1"), said("u2", "human", "Milk?", "a1")),
        *(said("a2", "assistant", "No.", "u2"), said("a3", "assistant", "Some.", "u2")),
    ]

    found = every(tmp_path, conversation(*rows), branches="all")

    counted = [len(turns(c.dialogue)) for c in found if isinstance(c, Conversation)]
    assert [c.key for c in found if isinstance(c, Conversation)] == ["c1", "c1:a2"]
    assert counted == [2, 1]


def test_text_of_attached_files_stands_before_the_question(tmp_path: Path) -> None:
    notes = {"file_name": "notes.txt", "extracted_content": "Buy tea."}
    files = [{"file_name": "notes.txt"}]

    read = one(tmp_path, said("u1", "human", "So?", attachments=[notes], files=files))
    lost = one(tmp_path, said("u1", "human", "So?", files=[{"file_name": "cat.png"}]))

    assert read.dialogue.messages[0].content == "notes.txt\nBuy tea.\nSo?"
    assert Gap.ATTACHMENTS not in read.dialogue.gaps
    assert Gap.ATTACHMENTS in lost.dialogue.gaps


def test_calls_and_results_without_ids_belong_together(tmp_path: Path) -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "tool_use", "name": "search", "input": {"q": 1}},
        {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "r"}]},
        {"type": "token_budget"},
        {"type": "text", "text": "Found."},
    ]

    found = one(tmp_path, QUESTION, said("a1", "assistant", "", "u1", content=blocks)).dialogue

    assert [m.role for m in found.messages] == ["user", "assistant", "tool", "assistant"]
    assert found.messages[1].tool_calls[0].id == found.messages[2].tool_call_id
    assert found.messages[1].reasoning == "hm"


def test_an_older_export_has_text_alone_and_no_tree(tmp_path: Path) -> None:
    rows = [{"uuid": n, "sender": s, "text": n} for n, s in (("a", "human"), ("b", "assistant"))]

    assert [m.content for m in one(tmp_path, *rows).dialogue.messages] == ["a", "b"]


def test_what_the_user_thought_of_an_answer_is_a_label(tmp_path: Path) -> None:
    answer = said("a1", "assistant", "Yes.", "u1", chat_feedback={"type": "downvote"})

    found = one(tmp_path, QUESTION, answer).dialogue

    assert found.labels == (Label(name="feedback", value="downvote", message=1, by="human"),)


def test_a_tree_that_bites_its_tail_is_read_once_around(tmp_path: Path) -> None:
    found = one(tmp_path, said("u1", "human", "a", "a1"), said("a1", "assistant", "b", "u1"))

    assert [m.content for m in found.dialogue.messages] == ["a", "b"]


@pytest.mark.parametrize(
    ("messages", "reason"),
    [([], "no messages"), ([said("u", "robot", "x")], "unknown sender of a message")],
)
def test_what_cannot_be_told_is_a_failure(tmp_path: Path, messages: Any, reason: str) -> None:
    (found,) = every(tmp_path, conversation(*messages))

    assert isinstance(found, Failure)
    assert found.reason == reason


def test_branches_of_another_name_are_refused() -> None:
    with pytest.raises(PlanError, match="branches is 'every'"):
        ClaudeAI(path="log", branches="every")  # type: ignore[arg-type]
