"""WildChat."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.readers.wildchat import WildChat
from foretaste.records import Conversation, Failure, Gap, Label, Message
from formats.columns import as_parquet
from formats.wildchat import moderation, record
from formats.writing import as_lines


def every(path: Path, *records: dict[str, Any], **options: Any) -> list[Conversation | Failure]:
    (path / "log").write_bytes(as_parquet(list(records)))
    return list(WildChat(path=str(path / "log"), **options)())


def one(path: Path, **more: Any) -> Conversation:
    (found,) = every(path, record(0) | more)
    assert isinstance(found, Conversation)
    return found


def test_a_row_of_the_million_is_a_conversation_with_its_user_and_labels(tmp_path: Path) -> None:
    found = one(tmp_path, openai_moderation=[moderation(flagged=True), moderation(flagged=False)])

    assert (found.key, found.user) == ("k0", "a1")
    assert found.dialogue.messages == (
        Message(role="user", content="q0"),
        Message(role="assistant", content="é0"),
    )
    assert found.dialogue.started_at == datetime(2023, 4, 9, 0, 2, 53, tzinfo=UTC)
    assert found.dialogue.tags == {
        "country": "Germany",
        "language": "English",
        "redacted": "false",
        "toxic": "false",
        "turn": "1",
    }
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.SETTINGS)
    assert found.dialogue.labels[:2] == (
        Label(name="flagged", value=True, message=0, by="openai-moderation"),
        Label(name="harassment", value=True, message=0, by="openai-moderation"),
    )
    assert found.dialogue.labels[-1] == Label(name="toxicity", value=0.5, message=1, by="detoxify")


def test_the_first_wildchat_has_other_names_and_no_users(tmp_path: Path) -> None:
    row = record(0)
    row["conversation_id"] = row.pop("conversation_hash")
    del row["hashed_ip"]
    row["conversation"] = [
        {"role": m["role"], "content": m["content"]} for m in row["conversation"]
    ]

    (found,) = every(tmp_path, row)

    assert isinstance(found, Conversation)
    assert (found.key, found.user) == ("k0", None)
    assert Gap.USER in found.dialogue.gaps


def test_the_largest_one_holds_settings_and_what_reasoning_cost(tmp_path: Path) -> None:
    usage = {"completion_tokens_details": {"reasoning_tokens": 12}}
    asked = {"role": "user", "content": "q", "timestamp": "2025-01-01T00:00:00+00:00"}
    said = {"role": "assistant", "content": "a", "temperature": 1.0, "top_p": 0.5, "usage": usage}

    found = one(tmp_path, conversation=[asked, said], model="o1-mini")

    assert found.dialogue.settings == {"temperature": 1.0, "top_p": 0.5}
    assert found.dialogue.started_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.REASONING)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"conversation": None}, "wrong shape"),
        ({"conversation": []}, "no messages"),
        ({"conversation": [{"role": "secret", "content": ""}]}, "unknown role"),
        ({"timestamp": "secret"}, "time"),
    ],
)
def test_a_row_without_a_conversation_is_a_failure(
    more: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    (found,) = every(tmp_path, record(0) | more)

    assert isinstance(found, Failure)
    assert reason in found.reason
    assert "secret" not in found.reason


def test_wrong_types_beside_the_conversation_cost_nothing(tmp_path: Path) -> None:
    odd = {"openai_moderation": 7, "hashed_ip": 7, "language": 1.5, "detoxify_moderation": "x"}

    assert one(tmp_path, **odd).key == "k0"


def test_rows_can_be_chosen_by_their_tags(tmp_path: Path) -> None:
    rows = [record(0), record(1) | {"language": "German"}]

    found = every(tmp_path, *rows, where={"language": "German"})

    assert [each.key for each in found if isinstance(each, Conversation)] == ["k1"]


def test_a_damaged_file_among_good_ones_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(as_parquet([record(0)]))
    (tmp_path / "b").write_bytes(b"PAR1 secret")
    (tmp_path / "c").write_bytes(as_parquet([{"price": 1}]))

    found = list(WildChat(path=str(tmp_path))())

    assert [each.source for each in found] == ["a", "b", "c"]
    assert [each.reason for each in found if isinstance(each, Failure)] == [
        "log file 'b' is a Parquet file that is damaged or cut off",
        "file in another format",
    ]


def test_lines_are_recognized_though_the_first_conversation_is_long() -> None:
    row = record(0)
    row["conversation_id"] = row.pop("conversation_hash")
    row["conversation"][0]["content"] = "x" * 100_000
    order = ("conversation_id", "model", "timestamp", "conversation")

    assert WildChat.recognizes(as_lines([{name: row[name] for name in order}])[: 64 << 10])
