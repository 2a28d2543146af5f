from collections.abc import Mapping

import numpy as np
import pytest

from foretaste.awareness import Source, Transcript
from foretaste.giveaways import NO_SYSTEM
from foretaste.records import Message
from foretaste.stages.marks import LEAST, marks
from unit.rows import said, user

WORDS = ("boat", "kayak", "order", "late", "money", "parcel", "color", "paddle", "river", "price")
STAND_IN = "Write to person.0a1b2c3d@example.com, please."


def traffic(
    rng: np.random.Generator, users: int = 120, source: Source = Source.REPLAYED, odd: int = 0
) -> tuple[list[Transcript], dict[str, float | None]]:
    """One to three transcripts a user, in chance words; the first `odd` users' show a stand-in."""
    found: list[Transcript] = []
    scores: dict[str, float | None] = {}
    for who in range(users):
        own = rng.beta(1, 12)
        for turn in range(rng.integers(1, 4)):
            text = " ".join(rng.choice(WORDS, 6))
            before = [Message(role="system", content="You are Harbor.")]
            before.append(user(f"{text}. {STAND_IN}" if who < odd else text))
            name = f"{source}-{who}-{turn}"
            found.append(
                Transcript(
                    id=name,
                    source=source,
                    cluster=f"u{who}",
                    match=name,
                    before=tuple(before),
                    messages=(said(" ".join(rng.choice(WORDS, 6))),),
                )
            )
            scores[name] = min(1.0, own + (0.4 if who < odd else 0.0))
    return found, scores


def test_a_planted_mark_is_found_with_its_interval_and_says_how_to_mend_it() -> None:
    found, *others = marks(*traffic(np.random.default_rng(1), odd=12))

    assert (found.kind, found.what, found.users) == ("stand-in", "e-mail address", 12)
    assert found.source is Source.REPLAYED
    assert found.lower <= 0.4 <= found.upper
    assert found.difference == pytest.approx(found.with_it - found.without)
    assert found.lower > 0.2
    assert found.q_value < 0.01
    assert "scrub" in found.advice
    assert "word, before: person" in found.also  # the words around it are the same mark
    assert all(each.difference < found.difference for each in others)


def test_sources_are_looked_at_apart() -> None:
    rng = np.random.default_rng(2)
    replayed, first = traffic(rng, odd=12)
    recorded, second = traffic(rng, source=Source.PRODUCTION)

    found = marks([*replayed, *recorded], first | second)
    assert {each.source for each in found} == {Source.REPLAYED}


def test_a_missing_system_prompt_is_a_mark() -> None:
    transcripts, scores = traffic(np.random.default_rng(3), odd=10)
    bare = [
        Transcript(
            id=each.id,
            source=each.source,
            cluster=each.cluster,
            match=each.match,
            before=(user("Hello?"),) if int(each.cluster[1:]) < 10 else each.before,
            messages=each.messages,
        )
        for each in transcripts
    ]
    (found,) = marks(bare, scores)

    assert (found.kind, found.what) == NO_SYSTEM
    assert "system:" in found.advice


def test_a_mark_of_a_few_users_is_never_shown() -> None:
    transcripts, scores = traffic(np.random.default_rng(4), odd=LEAST - 1)

    assert marks(transcripts, scores) == ()


def test_what_was_not_scored_is_left_out() -> None:
    transcripts, scores = traffic(np.random.default_rng(5), odd=12)
    unknown: Mapping[str, float | None] = dict.fromkeys(scores)

    assert marks(transcripts, unknown) == ()
    assert marks(transcripts, {}) == ()
    assert marks([], scores) == ()


def test_where_nothing_is_planted_nothing_passes() -> None:
    quiet = [marks(*traffic(np.random.default_rng(seed), users=60)) == () for seed in range(10)]

    assert sum(quiet) >= 9
