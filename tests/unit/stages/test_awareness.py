from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from foretaste.adapters.engines.local import Local
from foretaste.awareness import AwareRate, Look, Matched, Measured, Placement, Source, Transcript
from foretaste.records import Failure, identity
from foretaste.stages.awareness import chosen, looks, measured

TESTS, REAL = 0.9, 0.05
"""How often the scripted detector says `evaluation` of a test, and of real use."""


def transcripts(source: Source, count: int, *, each: int = 1, name: str = "") -> list[Transcript]:
    """So many transcripts of users with `each`; those of one number follow one prefix."""
    return [
        Transcript(
            id=f"{name}{source}-{k}",
            source=source,
            cluster=f"u{k // each}",
            match=f"{source if source is Source.SYNTHETIC else 'p'}{k}",
            before=(),
            messages=(),
        )
        for k in range(count)
    ]


def scripted(found: list[Transcript], *, seed: int = 0) -> dict[str, float]:
    """A detector that is wrong at known rates, decided by hash."""

    def draw(each: Transcript) -> float:
        return int(identity("detector", seed, each.id)[:13], 16) / 16**13

    rates = {Source.SYNTHETIC: TESTS}
    return {t.id: 0.8 if draw(t) < rates.get(t.source, REAL) else 0.2 for t in found}


def told(found: list[Transcript], shown: Mapping[str, float | None], **more: bool) -> Measured:
    return measured(found, shown, measure="m", by="d", **more)


def row(found: Measured, source: Source) -> AwareRate:
    return next(each for each in found.rates if each.source is source)


def pairs(found: Measured, source: Source = Source.REPLAYED) -> Matched:
    return next(each for each in found.matched if each.source is source)


def lane(source: Source, *values: float | None) -> tuple[list[Transcript], dict[str, float | None]]:
    own = transcripts(source, len(values))
    return own, {t.id: value for t, value in zip(own, values, strict=True)}


def test_a_rate_stands_with_its_interval_and_what_is_ungraded_is_in_none() -> None:
    own, shown = lane(Source.PRODUCTION, 0.9, 0.1, 0.5, None, 0.2)
    found = row(told(own, shown, scored=True), Source.PRODUCTION)

    assert (found.transcripts, found.ungraded, found.users) == (5, 1, 5)
    assert found.rate == pytest.approx(0.5)  # 0.5 counts as an evaluation
    assert found.score == pytest.approx(np.mean([0.9, 0.1, 0.5, 0.2]))
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < 0.5 < found.upper
    assert found.auc is None


def test_nothing_graded_is_no_rate() -> None:
    own, shown = lane(Source.PRODUCTION, None, None)
    found = row(told(own, shown, scored=True), Source.PRODUCTION)

    assert (found.ungraded, found.rate, found.upper, found.score) == (2, None, None, None)
    assert row(told(own, {}), Source.PRODUCTION).ungraded == 2


def test_turns_weigh_as_much_as_they_stand_for() -> None:
    own, shown = lane(Source.PRODUCTION, 1.0, 0.0)
    own = [replace(own[0], weight=3.0), own[1]]

    assert row(told(own, shown, scored=True), Source.PRODUCTION).rate == pytest.approx(0.75)


def test_users_who_bring_many_alike_turns_widen_the_interval() -> None:
    alone, few = (transcripts(Source.PRODUCTION, 100, each=each) for each in (1, 10))
    shown = {t.id: float(k < 50) for k, t in enumerate(alone)}
    wide, narrow = (row(told(own, shown), Source.PRODUCTION) for own in (few, alone))

    assert narrow.upper is not None
    assert wide.upper is not None
    assert wide.upper > narrow.upper + 0.05
    assert (wide.users, narrow.users) == (10, 100)


def test_what_is_seen_or_not_is_measured_without_scores() -> None:
    own, shown = lane(Source.REPLAYED, True, False, False, None)
    found = row(told(own, shown), Source.REPLAYED)

    assert found.rate == pytest.approx(1 / 3)
    assert (found.ungraded, found.score, found.auc) == (1, None, None)


def test_a_suite_is_told_from_all_of_production_and_replays_from_the_same_prefixes() -> None:
    real, scores = lane(Source.PRODUCTION, 0.1, 0.2, 0.6, 0.9)
    suite, more = lane(Source.SYNTHETIC, 0.7, 0.8)
    replays, again = lane(Source.AGENTIC, 0.1, 0.2)  # of the first two prefixes
    found = told(real + suite + replays, scores | more | again, scored=True)

    assert row(found, Source.SYNTHETIC).auc == pytest.approx(6 / 8)
    assert row(found, Source.AGENTIC).auc == pytest.approx(0.5)


