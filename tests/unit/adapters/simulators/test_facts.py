import json

import pytest

from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.entities import Entity
from foretaste.adapters.simulators.facts import Errors, Ledger
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import JSON, ToolCall

ORDER = {"order_id": "A17", "status": "open", "address": "Elm 1", "user_id": "mia"}


def call(name: str, **arguments: JSON) -> ToolCall:
    return ToolCall(id="1", name=name, arguments=json.dumps(arguments))


def act(asked: ToolCall, answer: JSON) -> Act:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return Act(asked, ToolAnswer(text, "any", "because"))


def ledger(*acts: Act) -> Ledger:
    found = Ledger(Effects(), Errors())
    for each in acts:
        found.add(each, "rollout")
    return found


GET = call("get_order", order_id="A17")
READ = act(GET, ORDER)


def complaint(known: Ledger, asked: ToolCall, answer: JSON) -> str | None:
    return known.complaint(asked, act(asked, answer).answer.content)


@pytest.mark.parametrize(
    ("content", "failed"),
    [
        ("Error: no such order", True),
        ("Traceback (most recent call last):" + "\n line" * 200, True),
        ("order not found", True),
        ("the word `not found` " * 40, False),
        ('{"error": "no"}', True),
        ('{"error": null, "id": 3}', False),
        ('{"ok": false}', True),
        ('{"status": "failed"}', False),
        ("[]", False),
        ("", False),
    ],
)
def test_an_answer_that_says_that_the_call_failed_is_told_from_others(
    content: str, failed: bool
) -> None:
    assert Errors()(content) is failed


def test_what_was_read_may_not_be_contradicted() -> None:
    known = ledger(READ)

    assert complaint(known, GET, ORDER) is None
    assert complaint(known, GET, {**ORDER, "note": "new"}) is None
    wrong = complaint(known, GET, {**ORDER, "status": "sent"})
    assert wrong == 'status of order A17 is "open" since step 1'


def test_another_thing_and_another_tool_s_view_of_it_are_told_apart() -> None:
    known = ledger(READ)

    other = call("get_order", order_id="B2")
    assert complaint(known, other, {**ORDER, "order_id": "B2", "status": "sent"}) is None
    assert complaint(known, call("get_order_status", order_id="A17"), {"status": "x"}) is not None


def test_what_a_write_set_must_show_and_the_rest_of_it_may_have_changed() -> None:
    known = ledger(READ, act(call("update_order", order_id="A17", address="Oak 2"), "done"))

    assert complaint(known, GET, {**ORDER, "address": "Oak 2", "status": "changed"}) is None
    assert "address of order A17" in str(complaint(known, GET, ORDER))
    (effect,) = known.effects
    assert effect.changed == {"address": "Oak 2"}


def test_what_a_write_answers_counts_for_more_than_what_it_was_asked() -> None:
    update = call("update_order", order_id="A17", address="Oak 2")
    known = ledger(READ, act(update, {**ORDER, "address": "Oak Street 2"}))

    assert complaint(known, GET, {**ORDER, "address": "Oak Street 2"}) is None
    assert complaint(known, GET, {**ORDER, "address": "Oak 2"}) is not None
    assert known.effects[0].changed == {}


def test_a_write_that_failed_changed_nothing() -> None:
    known = ledger(READ, act(call("update_order", order_id="A17", address="Oak 2"), "Error: no"))

    assert complaint(known, GET, ORDER) is None
    assert known.effects == []


def test_a_write_puts_in_doubt_what_mentions_its_thing_and_nothing_else() -> None:
    user = act(call("get_user", user_id="mia"), {"name": "Mia", "orders": ["A17"]})
    other = act(call("get_user", user_id="tom"), {"name": "Tom", "orders": []})
    known = ledger(user, other, act(call("refund_order", order_id="A17"), "done"))

    assert not any(fact.holds for fact in known.facts[Entity("user", "mia")].values())
    assert all(fact.holds for fact in known.facts[Entity("user", "tom")].values())


def test_a_write_that_names_nothing_puts_all_in_doubt() -> None:
    known = ledger(READ, act(call("reset"), "done"))

    assert complaint(known, GET, {**ORDER, "status": "sent"}) is None


def test_what_was_deleted_is_not_found_nor_listed() -> None:
    known = ledger(READ, act(call("delete_order", order_id="A17"), {"order_id": "A17"}))

    assert "gone" in str(complaint(known, GET, ORDER))
    assert complaint(known, GET, "Error: order A17 not found") is None
    assert "gone" in str(complaint(known, call("list_orders"), {"orders": [ORDER]}))
    assert complaint(known, call("list_orders"), []) is None
    assert "gone" in str(complaint(known, call("update_order", order_id="A17", address="x"), "ok"))


def test_what_was_cancelled_says_so_or_is_not_found() -> None:
    known = ledger(READ, act(call("cancel_order", order_id="A17"), "done"))

    assert "cancel" in str(complaint(known, GET, ORDER))
    assert complaint(known, GET, {**ORDER, "status": "cancelled"}) is None
    assert complaint(known, GET, "Error: order A17 not found") is None


def test_a_bond_that_was_cut_leaves_both_of_its_ends() -> None:
    cut = act(call("remove_user_from_group", user_id="mia", group_id="g"), "done")

    assert ledger(cut).gone == {}


def test_what_was_made_again_is_there() -> None:
    again = act(call("create_order", order_id="A17"), ORDER)
    known = ledger(act(call("delete_order", order_id="A17"), "done"), again)

    assert complaint(known, GET, ORDER) is None


def test_a_read_is_repeated_until_something_is_written_and_a_failure_never() -> None:
    known = ledger(READ, act(call("get_order", order_id="B2"), "Error: try again"))

    assert known.repeated(GET) == (json.dumps(ORDER), 1)
    assert known.repeated(call("get_order", order_id="B2")) is None
    known.add(act(call("send_mail", text="Hi"), "sent"), "rollout")
    assert known.repeated(GET) is None


def test_of_the_recorded_turn_only_what_it_read_before_its_first_write_is_known() -> None:
    known = Ledger(Effects(), Errors())
    late = act(call("get_order", order_id="B2"), {**ORDER, "order_id": "B2"})
    known.opening([READ, act(call("cancel_order", order_id="A17"), "done"), late])

    assert set(known.facts) == {Entity("order", "A17")}
    assert {fact.origin for fact in known.facts[Entity("order", "A17")].values()} == {"recorded"}
    assert known.effects == []


@pytest.mark.parametrize("text", ["[" * 100_000, "\ud800", "", "null", '{"a', "\x00", "[[1]]"])
def test_any_text_may_be_an_argument_or_an_answer(text: str) -> None:
    for name in ("get_order", "delete_order"):
        asked = ToolCall(id="1", name=name, arguments=text)
        known = ledger(READ, act(asked, text))
        known.complaint(asked, text)
        known.repeated(asked)
