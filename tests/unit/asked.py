"""Pairs of turns about made-up topics, for the tests of where lanes differ."""

from collections.abc import Callable

import numpy as np

from foretaste.discoveries import Pair, Passed
from foretaste.records import Lane
from unit.rows import prefix, rollout, user

FILLING = ("please", "help", "with", "the", "about", "need", "what", "how", "and", "you", "for")
OFTEN = [f"w{a}{b}{c}" for a in "bdgklmnprt" for b in "aeiou" for c in "bdglmnrt"]
GERMAN = ("der", "die", "und", "nicht", "Rechnung", "bitte", "haben", "wir", "Ihnen", "gerne")

Answer = Callable[[int, str, np.random.Generator], str]


def words_of_topic(topic: int) -> list[str]:
    """Twenty words that nobody uses elsewhere."""
    return [f"{'abcdefghij'[topic]}{a}{b}op" for a in "bdgkm" for b in "aeio"]


def unchanged(topic: int, text: str, rng: np.random.Generator) -> str:
    """A second turn that differs from the first by chance alone."""
    return text


def german_for_the_first(topic: int, text: str, rng: np.random.Generator) -> str:
    """A second turn that is in German where the first topic was asked about."""
    return " ".join(rng.choice(GERMAN, 15)) if topic == 0 else text


def pairs(seed: int, count: int = 900, *, after: Answer = unchanged) -> list[Pair]:
    """Six topics, the first asked about in 10 %; each user asks about two questions."""
    rng = np.random.default_rng(seed)
    frequency = 1 / np.arange(1, len(OFTEN) + 1)
    frequency /= frequency.sum()

    def turn(topic: int) -> str:
        drawn = rng.choice(OFTEN, rng.integers(10, 30), p=frequency)
        return " ".join([*drawn, *rng.choice(words_of_topic(topic), 3)])

    found = []
    for number in range(count):
        topic = int(rng.choice(6, p=[0.1, 0.18, 0.18, 0.18, 0.18, 0.18]))
        question = [*rng.choice(words_of_topic(topic), 5), *rng.choice(FILLING, 8)]
        asks = prefix(
            f"p{number}",
            of=f"u{rng.integers(count // 2)}",
            messages=(user(" ".join(rng.permutation(question))),),
            tags={"tier": "paid" if number % 3 else "free"},
        )
        before, later = turn(topic), after(topic, turn(topic), rng)
        found.append(
            Pair(
                asks,
                rollout(asks.id, Lane.RECORDED, before),
                rollout(asks.id, Lane.CANDIDATE, later),
            )
        )
    return found


def passed(least: int = 6) -> Passed:
    """A first pass that found nothing."""
    return Passed(
        before=Lane.RECORDED,
        after=Lane.CANDIDATE,
        pairs=0,
        users=0,
        missing=0,
        features=0,
        tested=0,
        least=least,
        differences=(),
    )
