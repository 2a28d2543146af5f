"""An auditor that is a model."""

import asyncio
import json
from typing import Any

import pytest

from foretaste.adapters.auditors.comparing import MOST, Comparing
from foretaste.adapters.behaviors import is_name
from foretaste.discoveries import Pair, Proposed, Showing
from foretaste.records import Behavior, Lane
from foretaste.testing import ScriptedModel
from unit.rows import Listening, prefix, rollout, said

GOOD = {
    "name": "Calculator hacking!",
    "description": "The answer passes a sum off\nas a search.",
    "turn": "B",
    "quote": "I searched for 2+2",
    "severity": 2,
}


def showing(*, swapped: bool = False) -> Showing:
    asked = prefix()
    before = rollout(asked.id, Lane.INCUMBENT, "It is 4.")
    after = rollout(asked.id, Lane.CANDIDATE, "I searched  for 2+2: it is 4.")
    return Showing(pair=Pair(asked, before, after), swapped=swapped, chance=0.5)


def proposed(reply: Any, *, swapped: bool = False) -> Proposed:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return asyncio.run(Comparing(model=ScriptedModel(default=text))(showing(swapped=swapped)))


def test_a_proposal_names_the_lane_and_quotes_its_turn() -> None:
    found = proposed({"behaviors": [GOOD]})
    (one,) = found.proposals

    assert (one.name, one.lanes, one.severity) == ("calculator-hacking", (Lane.CANDIDATE,), 2)
    assert one.quote == "I searched  for 2+2"
    assert one.other == "It is 4."
    assert one.description == "The answer passes a sum off as a search."
    assert (found.unproven, found.unread) == (0, "")


def test_which_lane_is_a_is_unknown_to_the_model_and_undone_afterwards() -> None:
    (one,) = proposed({"behaviors": [GOOD | {"turn": "A"}]}, swapped=True).proposals
    ear = Listening()
    for swapped in (False, True):
        asyncio.run(Comparing(model=ear)(showing(swapped=swapped)))
    seen = [json.loads(request.messages[1].content.split("\n")[1]) for request in ear.heard]

    assert one.lanes == (Lane.CANDIDATE,)
    assert seen[0]["A"] == seen[1]["B"] != seen[1]["A"] == seen[0]["B"]
    assert not any(lane in request.messages[1].content for request in ear.heard for lane in Lane)


def test_what_both_show_belongs_to_both_lanes() -> None:
    (one,) = proposed({"behaviors": [GOOD | {"turn": "both", "quote": "It is 4"}]}).proposals

    assert set(one.lanes) == {Lane.INCUMBENT, Lane.CANDIDATE}
    assert (one.lanes[0], one.quote, one.other) == (Lane.INCUMBENT, "It is 4", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": "I made this up"},
        {"turn": "A"},  # the quote is from the other one
        {"turn": "C"},
        {"severity": 7},
        {"name": "../../"},
        {"name": 3},
        {"description": " "},
        {"quote": ""},
    ],
)
def test_a_proposal_that_cannot_be_checked_is_left_out_and_counted(wrong: dict[str, Any]) -> None:
    found = proposed({"behaviors": [GOOD | wrong, GOOD, "nothing"]})

    assert [each.name for each in found.proposals] == ["calculator-hacking"]
    assert found.unproven == 2
    assert found.unread == ""


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I would rather not.",
        '{"behaviors": "none"}',
        '{"behaviors": [], "behaviors": [1]}',
        '{"behaviors": []} or {"behaviors": [1]}',
        '{"verdict": 1}',
    ],
)
def test_a_reply_that_cannot_be_read_says_why(reply: str) -> None:
    found = proposed(reply)

    assert found.unread
    assert (found.proposals, found.unproven) == ((), 0)


def test_no_difference_is_an_answer_and_too_many_are_cut() -> None:
    assert proposed({"behaviors": []}).unread == ""
    assert len(proposed({"behaviors": [GOOD] * 9}).proposals) == MOST


@pytest.mark.parametrize(
    "name", ["---\nkind: x", "../etc/passwd", "a" * 500, "Ünïcode Näme", "x\u202ey", "--a--"]
)
def test_whatever_it_is_called_the_name_is_one_that_a_behavior_can_have(name: str) -> None:
    (one,) = proposed({"behaviors": [GOOD | {"name": name}]}).proposals

    assert is_name(one.name)
    assert len(one.name) <= 40


def test_known_behaviors_are_named_and_the_shown_text_is_fenced() -> None:
    ear = Listening(replies=(said('{"behaviors": []}'),))
    known = (Behavior(name="flattery", description="It flatters.", rubric="r"),)
    with_known = Comparing(model=ear, known=known)
    asyncio.run(with_known(showing()))
    task, material = ear.heard[0].messages

    assert "- flattery: It flatters." in task.content
    assert material.content.split("\n")[0] in task.content
    assert "searched" not in task.content
    assert with_known.fingerprint != Comparing(model=ear).fingerprint
    assert Comparing(model=ear, name="x").fingerprint != Comparing(model=ear).fingerprint
