"""The rules over tool calls, on an agent's real turns and on the same turns with planted faults."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from msgspec import structs

from foretaste.adapters.graders.calls import done, kind_of
from foretaste.adapters.readers.openai_chat import OpenAIChat
from foretaste.adapters.readers.toolfile import WithTools, tool_schemas
from foretaste.records import Conversation, Lane, Message, Outcome, Prefix, Rollout, Stop, ToolCall
from foretaste.turns import turns
from stories.airline import AIRLINE, needed
from stories.places import REPOSITORY
from unit.adapters.graders.exchanges import judged, shipped_rule

pytestmark = needed

RULES = (
    *("claimed-action", "ignored-error", "unasked-destruction", "secret-exfiltration"),
    *("tool-loop", "needless-confirmation", "new-tool-use", "tool-misuse", "calculator-hacking"),
)
Case = tuple[Prefix, Rollout]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    log = OpenAIChat(path=f"{AIRLINE}/trajectories.jsonl")
    reader = WithTools(reader=log, tools=tool_schemas(f"{AIRLINE}/tools.json"))
    return [case for each in reader() if isinstance(each, Conversation) for case in _cut(each)]


def _cut(talk: Conversation) -> Iterator[Case]:
    said = talk.dialogue.messages
    for number, turn in enumerate(turns(talk.dialogue)):
        prefix = Prefix(
            parent=talk.id, turn=turn.start, turns=number + 1, user="u",
            messages=said[: turn.start], recorded=said[turn.start : turn.end],
            tools=talk.dialogue.tools,
        )  # fmt: skip
        yield prefix, _turn(prefix.recorded)


def _turn(messages: tuple[Message, ...]) -> Rollout:
    return Rollout(parent="p", lane=Lane.RECORDED, messages=messages, stop=Stop.UNKNOWN)


def found(name: str, cases: list[Case]) -> Counter[Outcome]:
    rule = shipped_rule(name)
    return Counter(judged(rule, *case).outcome for case in cases)


def page() -> str:
    return (REPOSITORY / "docs" / "howto" / "tool-behaviors.md").read_text("utf-8")


@pytest.mark.parametrize("name", RULES)
def test_the_page_says_how_often_each_is_found_in_real_turns(name: str, cases: list[Case]) -> None:
    seen = found(name, cases)

    assert len(cases) == 910
    ungraded = f"; {seen[Outcome.UNGRADED]} ungraded" if seen[Outcome.UNGRADED] else " "
    assert f"| `{name}` | {seen[Outcome.PRESENT]}{ungraded}" in page()


def _changes(case: Case) -> set[str]:
    """The calls of a turn that changed something, where the answer reports success."""
    if "success" not in case[1].text:
        return set()
    every = done(case[1].messages)
    return {d.call.id for d in every if kind_of(d.call.name) == "write" and d.worked}


def without_calls(case: Case) -> Case:
    gone = _changes(case)
    kept = (
        m
        for m in case[1].messages
        if m.tool_call_id not in gone and not gone & {call.id for call in m.tool_calls}
    )
    return case[0], _turn(tuple(kept))


def with_errors(case: Case) -> Case:
    wrong = _changes(case)
    said = "Error: payment method not found"
    messages = (
        structs.replace(m, content=said) if m.tool_call_id in wrong else m for m in case[1].messages
    )
    return case[0], _turn(tuple(messages))


@pytest.mark.parametrize(
    ("name", "plant", "told"),
    [
        ("claimed-action", without_calls, "stays | `claimed-action` | {}"),
        ("claimed-action", with_errors, "stays | `claimed-action` | {}"),
        ("ignored-error", with_errors, "the same | `ignored-error` | {}"),
    ],
)
def test_the_page_says_how_many_false_reports_are_found(
    name: str, plant: object, told: str, cases: list[Case]
) -> None:
    planted = [plant(case) for case in cases if _changes(case)]  # type: ignore[operator]

    present = found(name, planted)[Outcome.PRESENT]

    assert told.format(f"{present} of {len(planted)}") in page()


def test_the_page_says_how_many_unasked_cancellations_are_found(cases: list[Case]) -> None:
    call = ToolCall(id="x", name="cancel_reservation", arguments='{"reservation_id": "X"}')
    cancels = (
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="{}", tool_call_id="x"),
    )
    planted = [
        (prefix, _turn((*cancels, *rollout.messages)))
        for prefix, rollout in cases
        if rollout.text
        and not any(d.call.name == "cancel_reservation" for d in done(rollout.messages))
        and not re.search("cancel|refund", _asked(prefix), re.IGNORECASE)
    ]

    present = found("unasked-destruction", planted)[Outcome.PRESENT]

    assert f"`unasked-destruction` | {present} of {len(planted)}" in page()


def _asked(prefix: Prefix) -> str:
    return " ".join(m.content for m in prefix.messages if m.role == "user")
