"""Thumbs up and down."""

import json
from pathlib import Path

from foretaste.adapters.readers.chatgpt.feedback import NAME, ratings


def test_ratings_are_found_by_the_messages_id(tmp_path: Path) -> None:
    rated = [
        {"id": "m1", "conversation_id": "c", "rating": "thumbsUp", "content": "{}"},
        {"message_id": "m2", "id": "other", "rating": "thumbs_down"},
        {"id": "m3", "rating": "odd"},
        {"rating": "thumbsUp"},
        {"id": 7, "rating": []},
        7,
    ]
    (tmp_path / NAME).write_text(json.dumps(rated))
    (tmp_path / "conversations.json").write_text("[]")

    assert ratings(str(tmp_path)) == {"m1": "up", "m2": "down"}


def test_ratings_that_cannot_be_read_rate_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'[{"id": "m1", "rating": "thumbsUp"}, {"id"')

    assert ratings(str(tmp_path)) == {"m1": "up"}
    (tmp_path / NAME).write_bytes(b"PK\x03\x04")
    assert ratings(str(tmp_path)) == {}
    assert ratings("-") == {}
