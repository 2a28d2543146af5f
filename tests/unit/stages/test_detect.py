from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from foretaste.discoveries import Detected, Difference, Pair, Passed, Seen
from foretaste.records import Lane
from foretaste.stages.detect import detection
from foretaste.stages.discover import discover
from unit.rows import prefix, rollout

WORDS = "oven bread flour yeast salt water bowl spoon towel hour crust loaf dough"
AUDIT = partial(discover, before=Lane.INCUMBENT, after=Lane.CANDIDATE)


def traffic(count: int, *, each: int = 1, seed: int = 0) -> list[Pair]:
    """Pairs of which `each` belong to one user; both lanes say words by chance."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        at = prefix(f"c{number}", of=f"u{number // each}")
        turns = [
            rollout(at.id, lane, " ".join(rng.choice(WORDS.split(), 6)) + ".")
            for lane in (Lane.INCUMBENT, Lane.CANDIDATE)
        ]
        found.append(Pair(at, *turns))
    return found


def row(rows: Sequence[Detected], name: str, rate: float) -> Detected:
    (found,) = [each for each in rows if each.planted.startswith(name) and each.per_1000 == rate]
    return found


@pytest.fixture(scope="module")
def rows() -> tuple[Detected, ...]:
    return detection(traffic(300), audit=AUDIT, rates=(1, 100), trials=2, seed=4)


def test_what_is_frequent_is_found_among_the_first_and_what_is_rare_is_missed(
    rows: tuple[Detected, ...],
) -> None:
    for name in ("a new tool", "another language", "a stock phrase", "an invented client"):
        often, rare = row(rows, name, 100), row(rows, name, 1)
        assert (often.found, often.first, often.trials, often.pairs) == (2, 2, 2, 300)
        assert rare.found == 0


def test_there_is_a_row_for_each_behavior_that_has_a_place(rows: tuple[Detected, ...]) -> None:
    assert len(rows) == 7 * 2  # no sentence closes these turns
    assert all(0 <= each.first <= each.found <= each.trials for each in rows)


def audits(difference: Difference, pairs: Sequence[Pair]) -> Passed:
    """An audit that says the same whatever it is shown."""
    return Passed(
        before=Lane.INCUMBENT,
        after=Lane.CANDIDATE,
        pairs=len(pairs),
        users=1,
        missing=0,
        features=1,
        tested=1,
        least=1,
        differences=(difference,),
    )


def finding(what: str, **more: object) -> Difference:
    plain: dict[str, object] = {
        "kind": "tool",
        "what": what,
        "pairs": 100,
        "users": 100,
        "both": 0,
        "only_before": 0,
        "only_after": 10,
        "moved": 10,
        "before": 0.0,
        "after": 0.1,
        "difference": 0.1,
        "lower": 0.05,
        "upper": 0.15,
        "log_odds": 1.0,
        "p_value": 0.0,
        "q_value": 0.0,
    }
    return Difference(**(plain | more))  # type: ignore[arg-type]


def found(difference: Difference) -> int:
    rows = detection(
        traffic(100), audit=partial(audits, difference), rates=(100,), trials=1, seed=1
    )
    return row(rows, "a new tool", 100).found


def test_a_finding_counts_by_what_is_folded_into_it() -> None:
    assert found(finding("archive_case")) == 1
    assert found(replace(finding("else"), also=(Seen("tool", "archive_case"),))) == 1
    assert found(finding("else")) == 0


def test_the_wrong_sign_is_no_detection_nor_is_a_difference_that_was_there_anyhow() -> None:
    assert found(finding("archive_case", difference=-0.1)) == 0
    assert found(finding("archive_case", only_after=60)) == 0


def test_a_dropped_sentence_is_named_by_what_went_away() -> None:
    closing = "Ask a baker if unsure."
    pairs = [
        each._replace(
            before=replace(each.before, messages=_closed(each.before.text, closing), id=""),
            after=replace(each.after, messages=_closed(each.after.text, closing), id=""),
        )
        for each in traffic(200)
    ]
    rows = detection(pairs, audit=AUDIT, rates=(100,), trials=1, seed=1)

    assert row(rows, "a sentence left out", 100).found == 1


def _closed(text: str, closing: str) -> tuple:  # type: ignore[type-arg]
    return rollout("p", text=f"{text} {closing}").messages


def test_a_trial_takes_whole_users_up_to_its_bound() -> None:
    seen: list[Sequence[Pair]] = []

    def watching(pairs: Sequence[Pair]) -> Passed:
        seen.append(pairs)
        return audits(finding("else"), pairs)

    rows = detection(traffic(90, each=4), audit=watching, rates=(10,), trials=3, most=30, seed=1)

    assert {len(pairs) for pairs in seen} <= {27, 28, 29, 30}
    for pairs in seen:
        users = [each.prefix.user for each in pairs]
        assert all(users.count(user) == 4 for user in users if user != "u22")
    assert 26 <= rows[0].pairs <= 30


def test_the_same_seed_gives_the_same_curve_and_progress_is_told() -> None:
    heard: list[tuple[str, int, int | None]] = []
    once, again = (
        detection(
            traffic(60),
            audit=AUDIT,
            rates=(100,),
            trials=2,
            seed=9,
            watch=lambda *step: heard.append(step),
        )
        for _ in range(2)
    )

    assert once == again
    assert heard[0] == ("detection", 1, 14)
    assert heard[13] == ("detection", 14, 14)


@pytest.mark.parametrize("wrong", [{"rates": (0,)}, {"trials": 0}, {"most": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no detection"):
        detection(traffic(10), audit=AUDIT, **wrong)  # type: ignore[arg-type]
