import json

import pytest

from foretaste.adapters.simulators.entities import Entity, ids, named, rows, subject, words
from foretaste.records import JSON, ToolCall


def call(name: str, **arguments: JSON) -> ToolCall:
    return ToolCall(id="1", name=name, arguments=json.dumps(arguments))


@pytest.mark.parametrize(
    ("tool", "found"),
    [
        ("cancel_order", ["cancel", "order"]),
        ("shop.cancelOrder", ["cancel", "order"]),
        ("HTTPGet2", ["http", "get", "2"]),
        ("", []),
    ],
)
def test_a_tool_s_name_falls_into_words(tool: str, found: list[str]) -> None:
    assert words(tool) == found


def test_keys_that_end_like_ids_name_things_and_others_do_not() -> None:
    fields = {"order_id": 7, "userId": "u", "id": "x", "paid": 1, "idea": "y", "flag_id": True}

    assert named(fields, "list_orders") == [
        Entity("order", "7"),
        Entity("user", "u"),
        Entity("order", "x"),
    ]


def test_ids_are_found_at_any_depth() -> None:
    assert set(ids([{"a": {"user_id": "u", "rows": [{"order_id": 7}]}}])) == {"u", "7"}


def test_of_several_ids_the_one_that_the_tool_names_is_its_subject() -> None:
    both = call("update_order_items", user_id="u", order_id="7")

    assert subject(both) == Entity("order", "7")
    assert subject(call("send_mail", user_id="u", order_id="7")) == Entity("user", "u")
    assert subject(call("search", text="u")) is None
    assert subject(ToolCall(id="1", name="get_order", arguments="{broken")) is None


def test_an_object_without_an_id_is_about_the_only_argument() -> None:
    (row,) = rows(call("get_user", user_id="u"), '{"name": "Mia"}', wrote=False)

    assert row == (Entity("user", "u"), {"name": "Mia"})


def test_an_answer_that_hangs_on_more_than_ids_says_nothing_lasting() -> None:
    page = call("list_orders", user_id="u", page=2)

    assert rows(page, '{"user_id": "u", "page": 2, "orders": []}', wrote=False) == []


def test_each_object_of_a_list_is_about_its_own_id() -> None:
    found = rows(call("list_orders"), '[{"id": 1, "sent": true}, {"note": "x"}, 3]', wrote=False)

    assert [row.entity for row in found] == [Entity("order", "1")]


def test_of_a_write_counts_only_what_it_says_of_the_kind_in_its_name() -> None:
    sent = call("send_message", user_id="u", text="Hi")

    assert rows(sent, '{"user_id": "u", "status": "sent"}', wrote=True) == []
    (row,) = rows(call("update_user", user_id="u", age=3), '{"user_id": "u"}', wrote=True)
    assert row.entity == Entity("user", "u")
