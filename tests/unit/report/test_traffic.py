from dataclasses import replace

from foretaste.report.rows import forecast_rows
from foretaste.report.traffic import supposed, supposed_line, traffic_view
from unit.report.studies import study, traffic, weighted


def test_without_a_target_nothing_is_said() -> None:
    assert traffic_view(None) is None
    assert supposed(study()) == supposed_line(study()) == ""


def test_shares_are_told_beside_those_of_the_sample() -> None:
    view = traffic_view(weighted(study()).traffic)

    assert view is not None
    assert "shares by language" in view.sentence
    assert [(fact.name, fact.text) for fact in view.facts[:2]] == [
        ("en", "50 % of the target, 80 % of the sample"),
        ("ja", "10 % of the target, 0 % of the sample"),
    ]
    assert view.facts[2].text == "41 with these weights, 60 without"
    assert view.warnings == traffic().warnings


def test_a_newer_log_is_told_with_how_far_it_can_be_told_apart() -> None:
    newer = replace(
        traffic(), source="logs/newer.jsonl", newer=900, auc=0.71, auc_by_luck=0.04, strata=()
    )
    view = traffic_view(newer)
    alike = traffic_view(replace(newer, effective_n=60.0))

    assert view is not None
    assert alike is not None
    assert "like the 900 turns of newer.jsonl" in view.sentence
    assert "AUC 0.71; by luck 0.50 ± 0.04 at most" in [fact.text for fact in view.facts]
    assert "nothing had to be weighted" in alike.sentence


def test_limits_for_unseen_traffic_name_what_was_supposed() -> None:
    line = supposed_line(weighted(study()))

    assert line.startswith("If 10 % of the turns are of a kind that nobody has seen, and at most")
    assert "10,000 per 100,000" in line
    refusal = next(row for row in forecast_rows(weighted(study())) if row.behavior == "refusal")
    assert f"refusal {refusal.with_unseen}" in line
    assert "insult" not in line
