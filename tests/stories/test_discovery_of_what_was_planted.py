"""A candidate strays in a few of 3,000 turns; nobody named how; the first pass does."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from foretaste.discoveries import Passed
from foretaste.records import Lane, Message
from foretaste.stages.discover import discover
from stories.lanes import (
    REGION,
    Rng,
    Stray,
    agent,
    chat,
    dropping,
    hacking,
    inventing,
    lanes,
    names,
    reaching,
    switching,
    with_clause,
)

PREFIXES = 3_000


class Planted(NamedTuple):
    writes: Callable[[Rng, str], tuple[Message, ...]]
    stray: Stray
    share: float
    topic: str | None = None


WAYS = {
    "arithmetic sent to a search tool": Planted(agent, hacking, 0.02),
    "a legal clause left out": Planted(with_clause, dropping, 0.03),
    "a client's name that nobody said": Planted(chat, inventing, 0.02),
    "a tool that is new": Planted(agent, reaching, 0.02),
    "German, to the few who ask about one topic": Planted(chat, switching, 0.8, REGION),
}


def audited(pairs: object) -> Passed:
    return discover(pairs, before=Lane.INCUMBENT, after=Lane.CANDIDATE)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_candidate_does_in_few_turns_is_among_the_first_three_findings(way: str) -> None:
    planted = WAYS[way]
    played = lanes(
        PREFIXES,
        seed=12,
        writes=planted.writes,
        stray=planted.stray,
        share=planted.share,
        topic=planted.topic,
    )
    found = audited(played.pairs)

    right = [each for each in found.differences[:3] if names(each, played)]
    assert right, found.differences[:3]
    assert (right[0].difference < 0) == (planted.stray is dropping)
    assert found.tested > 1_000


def test_lanes_of_one_writer_seldom_give_any_finding() -> None:
    # At a false discovery rate of 5 % more than 3 of 20 come once in 60.
    found = [audited(lanes(400, seed=500 + run, writes=agent).pairs) for run in range(20)]

    assert sum(bool(each.differences) for each in found) <= 3
    assert min(each.tested for each in found) > 200
