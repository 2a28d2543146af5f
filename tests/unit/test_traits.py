from typing import Any

import numpy as np
import pytest

from foretaste.records import Message, Prefix
from foretaste.traits import BUCKETS, RARE, Traits, describe, tag_of, traits
from unit.rows import prefix, said, user

ENGLISH = "Could you please tell me how long the train to the airport takes on a Sunday morning?"


def spoken(count: int, **named: str) -> list[Traits]:
    return [Traits(named=named, numbers=(0.0,))] * count


def asked(text: str, **more: Any) -> Prefix:
    return prefix(messages=(user("First"), said(), user(text)), **more)


def test_a_tag_of_the_log_goes_before_the_language_that_is_found() -> None:
    assert tag_of((user(ENGLISH),), {"language": "de"}, "language") == "de"
    assert tag_of((user(ENGLISH),), {}, "language") == "en"
    assert tag_of((user(ENGLISH),), {}, "surface") == "unknown"
    assert tag_of((), {}, "language") == "unknown"


def test_a_prefix_is_described_by_what_stands_before_the_answer() -> None:
    one = traits(asked("weather tomorrow", tags={"surface": "web"}))
    other = traits(asked("weather tomorrow", tags={"surface": "web"}, recorded=(said("Rain."),)))

    assert one == other
    assert one.named["surface"] == "web"
    assert one.numbers[0] == pytest.approx(np.log(3))  # the second question
    assert sum(number > 0 for number in one.numbers[-BUCKETS:]) in (1, 2)


def test_tools_and_a_system_prompt_are_seen() -> None:
    bare = traits(asked("Hello"))
    full = traits(
        prefix(messages=(Message(role="system", content="Be brief."), user()), tools=({"a": 1},))
    )

    assert bare.numbers[3:5] == (0.0, 0.0)
    assert full.numbers[3:5] == (1.0, 1.0)


def test_a_word_falls_into_the_same_bucket_on_every_machine() -> None:
    counts = traits(asked("123456789")).numbers[-BUCKETS:]

    assert counts.index(max(counts)) == 0xCBF43926 % BUCKETS  # CRC-32's published check value


def test_a_long_message_is_not_read_whole() -> None:
    assert (
        traits(asked("word " * 100_000)).numbers[-BUCKETS:]
        == traits(asked("word " * 400)).numbers[-BUCKETS:]
    )


def test_a_value_that_enough_turns_have_is_a_column() -> None:
    found = describe(
        spoken(RARE, surface="web") + spoken(3, surface="app"), spoken(9, surface="web")
    )

    assert found.source.shape == (RARE + 3, 2)
    assert found.source[:, 1].sum() == RARE
    assert found.target[:, 1].tolist() == [1.0] * 9


def test_a_tag_without_a_value_in_common_says_only_which_log_it_is() -> None:
    old = spoken(30, month="10", surface="web")
    new = spoken(30, month="11", surface="web", draft="x")
    found = describe(old, new)

    assert found.apart == ("draft", "month")
    assert found.strange == {}
    assert found.target.shape == (30, 2)


def test_what_only_the_target_has_is_named_with_its_share() -> None:
    old = spoken(90, language="en", surface="web")
    new = spoken(60, language="en", surface="web") + spoken(20, language="ja", surface="voice")
    found = describe(old, new + spoken(20, language="ja", surface="web"))

    assert found.strange == pytest.approx({"language ja": 0.4, "surface voice": 0.2})
    assert found.unlike == pytest.approx(0.4)
