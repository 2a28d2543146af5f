"""LMSYS-Chat-1M."""

from pathlib import Path

from foretaste.adapters.readers.lmsys import LMSYS
from foretaste.adapters.readers.wildchat import WildChat
from foretaste.records import Conversation, Failure, Gap
from formats.columns import as_parquet
from formats.lmsys import record
from formats.wildchat import record as wild


def test_a_row_is_a_conversation_with_its_model_and_labels(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(as_parquet([record(0)]))

    (found,) = LMSYS(path=str(tmp_path / "log"))()

    assert isinstance(found, Conversation)
    assert (found.key, found.user, found.dialogue.model) == ("k0", None, "vicuna-13b")
    assert [message.content for message in found.dialogue.messages] == ["q0", "é0"]
    assert found.dialogue.tags == {"language": "English", "redacted": "false", "turn": "1"}
    assert found.dialogue.gaps == (Gap.SYSTEM, Gap.SETTINGS, Gap.TIME, Gap.USER)
    assert [(label.name, label.value, label.message) for label in found.dialogue.labels] == [
        ("flagged", True, 0),
        ("harassment", True, 0),
        ("flagged", False, 1),
    ]


def test_a_row_without_messages_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(as_parquet([record(0) | {"conversation": []}]))

    (found,) = LMSYS(path=str(tmp_path / "log"))()

    assert isinstance(found, Failure)
    assert found.reason == "no messages"


def test_its_columns_are_not_those_of_wildchat() -> None:
    names, others = frozenset(record(0)), frozenset(wild(0))

    assert LMSYS.recognizes_columns(names)
    assert not LMSYS.recognizes_columns(others)
    assert not WildChat.recognizes_columns(names)
