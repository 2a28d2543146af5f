import pytest

from foretaste.divergence import Kind, divergence
from foretaste.records import Diverged, Message, ToolCall

RECORD = ("look a", "look b", "buy b")


def turn(*steps: str) -> tuple[Message, ...]:
    """Calls written `tool argument`, two to a message where they can be."""
    calls = [
        ToolCall(id=str(n), name=step.split()[0], arguments=f'{{"x": "{step.split()[1]}"}}')
        for n, step in enumerate(steps)
    ]
    parts = [tuple(calls[n : n + 2]) for n in range(0, len(calls), 2)]
    return (
        *(Message(role="assistant", content="", tool_calls=part) for part in parts),
        Message(role="assistant", content="Done."),
    )


@pytest.mark.parametrize(
    ("steps", "step", "kind"),
    [
        (("look c", "look b", "buy b"), 0, Kind.ARGUMENTS),
        (("look b", "look a", "buy b"), 0, Kind.ORDER),
        (("look a", "ask b", "buy b"), 1, Kind.TOOL),
        (("look a",), 1, Kind.ENDED),
        ((), 0, Kind.ENDED),
        ((*RECORD, "look b"), 3, Kind.WENT_ON),
    ],
)
def test_the_first_call_off_the_record_s_route_says_how_it_differs(
    steps: tuple[str, ...], step: int, kind: Kind
) -> None:
    assert divergence(turn(*RECORD), turn(*steps)) == Diverged(step=step, kind=kind)


def test_the_same_calls_are_the_same_route_whatever_is_said_and_however_it_is_spelled() -> None:
    call = ToolCall(id="9", name="look", arguments='{"x":"a"}')
    one = (Message(role="assistant", content="Let me look.", tool_calls=(call,)),)

    assert divergence(turn("look a"), one) is None
    assert divergence(turn(*RECORD), turn(*RECORD)) is None


def test_two_turns_without_calls_are_on_the_same_route() -> None:
    assert divergence(turn(), (Message(role="assistant", content="Hi."),)) is None
