import numpy as np

from foretaste.discoveries import Seen
from foretaste.records import Lane
from foretaste.regions.differing import difference, sample_of
from unit.asked import german_for_the_first, pairs, passed, words_of_topic


def test_a_difference_counts_pairs_users_and_shows_where() -> None:
    rows = pairs(3, 200, after=german_for_the_first)
    sample = sample_of(rows, passed())
    mine = np.array(
        [k for k, each in enumerate(rows) if any(w in each.before.text for w in words_of_topic(0))]
    )
    found = difference(sample, mine, sample.turns.seen.index(Seen("word", "rechnung")))
    shown = sum("Rechnung" in rows[k].after.text for k in mine)

    assert (found.pairs, found.only_after, found.only_before, found.both) == (
        len(mine),
        shown,
        0,
        0,
    )
    assert found.lower < found.difference < found.upper
    assert found.lower > 0.3
    assert found.p_value < 0.01
    assert found.log_odds > 0
    assert {each.lane for each in found.sightings} == {Lane.CANDIDATE}
    assert all("Rechnung" in each.quote for each in found.sightings)


def test_what_is_lost_is_shown_in_the_first_lane() -> None:
    rows = [
        pair._replace(before=pair.after, after=pair.before)
        for pair in pairs(3, 200, after=german_for_the_first)
    ]
    sample = sample_of(rows, passed())
    found = difference(sample, np.arange(200), sample.turns.seen.index(Seen("word", "rechnung")))

    assert found.difference < 0
    assert {each.lane for each in found.sightings} == {Lane.RECORDED}
