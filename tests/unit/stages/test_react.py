from typing import Any

import numpy as np
import pytest

from foretaste.discoveries import Reaction
from foretaste.reactions import BY, NAME, OTHER
from foretaste.records import Label, Lane, Prefix
from foretaste.stages.react import LEAST, react
from unit.rows import prefix, said

WORDS = np.array([f"word{n}x" for n in range(200)])
CHANCES = 1 / np.arange(1, 201)


def turn(name: str, kind: str | None, text: str, **more: Any) -> Prefix:
    labels = () if kind is None else (Label(name=NAME, value=kind, by=BY),)
    return prefix(name, recorded=(said(text),), labels=labels, **more)


def traffic(seed: int, *, planted: float = 0.0, users: int = 120) -> list[Prefix]:
    """Users who differ in how often they correct; `planted` of the turns before that apologize."""
    rng = np.random.default_rng(seed)
    found = []
    for user in range(users):
        often = rng.beta(1, 8)
        for number in range(rng.integers(1, 6)):
            corrected = rng.random() < often
            words = rng.choice(WORDS, 10, p=CHANCES / CHANCES.sum())
            apology = "apologies " if corrected and rng.random() < planted else ""
            kind = "correction" if corrected else OTHER
            text = apology + " ".join(words)
            found.append(turn(f"{user}-{number}", kind, text, of=f"u{user}"))
    return found


def corrections(found: list[Prefix]) -> Reaction:
    return next(each for each in react(found) if each.kind == "correction")


def test_a_rate_counts_turns_after_which_somebody_went_on() -> None:
    found = [
        *(turn(f"a{n}", "correction" if n < 5 else OTHER, "Yes.", of=f"u{n}") for n in range(50)),
        *(turn(f"b{n}", None, "Yes.", of=f"u{n}") for n in range(30)),
    ]
    found[0] = turn("a0", "correction", "Yes.", of="u0", probability=0.1)
    counted = corrections(found)

    assert (counted.turns, counted.of, counted.users) == (5, 50, 5)
    assert counted.rate == pytest.approx(14 / 59)  # the one drawn with a tenth counts ten times
    assert counted.lower < counted.rate < counted.upper


def test_a_log_that_ends_with_each_turn_says_nothing() -> None:
    assert react([turn(f"c{n}", None, "Yes.") for n in range(9)]) == ()


def test_what_goes_with_a_reaction_is_found_with_its_turns() -> None:
    found = corrections(traffic(3, planted=0.5))
    first = found.signs[0]

    assert "apologies" in first.what
    assert first.ratio is None  # never elsewhere
    assert (first.upper, first.elsewhere) == (None, 0)
    assert first.lower > 1
    assert first.q_value < 0.05
    assert first.users >= LEAST
    assert all("apologies" in each.quote for each in first.sightings)
    assert {each.lane for each in first.sightings} == {Lane.RECORDED}


def test_features_of_the_same_turns_are_one_sign() -> None:
    shown = [turn(f"a{n}", "retry", "Sorry indeed", of=f"u{n}") for n in range(40)]
    others = [turn(f"b{n}", OTHER, "Fine then", of=f"v{n}") for n in range(400)]
    retry = next(each for each in react([*shown, *others]) if each.kind == "retry")
    (sign,) = [each for each in retry.signs if "sorry" in each.what]

    assert {sign.what, *(each.what for each in sign.also)} >= {"sorry", "indeed", "sorry indeed"}


def test_where_nothing_goes_with_it_a_sign_passes_in_few_logs() -> None:
    passed = sum(bool(corrections(traffic(seed)).signs) for seed in range(40))

    assert passed <= 5  # beyond it, one chance in 70 at a rate of 0.05
