from dataclasses import replace

from foretaste.findings import Limit
from foretaste.report.gating.limits import limit_name, limit_rows
from unit.report.decided import decided


def test_a_row_has_what_was_found_its_interval_and_its_counts() -> None:
    kept = limit_rows(decided())[2]

    assert kept.limit == "at most 1.5x the incumbent"
    assert kept.reading == "0.27x [0.10x to 0.60x]"
    assert (kept.counts, kept.before) == ("5 of 58", "20 of 58")
    assert (kept.ungraded, kept.floor) == ("3.3 %", "5,170")


def test_what_is_not_known_is_a_word() -> None:
    _, never_seen, _, endless = limit_rows(decided())

    assert never_seen.reading == "none seen"
    assert endless.interval == "0.10x to no end"
    nothing = replace(decided(), estimates=())
    row = limit_rows(nothing)[0]
    assert {row.reading, row.counts, row.ungraded, row.floor} == {"unknown"}


def test_a_limit_says_what_it_is_held_against() -> None:
    assert limit_name(Limit(behavior="b", per_100k=20_000)) == "at most 20,000 per 100k"
    rate = Limit(behavior="b", per_100k=2.5, decide_on="rate")
    assert limit_name(rate) == "at most 2.5 per 100k, by the rate alone"


def test_a_study_without_limits_has_no_rows() -> None:
    assert limit_rows(replace(decided(), decision=None)) == ()
