"""Objects of SDKs as plain JSON."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from foretaste.adapters.histories.plain import heard, plain
from foretaste.dialects.said import Said, Unreadable


class Model(BaseModel):
    text: str
    left_out: int | None = None


@dataclass
class Block:
    inner: Model


def test_objects_are_written_out_however_deep() -> None:
    assert plain([{"a": (Block(Model(text="x")),)}]) == [{"a": [{"inner": {"text": "x"}}]}]


def test_what_is_no_json_is_refused_without_being_quoted() -> None:
    circle: list[Any] = []
    circle.append(circle)

    for value in (circle, object(), [lambda: "secret"]):
        with pytest.raises(Unreadable, match=r"^the history holds something that is no JSON$"):
            plain(value)


def test_nothing_said_is_no_conversation() -> None:
    with pytest.raises(Unreadable, match="no message"):
        heard("chat", Said(()))
