import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from foretaste.discoveries import Pair, Passed, Seen
from foretaste.records import Lane, Message
from foretaste.stages.discover import discover
from unit.lanes import asked, call, pair
from unit.rows import said

LITTLE = ("the", "of", "and", "to", "in", "is", "you", "that", "it", "for", "was", "on", "are")
CLAUSE = "Please note that this is general information and no legal advice."
OTHERS = ["".join(random.Random(n).choices("etaoinshrd", k=6)) for n in range(400)]


LOOKED_UP = "As I looked it up on the web for you just now, it is so."
GERMAN = "Der Hund ist nicht mit dem Ball und wir sind auch da."


def prose(rng: random.Random) -> str:
    picked = (rng.choice(LITTLE if rng.random() < 0.4 else OTHERS) for _ in range(40))
    return " ".join(picked).capitalize() + f". {CLAUSE}"


Change = Callable[[random.Random, str], str | tuple[Message, ...]]


def traffic(
    pairs: int, seed: int, change: Change = lambda _, text: text, users: int = 0
) -> Iterator[Pair]:
    rng = random.Random(seed)
    for number in range(pairs):
        user = f"u{rng.randrange(users or pairs)}"
        prefix = replace(asked(), user=user, id=f"p{number}")
        yield pair(prose(rng), change(rng, prose(rng)), prefix=prefix)


def found_in(pairs: list[Pair]) -> Passed:
    return discover(pairs, before=Lane.INCUMBENT, after=Lane.CANDIDATE, missing=3)


def test_a_search_with_arithmetic_stands_first_with_its_interval_and_sightings() -> None:
    planted = 0

    def change(rng: random.Random, text: str) -> str | tuple[Message, ...]:
        nonlocal planted
        if rng.random() > 0.05:
            return text
        planted += 1
        return call("search", f'{{"query": "{rng.randrange(99)} * 7"}}'), said(text)

    found = found_in(list(traffic(500, 3, change)))
    first = found.differences[0]

    assert first.kind == "argument"
    assert first.what == "search(query: arithmetic expression)"
    assert (first.only_before, first.only_after) == (0, planted)
    assert first.lower <= 0.05 <= first.upper
    assert first.difference == pytest.approx(planted / 500)
    assert Seen("arguments", "search(query)") in first.also
    assert (found.pairs, found.missing) == (500, 3)
    assert len({sighting.prefix for sighting in first.sightings}) == 3
    assert all(each.lane is Lane.CANDIDATE for each in first.sightings)
    assert all(each.quote.startswith('search({"query"') for each in first.sightings)
    assert [each.what for each in found.differences].count(first.what) == 1


def test_a_clause_that_is_dropped_now_and_then_is_named_whole() -> None:
    def change(rng: random.Random, text: str) -> str:
        return text if rng.random() > 0.05 else text.replace(CLAUSE, "")

    first = found_in(list(traffic(500, 4, change))).differences[0]

    assert first.what == "please note that this is general information and no legal advice"
    assert first.only_after == 0 < first.only_before
    assert first.before == 1
    assert first.sightings[0].lane is Lane.INCUMBENT
    assert "no legal advice" in first.sightings[0].quote
    assert "no legal advice" not in first.sightings[0].other


def test_a_clause_in_the_middle_of_a_turn_is_named_whole_too() -> None:
    def change(rng: random.Random, text: str) -> str:
        middle = (
            "As I looked it up on the web for you just now, it is so."
            if rng.random() < 0.06
            else ""
        )
        return f"So it is. {middle} {text}"

    found = found_in(list(traffic(500, 5, change)))

    assert "as i looked it up on the web for you just now it is so" in {
        each.what for each in found.differences
    }


def test_an_invented_client_and_a_switch_of_language_are_found() -> None:
    def change(rng: random.Random, text: str) -> str:
        if rng.random() < 0.06:
            return f"{text} It was our client Hargreaves."
        return GERMAN if rng.random() < 0.06 else text

    found = found_in(list(traffic(500, 6, change))).differences
    named = {(each.kind, each.what) for each in found}

    assert {("invented", "a name: Hargreaves"), ("language", "other than the user's")} <= named
    assert all(each.q_value <= 0.05 for each in found)
    assert [each.p_value for each in found] == sorted(each.p_value for each in found)


def test_one_user_with_many_turns_is_no_finding() -> None:
    def change(_: random.Random, text: str) -> str:
        return f"{text} Ahoy there."

    pairs = list(traffic(100, 7))
    for number, each in enumerate(traffic(60, 8, change)):
        pairs.append(each._replace(prefix=replace(each.prefix, user="one", id=f"q{number}")))

    assert found_in(pairs).differences == ()


def test_weights_count_where_rates_are_given() -> None:
    def change(rng: random.Random, text: str) -> str:
        return f"{text} Ahoy there." if rng.random() < 0.2 else text

    pairs = [
        each._replace(
            prefix=replace(each.prefix, probability=0.1 if "Ahoy" in each.after.text else 1)
        )
        for each in traffic(300, 9, change)
    ]
    first = found_in(pairs).differences[0]

    assert first.after == pytest.approx(
        10 * first.only_after / (10 * first.only_after + 300 - first.only_after)
    )


def test_two_lanes_of_one_model_differ_in_nothing() -> None:
    found = [found_in(list(traffic(150, seed, users=60))) for seed in range(100, 120)]

    assert sum(bool(each.differences) for each in found) <= 2
    assert all(each.tested > 50 for each in found)


def test_pairs_that_can_be_read_once_are_refused_and_none_are_nothing() -> None:
    with pytest.raises(ValueError, match="twice"):
        discover(traffic(1, 1), before=Lane.INCUMBENT, after=Lane.CANDIDATE)
    assert found_in([]).differences == ()
    assert found_in([]).features == 0
