from foretaste.calls import pairs
from foretaste.records import Message
from unit.adapters.simulators.asking import call, calling, result
from unit.rows import said, user

LOOK, BUY = call("look", item="tea"), call("buy", item="tea")


def told(*messages: Message) -> list[tuple[str, str | None]]:
    return [(each.name, found.content if found else None) for each, found in pairs(messages)]


def test_calls_come_with_their_results_in_the_order_of_the_calls() -> None:
    both = calling(LOOK, BUY)

    assert told(user(), both, result(BUY, "bought"), result(LOOK, "3"), said()) == [
        ("look", "3"),
        ("buy", "bought"),
    ]


def test_an_id_that_comes_again_is_another_call() -> None:
    again = (calling(LOOK), result(LOOK, "3"), calling(LOOK), result(LOOK, "2"))

    assert told(*again) == [("look", "3"), ("look", "2")]


def test_a_call_without_result_and_a_result_without_call_are_no_pair() -> None:
    stray = Message(role="tool", content="?")

    assert told(stray, calling(LOOK), result(BUY, "bought")) == [("look", None)]
