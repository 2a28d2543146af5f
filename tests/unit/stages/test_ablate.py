from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from foretaste.discoveries import Ablated, Pair
from foretaste.records import Lane, Outcome, Verdict
from foretaste.stages.ablate import ablation
from foretaste.stages.discover import discover
from unit.rows import prefix, rollout, verdict

WORDS = "oven bread flour yeast salt water bowl spoon towel hour crust loaf dough"


def lanes(count: int, share: float, *, each: int = 1, seed: int = 3) -> list[Pair]:
    """The second lane says `Regrettably` in a share of its turns; a user has `each` pairs."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        at = prefix(f"c{number}", of=f"u{number // each}")
        texts = [" ".join(rng.choice(WORDS.split(), 6)) for _ in range(2)]
        if rng.random() < share:
            texts[1] = f"Regrettably {texts[1]}"
        turns = zip((Lane.INCUMBENT, Lane.CANDIDATE), texts, strict=True)
        found.append(Pair(at, *(rollout(at.id, lane, text) for lane, text in turns)))
    return found


def graded(pairs: Iterable[Pair], name: str, word: str) -> list[Verdict]:
    """A grader that finds a word."""
    return [
        verdict(turn.id, Outcome.PRESENT if word in turn.text else Outcome.ABSENT, name)
        for pair in pairs
        for turn in (pair.before, pair.after)
    ]


def found(pairs: Sequence[Pair], verdicts: Sequence[Verdict], *names: str) -> tuple[Ablated, ...]:
    passed = discover(pairs, before=Lane.INCUMBENT, after=Lane.CANDIDATE)
    return ablation(pairs, verdicts, passed, names)


def test_a_behavior_that_the_audit_was_not_told_of_is_found_by_its_pairs() -> None:
    pairs = lanes(400, 0.1)
    (row,) = found(pairs, graded(pairs, "regret", "Regrettably"), "regret")

    assert row.found is True
    assert any("regrettably" in name for name in row.by)
    assert row.pairs == sum("Regrettably" in pair.after.text for pair in pairs)


def test_a_behavior_that_no_feature_shows_is_missed() -> None:
    pairs = lanes(400, 0.1)
    rng = np.random.default_rng(8)
    hidden = [
        verdict(pair.after.id, Outcome.PRESENT if rng.random() < 0.2 else Outcome.ABSENT, "hidden")
        for pair in pairs
    ]
    absent = [verdict(pair.before.id, Outcome.ABSENT, "hidden") for pair in pairs]
    (row,) = found(pairs, hidden + absent, "hidden")

    assert (row.found, row.by) == (False, ())


def test_where_the_lanes_do_not_differ_there_is_nothing_to_find() -> None:
    pairs = lanes(400, 0.1)
    same, none = found(pairs, graded(pairs, "salt", "salt"), "salt", "never graded")

    assert same.found is None
    assert (none.found, none.pairs) == (None, 0)


def test_what_is_ungraded_in_one_lane_is_no_pair() -> None:
    pairs = lanes(400, 0.1)
    verdicts = [
        replace(each, outcome=Outcome.UNGRADED) if number < 400 else each
        for number, each in enumerate(graded(pairs, "regret", "Regrettably"))
    ]
    (row,) = found(pairs, verdicts, "regret")

    assert row.pairs == sum("Regrettably" in pair.after.text for pair in pairs[200:])


def test_one_user_s_habit_finds_nothing() -> None:
    pairs = lanes(400, 0.0)
    loud = [
        pair._replace(after=rollout(pair.prefix.id, text=f"Regrettably {pair.after.text}"))
        for pair in pairs[:40]
    ]
    one = [pair._replace(prefix=replace(pair.prefix, user="loud")) for pair in loud]
    rows = found(
        [*one, *pairs[40:]], graded([*one, *pairs[40:]], "regret", "Regrettably"), "regret"
    )

    assert rows[0].pairs == 40
    assert rows[0].found is None
