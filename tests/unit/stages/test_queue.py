from collections import Counter
from dataclasses import replace

import pytest

from foretaste.errors import InsufficientData
from foretaste.records import Lane, Outcome, Verdict
from foretaste.stages.queue import FLAGGED, HIGH, LOW, NEARLY, REST, Frame, queue


def frame(flagged: int, near: int, rest: int, version: str = "1") -> Frame:
    found = {}
    for number in range(flagged + near + rest):
        shows = number < flagged
        score = 0.9 if shows else 0.3 if number < flagged + near else 0.01
        outcome = Outcome.PRESENT if shows else Outcome.ABSENT
        found[f"r{number}"] = Verdict(
            parent=f"r{number}", behavior="b", outcome=outcome, grader="g", score=score
        )
    return Frame(behavior="b", version=version, lane=Lane.CANDIDATE, verdicts=found)


def test_what_was_flagged_or_nearly_gets_a_higher_chance_and_every_chance_is_known() -> None:
    items = list(queue(frame(50, 50, 900), 100))
    chance = {each.stratum: each.probability for each in items}

    assert Counter(each.stratum for each in items) == {FLAGGED: 40, NEARLY: 25, REST: 35}
    assert chance == {FLAGGED: 0.8, NEARLY: 0.5, REST: pytest.approx(35 / 900)}


@pytest.mark.parametrize("sizes", [(3, 0, 500), (0, 0, 500), (500, 2, 1), (1, 1, 1)])
def test_what_a_small_stratum_leaves_goes_to_the_others(sizes: tuple[int, int, int]) -> None:
    items = list(queue(frame(*sizes), 100))

    assert len(items) == len({each.parent for each in items}) == min(100, sum(sizes))
    assert all(0 < each.probability <= 1 for each in items)


def test_a_longer_queue_keeps_what_was_drawn() -> None:
    first = list(queue(frame(50, 50, 900), 60))
    more = list(queue(frame(50, 50, 900), 100, first))

    assert {each.parent for each in first}.isdisjoint(each.parent for each in more)
    assert {e.parent for e in (*first, *more)} == {e.parent for e in queue(frame(50, 50, 900), 100)}
    assert list(queue(frame(50, 50, 900), 60, first)) == []


def test_each_turn_of_a_stratum_is_drawn_as_often_as_its_chance_says() -> None:
    drawn = Counter(
        each.parent for n in range(300) for each in queue(frame(10, 0, 20, version=str(n)), 10)
    )

    assert all(abs(drawn[f"r{n}"] / 300 - (0.5 if n < 10 else 0.25)) < 0.15 for n in range(30))


def test_an_empty_frame_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        list(queue(frame(0, 0, 0), 10))


@pytest.mark.parametrize(("flagged", "drawn"), [(60, 60), (200, 75)])
def test_of_a_screened_behavior_all_that_was_flagged_is_drawn_if_it_fits(
    flagged: int, drawn: int
) -> None:
    whole = frame(flagged, 100, 500)
    thin = {name for name in whole.verdicts if int(name[1:]) >= flagged + 300}
    items = list(queue(replace(whole, thin=thin), 100))
    rest = (100 - drawn) // 2

    assert Counter(e.stratum for e in items) == pytest.approx(
        {FLAGGED: drawn, HIGH: rest, LOW: rest}, abs=1
    )
    assert {e.parent for e in items if e.stratum == LOW} <= thin
    assert len(items) == 100
