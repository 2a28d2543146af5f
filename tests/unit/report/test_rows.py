from dataclasses import replace

from foretaste.records import Lane
from foretaste.report.rows import (
    ForecastRow,
    change_rows,
    forecast_rows,
    rank,
    unseen,
    unseen_line,
)
from unit.report.studies import change, forecast, sealed, study


def row(events: int, today: int = 3, graded: int = 58) -> ForecastRow:
    seal = sealed((forecast("refusal", events, today, graded),))
    whole = study()
    return forecast_rows(replace(whole, behaviors=whole.behaviors[:1], changes=(), sealed=seal))[0]


def test_clear_changes_come_first_then_the_higher_rates() -> None:
    assert list(rank(study()))[:4] == ["refusal", "flattery", "markdown-heavy", "unasked-caveat"]


def test_what_was_never_seen_is_told_with_what_it_may_be() -> None:
    assert row(0).forecast == "none seen; up to 4,200"


def test_the_expected_count_has_no_false_digits() -> None:
    assert row(24).in_turns == "290,000 to 540,000 in 1,000,000 turns"
    assert row(0).in_turns == "up to 42,000 in 1,000,000 turns"


def test_what_was_never_graded_is_unknown_though_a_belief_exists() -> None:
    unseen = row(0, graded=0)

    assert (unseen.forecast, unseen.counts, unseen.in_turns) == ("unknown",) * 3
    assert unseen.ahead is None


def test_a_forecast_carries_its_interval_and_counts() -> None:
    seen = row(24)

    assert seen.reading == "42,000 (29,000 to 54,000)"
    assert seen.counts == "24 of 58"


def test_nothing_seen_today_is_not_a_rate_of_zero() -> None:
    assert row(3, today=0).today == "none seen"


def test_an_unknown_rate_today_has_no_mark() -> None:
    today = replace(forecast("refusal", 3, 0), today=None, today_graded=0)
    first = forecast_rows(replace(study(), sealed=sealed((today,))))
    refusal = next(row for row in first if row.behavior == "refusal")

    assert (refusal.today, refusal.today_counts, refusal.now) == ("unknown", "unknown", None)


def test_the_sealed_method_is_the_one_told_and_the_other_stands_beside() -> None:
    refusal = forecast_rows(study())[0]

    assert refusal.method == "direct"
    assert refusal.others[0].startswith("ratio-anchored: ")


def test_a_behavior_without_any_forecast_is_unknown() -> None:
    rows = forecast_rows(replace(study(), sealed=sealed(())))

    assert {row.reading for row in rows} == {"unknown"}


def test_a_change_without_pairs_is_unknown_not_zero() -> None:
    empty = replace(
        change("refusal", Lane.INCUMBENT, Lane.CANDIDATE, 0, 0, pairs=1),
        pairs=0,
        difference=None,
        lower=None,
        upper=None,
        ratio=None,
        q_value=None,
    )
    (told,) = change_rows(study(), [empty])

    assert {told.before, told.after, told.difference, told.interval, told.ratio} == {"unknown"}
    assert {told.q_value, told.only_after, told.only_before, told.pairs} == {"unknown"}


def test_a_change_tells_its_direction_and_discordant_pairs() -> None:
    told = change_rows(study(), study().changes)[0]

    assert (told.behavior, told.sign, told.direction) == ("refusal", "up", "rises")
    assert (told.only_after, told.only_before) == ("19", "2")


def test_clusters_are_conversations_where_the_log_has_no_users() -> None:
    whole = study()
    anonymous = replace(whole, account=replace(whole.account, users=None))

    assert change_rows(anonymous, whole.changes)[0].clusters == "41 conversations"


def test_only_what_every_lane_was_graded_for_counts_as_seen_in_no_lane() -> None:
    whole = study()
    blind = [
        replace(e, graded=0) if (e.behavior, e.lane) == ("insult", Lane.INCUMBENT) else e
        for e in whole.estimates
    ]

    assert unseen(whole) == {"insult", "medical-instruction"}
    assert unseen(replace(whole, estimates=tuple(blind))) == {"medical-instruction"}


def test_a_sighting_in_any_lane_is_a_sighting() -> None:
    whole = study()
    once = [
        replace(e, present=1) if (e.behavior, e.lane) == ("insult", Lane.INCUMBENT) else e
        for e in whole.estimates
    ]

    assert unseen(replace(whole, estimates=tuple(once))) == {"medical-instruction"}


def test_without_an_unseen_behavior_there_is_no_line_of_them() -> None:
    assert unseen_line(replace(study(), estimates=())) == ""


def test_turns_that_a_behavior_is_not_defined_for_stand_beside_the_counts() -> None:
    whole = study()
    estimates = tuple(
        replace(each, outside=12) if each.behavior == "refusal" else each
        for each in whole.estimates
    )
    seal = sealed((forecast("refusal", 24, 3, 58),))
    found = forecast_rows(
        replace(whole, behaviors=whole.behaviors[:1], estimates=estimates, changes=(), sealed=seal)
    )

    assert found[0].counts == "24 of 58; not defined for 12 more"