def test_one_transcript_has_no_area() -> None:
    real, scores = lane(Source.PRODUCTION, 0.1, 0.2)
    suite, more = lane(Source.SYNTHETIC, 0.7)

    assert row(told(real + suite, scores | more, scored=True), Source.SYNTHETIC).auc is None


def test_pairs_follow_one_prefix_and_both_have_to_be_graded() -> None:
    real, scores = lane(Source.PRODUCTION, 0.9, 0.1, 0.1, None, 0.1)
    replays, again = lane(Source.REPLAYED, 0.1, 0.9, 0.9, 0.9, 0.1, 0.9)
    found = pairs(told(real + replays, scores | again, scored=True))

    assert (found.pairs, found.only_recorded, found.only_replayed) == (4, 1, 2)
    assert found.difference == pytest.approx(0.25)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < 0.25 < found.upper
    assert found.p_value == 1.0


def test_without_pairs_there_is_no_difference() -> None:
    replays, again = lane(Source.REPLAYED, 0.1, 0.9)
    found = pairs(told(replays, again))

    assert (found.pairs, found.difference, found.p_value) == (0, None, None)


def look(name: str, first: float | None, second: float | None, mass: float | None) -> Look:
    return Look(transcript=name, placement=Placement.FRESH, first=first, second=second, mass=mass)


def test_a_liking_for_the_first_word_is_taken_out_and_shown() -> None:
    own = transcripts(Source.PRODUCTION, 3)
    given = [(0.8, 0.4, 0.9), (0.7, 0.1, 0.5), (None, 0.9, None)]
    found = chosen(
        own,
        [look(t.id, *each) for t, each in zip(own, given, strict=True)],
        by="d",
        placement=Placement.FRESH,
    )

    assert found.position_bias == pytest.approx(0.5)
    assert found.mass == pytest.approx(0.7)
    assert row(found, Source.PRODUCTION).rate == pytest.approx(0.5)
    assert row(found, Source.PRODUCTION).ungraded == 1


def test_a_detector_that_always_says_the_first_word_has_chosen_nothing() -> None:
    own = transcripts(Source.PRODUCTION, 4)
    found = chosen(
        own, [look(t.id, 1.0, 0.0, None) for t in own], by="d", placement=Placement.FRESH
    )

    assert row(found, Source.PRODUCTION).rate is None
    assert row(found, Source.PRODUCTION).ungraded == 4
    assert found.position_bias == 1.0


def test_looks_go_through_the_engine_and_one_that_fails_is_a_failure() -> None:
    async def detect(each: Transcript) -> Look:
        if each.id.endswith("1"):
            raise ValueError("no")
        return look(each.id, 0.5, 0.5, 1.0)

    own = transcripts(Source.PRODUCTION, 3)
    found = list(looks(own, detect=detect, engine=Local()))

    assert {type(each) for each in found} == {Look, Failure}
    assert [each.item for each in found if isinstance(each, Failure)] == [own[1].id]


@pytest.mark.parametrize(
    ("source", "truth"),
    [(Source.SYNTHETIC, TESTS), (Source.PRODUCTION, REAL), (Source.REPLAYED, REAL)],
)
def test_a_detector_s_known_error_lies_within_the_interval(source: Source, truth: float) -> None:
    own = transcripts(source, 150, each=2)

    def covered(seed: int) -> bool:
        found = row(told(own, scripted(own, seed=seed)), source)
        assert found.lower is not None
        assert found.upper is not None
        return found.lower <= truth <= found.upper

    assert share(covered) >= 0.93


def test_the_difference_of_pairs_is_covered_where_there_is_none() -> None:
    own = transcripts(Source.PRODUCTION, 120) + transcripts(Source.REPLAYED, 120)

    def covered(seed: int) -> bool:
        found = pairs(told(own, scripted(own, seed=seed)))
        assert found.lower is not None
        assert found.upper is not None
        return found.lower <= 0 <= found.upper

    assert share(covered) >= 0.93


def test_a_suite_scores_far_above_replayed_traffic_with_a_detector_of_known_error() -> None:
    own = [t for source in Source for t in transcripts(source, 80)]
    found = told(own, scripted(own), scored=True)
    suite, replayed = (row(found, source) for source in (Source.SYNTHETIC, Source.REPLAYED))

    assert suite.lower is not None
    assert replayed.upper is not None
    assert suite.lower > 0.8 > 0.2 > replayed.upper
    assert suite.auc is not None
    assert suite.auc > 0.85
    assert replayed.auc_lower is not None
    assert replayed.auc_upper is not None
    assert replayed.auc_lower < 0.5 < replayed.auc_upper


def share(covered: Callable[[int], bool], repetitions: int = 200) -> float:
    return float(np.mean([covered(seed) for seed in range(repetitions)]))
