from dataclasses import replace

from foretaste.report.ledger import facts, gaps, lanes, losses, title
from unit.report.studies import study, without_incumbent


def test_the_facts_say_what_was_run_on_what() -> None:
    told = {fact.name: fact.text for fact in facts(study())}

    assert told["Candidate"] == "next-2026-10-01"
    assert told["Sample"] == "60 of 1,904 turns"


def test_a_log_is_told_by_its_file_and_a_time_by_its_day() -> None:
    whole = study()
    day = "2026-10-01T06:16:33.966762+00:00"
    account = replace(whole.account, sources=("/srv/logs/oct.jsonl",), since=day, until=day)
    told = {fact.name: fact.text for fact in facts(replace(whole, account=account))}

    assert (told["Log"], told["Window"]) == ("oct.jsonl", "2026-10-01")


def test_tokens_that_nobody_counted_are_unknown() -> None:
    whole = study()
    lane = replace(whole.account.lanes[0], input_tokens=0, output_tokens=0)
    account = replace(whole.account, lanes=(lane,))

    assert lanes(replace(whole, account=account))[0].tokens == "unknown"


def test_a_lane_that_was_not_replayed_says_so() -> None:
    told = {fact.name: fact.text for fact in facts(without_incumbent(study()))}

    assert told["Incumbent"] == "not replayed"


def test_users_that_the_log_does_not_name_are_unknown() -> None:
    whole = study()
    told = facts(replace(whole, account=replace(whole.account, users=None)))

    assert {fact.name: fact.text for fact in told}["Users"] == "unknown"


def test_each_gap_tells_how_much_of_the_sample_it_touches() -> None:
    assert [gap.text for gap in gaps(study())] == [
        "100 % of the sample (60 of 60)",
        "23 % of the sample (14 of 60)",
    ]


def test_a_lane_tells_models_settings_and_failures() -> None:
    candidate = lanes(study())[2]

    assert candidate.asked == "next (60)"
    assert candidate.dropped == "top_k (12)"
    assert candidate.failures == "context is longer than the model's window (1)"


def test_losses_count_what_failed_and_what_could_not_be_graded() -> None:
    told = [fact.text for fact in losses(study())]

    assert told[2:] == ["2", "36 of 2,136 (1.7 %)"]


SAME = {
    "incumbent": {"use": "embedded", "model": "small"},
    "candidate": {
        "use": "embedded",
        "model": "small",
        "system": "Be\nbrief.",
        "settings": {"seed": 1},
    },
}


def test_what_a_plan_changes_of_productions_conditions_stands_beside_the_model() -> None:
    told = {fact.name: fact.text for fact in facts(replace(study(), plan=SAME))}

    assert told["Incumbent"] == "small"
    assert told["Candidate"] == 'small, system prompt "Be brief.", seed 1'


def test_one_model_under_two_setups_is_not_called_against_itself() -> None:
    assert title(replace(study(), plan=SAME)) == "small, set up anew, against today's"
    assert " against " in title(study())
