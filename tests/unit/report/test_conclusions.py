from dataclasses import replace

from foretaste.findings import Direction, LimitRuling
from foretaste.report.conclusions import decision, fidelity, headline
from unit.report.studies import study, without_incumbent


def test_the_headline_counts_the_changes_and_tells_them() -> None:
    told = headline(study())

    assert told.title == "2 of 12 behaviors change"
    assert (told.moves[0].behavior, told.moves[0].direction) == ("refusal", "rises")
    assert (told.moves[0].before, told.moves[0].after) == ("12,000", "41,000")
    assert told.moves[0].ahead == "42,000 (29,000 to 54,000)"
    assert told.asides[-1] == "For the other 10 there is not enough evidence of change."


def test_without_an_incumbent_changes_and_fidelity_are_unknown() -> None:
    whole = without_incumbent(study())

    assert headline(whole).title == "Changes unknown for 12 behaviors"
    assert not fidelity(whole).known
    assert "the incumbent was not replayed" in fidelity(whole).sentence


def test_no_evidence_of_change_is_not_told_as_no_change() -> None:
    whole = study()
    unclear = tuple(replace(c, direction=Direction.UNCLEAR) for c in whole.changes)
    told = headline(replace(whole, changes=unclear))

    assert told.title == "Not enough evidence of change in any of 12 behaviors"


def test_fidelity_is_unknown_where_neither_lane_shows_anything() -> None:
    whole = study()
    silent = tuple(replace(c, both=0, only_before=0, only_after=0) for c in whole.fidelity)
    found = fidelity(replace(whole, fidelity=silent))

    assert not found.known
    assert "no behavior was seen in the recorded or the incumbent lane" in found.sentence


def test_fidelity_stands_beside_what_chance_alone_would_give() -> None:
    sentence = fidelity(study()).sentence

    assert "misses its recorded rates by 1.2x in the median" in sentence
    assert "chance alone would give 1.3x" in sentence
    assert "cannot be told from chance" in sentence


def test_a_log_that_is_read_as_its_own_replay_is_no_fidelity() -> None:
    whole = study()
    lanes = tuple(replace(each, repeats=each.rollouts) for each in whole.account.lanes)
    sentence = fidelity(replace(whole, account=replace(whole.account, lanes=lanes))).sentence

    assert "only reads the log again" in sentence
    assert "cannot be told from chance" not in sentence


def test_a_behavior_that_the_replay_shifts_is_named() -> None:
    whole = study()
    shifted = replace(whole.fidelity[0], direction=Direction.UP)
    told = fidelity(replace(whole, fidelity=(shifted, *whole.fidelity[1:])))

    assert told.sentence.endswith("trust the forecast less: refusal.")


def test_fidelity_without_a_number_is_unknown() -> None:
    whole = study()
    blank = tuple(replace(c, multiplicative_error=None, noise_error=None) for c in whole.fidelity)

    assert not fidelity(replace(whole, fidelity=blank)).known


def test_each_limit_is_told_with_what_was_held_against_it() -> None:
    told = decision(study())

    assert told.ruling == "hold"
    assert [limit.value for limit in told.limits] == ["54,000", "unknown"]


def test_a_limit_on_the_increase_is_told_as_times() -> None:
    whole = study()
    assert whole.decision is not None
    old = whole.decision.rulings[0]
    limit = replace(old.limit, per_100k=None, increase=2.0, decide_on="rate")
    ruling = LimitRuling(limit=limit, ruling=old.ruling, value=4.5, reason="too many")
    told = decision(replace(whole, decision=replace(whole.decision, rulings=(ruling,))))

    assert told.limits[0].limit == "at most 2.0x the incumbent, held against the point forecast"
    assert told.limits[0].value == "4.5x"


def test_a_plan_without_limits_gives_no_ruling() -> None:
    assert decision(replace(study(), decision=None)).ruling == "no limits set"


def test_a_limit_is_told_as_the_plan_says_it() -> None:
    whole = study()
    assert whole.decision is not None
    old = whole.decision.rulings[0]
    ruling = replace(old, limit=replace(old.limit, per_100k=12_345))
    told = decision(replace(whole, decision=replace(whole.decision, rulings=(ruling,))))

    assert told.limits[0].limit.startswith("at most 12,345 per 100,000 turns")
