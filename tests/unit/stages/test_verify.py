"""How often a proposed behavior shows on fresh pairs."""

import numpy as np
import pytest

from foretaste.discoveries import Pair
from foretaste.records import Lane, Outcome, Verdict
from foretaste.stages.verify import Checked, Fresh, Words, corrected, unchecked, verified
from unit.rows import prefix, rollout

ABOUT = unchecked("odd", "It is odd.", draft="discovered/odd.md", proposed=3)


def pair(number: int, text: str = "Well.", *, users: int = 10_000) -> Pair:
    asked = prefix(f"c{number}", of=f"u{number % users}")
    before = rollout(asked.id, Lane.INCUMBENT, f"Well {number}.")
    return Pair(asked, before, rollout(asked.id, Lane.CANDIDATE, text))


def judged(parent: str, present: bool | None, severity: int = 2) -> Verdict:
    outcome = {True: Outcome.PRESENT, False: Outcome.ABSENT, None: Outcome.UNGRADED}[present]
    return Verdict(
        parent=parent,
        behavior="odd",
        outcome=outcome,
        grader="g",
        evidence="zebra" if present else "",
        severity=severity if present else None,
    )


def checked(fresh: Fresh, *, before: bool | None, after: bool | None, severity: int = 2) -> Checked:
    _, first, second = fresh.pair
    return Checked(fresh, judged(first.id, before), judged(second.id, after, severity))


def test_half_is_drawn_where_rare_words_of_the_quotes_show_in_either_turn() -> None:
    pairs = [pair(k, "Well, a zebra." if k < 40 else "Well.") for k in range(1000)]
    fresh = Words(pairs).fresh(["Well: a zebra!"], size=60, seed=1)
    striped = [each for each in fresh if "zebra" in each.pair.after.text]

    assert len(striped) == 30
    assert {each.chance for each in striped} == {30 / 40}
    plain = Words(pairs).fresh(["Well."], size=60, seed=1)
    assert {each.chance for each in plain} == {60 / 1000}


def test_rates_stand_for_all_pairs_whatever_was_looked_at_more_often() -> None:
    pairs = [pair(k, "Well, a zebra." if k < 40 else "Well.") for k in range(1000)]
    fresh = Words(pairs).fresh(["zebra"], size=400, seed=1)
    shows = [checked(e, before=False, after="zebra" in e.pair.after.text) for e in fresh]
    found = verified(ABOUT, shows)

    assert found.after == pytest.approx(0.04)
    assert found.after_lower is not None
    assert found.after_upper is not None
    assert found.after_lower < 0.04 < found.after_upper < 0.1
    assert found.before == 0
    assert found.difference == pytest.approx(0.04)
    assert (found.checked, found.users, found.ungraded, found.severity) == (400, 400, 0, 2)
    assert found.p_value is not None
    assert found.p_value < 1e-9


def test_intervals_cover_the_truth_in_most_samples() -> None:
    rng = np.random.default_rng(11)
    pairs = [pair(k, "A zebra." if k < 160 else "Well.", users=1000) for k in range(2000)]
    words = Words(pairs)
    held = 0
    samples = 200
    for seed in range(samples):
        # Three of four striped turns show it, and one in fifty of the others.
        hit = np.concatenate([rng.random(160) < 0.75, rng.random(1840) < 0.02])
        truth = {each.after.id: bool(h) for each, h in zip(pairs, hit, strict=True)}
        fresh = words.fresh(["zebra"], size=200, seed=seed)
        found = verified(
            ABOUT, [checked(e, before=False, after=truth[e.pair.after.id]) for e in fresh]
        )
        assert found.lower is not None
        assert found.upper is not None
        held += found.lower <= hit.mean() <= found.upper

    assert held / samples >= 0.93


def test_where_nothing_differs_the_sign_test_stays_quiet() -> None:
    rng = np.random.default_rng(3)
    fresh = [Fresh(pair(k), 0.5) for k in range(200)]
    found = []
    for _ in range(300):
        hit = rng.random((200, 2)) < 0.2
        rows = [
            checked(each, before=bool(one), after=bool(two))
            for each, (one, two) in zip(fresh, hit, strict=True)
        ]
        found.append(verified(ABOUT, rows).p_value)

    assert np.mean([p is not None and p < 0.05 for p in found]) <= 0.06


def test_what_was_not_judged_is_counted_and_in_no_rate() -> None:
    fresh = [Fresh(pair(k), 1.0) for k in range(4)]
    rows = [
        checked(fresh[0], before=False, after=True),
        checked(fresh[1], before=None, after=True),
        Checked(fresh[2], None, judged(fresh[2].pair.after.id, present=False)),
        checked(fresh[3], before=False, after=False),
    ]
    found = verified(ABOUT, rows)

    assert (found.checked, found.ungraded, found.after) == (2, 2, 0.5)
    nothing = verified(ABOUT, rows[1:3])
    assert (nothing.checked, nothing.after, nothing.lower, nothing.p_value) == (0, None, None, None)


def test_sightings_are_the_worst_one_a_user_with_what_the_other_lane_said() -> None:
    fresh = [Fresh(pair(k, users=4), 1.0) for k in range(12)]
    found = verified(
        ABOUT,
        [checked(e, before=k == 5, after=k != 5, severity=k % 5) for k, e in enumerate(fresh)],
    )

    assert len(found.sightings) == 4
    assert found.sightings[0].lane is Lane.CANDIDATE
    assert found.sightings[0].prefix == fresh[4].pair.prefix.id
    assert found.sightings[0].quote == "zebra"
    assert found.sightings[0].other == "Well 4."


def test_many_proposals_are_held_to_a_false_discovery_rate() -> None:
    fresh = [Fresh(pair(k), 1.0) for k in range(12)]
    rows = [checked(each, before=False, after=True) for each in fresh]
    clear, none, untested = verified(ABOUT, rows), verified(ABOUT, []), ABOUT
    weak = verified(ABOUT, rows[:1])
    found = corrected([none, weak, clear, untested])

    assert [each.q_value for each in found] == [pytest.approx(2 * 2 / 2**12), 1.0, None, None]
