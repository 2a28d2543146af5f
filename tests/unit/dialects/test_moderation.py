"""Labels from moderation."""

from typing import Any

import pytest

from foretaste.dialects.moderation import labels_of
from foretaste.records import Label

FLAGGED = {"flagged": True, "categories": {"violence": True, "harassment": False}}
CLEAR: dict[str, Any] = {"flagged": False, "categories": {"violence": False}}


def test_each_message_gets_its_flag_its_categories_and_its_toxicity() -> None:
    found = labels_of(2, [CLEAR, FLAGGED], [{"toxicity": 0.25, "threat": 0.1}, {}])

    assert found == (
        Label(name="flagged", value=False, message=0, by="openai-moderation"),
        Label(name="flagged", value=True, message=1, by="openai-moderation"),
        Label(name="violence", value=True, message=1, by="openai-moderation"),
        Label(name="toxicity", value=0.25, message=0, by="detoxify"),
    )


@pytest.mark.parametrize("found", [None, {}, [FLAGGED], [1, None], [{"flagged": 1}, {}]])
def test_findings_that_belong_to_no_message_label_nothing(found: Any) -> None:
    assert labels_of(2, found, found) == ()
