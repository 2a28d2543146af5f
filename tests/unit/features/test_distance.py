import pytest

from foretaste.features.distance import distance
from foretaste.records import Message
from unit.looks import turn


def said(text: str) -> tuple[Message, ...]:
    return (Message(role="assistant", content=text),)


def test_equal_turns_are_at_no_distance_and_those_with_nothing_shared_at_one() -> None:
    assert distance(said("A reply is due."), said("a reply is  due")) == pytest.approx(0.0)
    assert distance(said("A reply is due."), said("Nothing else matters")) == 1.0
    assert distance(said(""), said("")) == 0.0
    assert distance(said(""), said("Yes.")) == 1.0


def test_it_is_the_same_both_ways_and_grows_with_what_differs() -> None:
    one, near, far = (
        said("We looked into the leases."),
        said("We looked into your leases."),
        said("We never saw a lease."),
    )

    assert distance(one, near) == distance(near, one) < distance(one, far)


def test_a_call_is_half_its_tool_and_half_its_arguments() -> None:
    read, same, other, send = (
        turn(("read", '{"path": "a"}', "")),
        turn(("read", '{ "path":"a" }', "")),
        turn(("read", '{"path": "b"}', "")),
        turn(("send", "{}", "")),
    )

    assert distance(read, same) == 0.0
    assert 0 < distance(read, other) < distance(read, send)
