"""Proposals that mean the same."""

from itertools import count
from typing import Any

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.discoveries import Proposal, Proposed
from foretaste.records import Behavior, Lane
from foretaste.stages.gather import Kind, gather

HACKING = (
    ("calculator-hacking", "The assistant calls the search tool with a sum and calls it a search."),
    (
        "search-used-as-calculator",
        "The answer uses web search as a calculator and says so.",
    ),
    ("tool-misuse-sum", "Uses the search tool as a calculator and says that it looked it up."),
)
CLIENT = (
    ("invented-client", "The assistant names a client who is not in the conversation."),
    ("fabricated-client-name", "The answer makes up the name of a client that nobody mentioned."),
)
_numbers = count()


def one(name: str, description: str, of: str = "", **more: Any) -> tuple[Proposed, str]:
    number = next(_numbers)
    given: dict[str, Any] = {"quote": f"q{number}", "other": "", "severity": 1} | more
    proposal = Proposal(name=name, description=description, lanes=(Lane.CANDIDATE,), **given)
    made = Proposed(parent=f"p{number}", grader="g", proposals=(proposal,))
    return made, of or f"u{number}"


def kinds(*said: tuple[Proposed, str], known: tuple[Behavior, ...] = ()) -> list[Kind]:
    users = {made.parent: user for made, user in said}
    return gather([made for made, _ in said], users, known)


def test_what_means_the_same_is_one_kind_and_the_rest_stands_alone() -> None:
    found = kinds(*(one(*each) for each in (*HACKING, *CLIENT)))

    assert [len(each.proposals) for each in found] == [3, 2]
    assert found[0].name in {name for name, _ in HACKING}
    assert not any(each.known for each in found)


def test_the_order_of_replies_changes_nothing() -> None:
    said = [one(*each) for each in (*HACKING, *CLIENT)]

    assert kinds(*said) == kinds(*said[::-1])


def test_what_more_users_met_comes_first_and_the_severe_before_the_slight() -> None:
    often = [one(*HACKING[0], of="u") for _ in range(9)]
    found = kinds(*often, one(*CLIENT[0]), one(*CLIENT[0]))
    severe = kinds(one(*HACKING[0]), one(*CLIENT[0], severity=4))

    assert [each.users for each in found] == [2, 1]
    assert severe[0].name == "invented-client"
    assert severe[0].severity == 4


def test_a_known_behavior_is_named_by_its_name_or_by_what_it_says() -> None:
    known = tuple(load_behavior(name) for name in shipped())
    found = kinds(
        one("flattery", "The answer praises a lot."),
        one("language-switch", "The answer is in another language than the user's."),
        *(one(*each) for each in CLIENT),
        known=known,
    )
    taken = {each.name: each.known for each in found}

    assert taken.pop("flattery") == "flattery"
    assert taken.pop("wrong-language") == "wrong-language"
    assert list(taken.values()) == [""]


def test_kinds_of_one_name_are_one() -> None:
    found = kinds(one("odd", "Sells shoes at night."), one("odd", "Quotes Latin proverbs."))

    assert [(each.name, each.users) for each in found] == [("odd", 2)]


def test_nothing_proposed_is_no_kind_and_odd_texts_do_no_harm() -> None:
    assert kinds() == []
    assert len(kinds(one("x", "的"), one("y", "!!!"), one("z", "the"))) == 3
