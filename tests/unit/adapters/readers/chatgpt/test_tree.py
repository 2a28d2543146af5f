"""Paths through a tree of messages."""

import pytest

from foretaste.adapters.readers.chatgpt.tree import Branch, Knot, active, others
from foretaste.dialects.said import Unreadable


def tree(*edges: str) -> dict[str, Knot]:
    """Each edge is a child and its parent, one letter each; a child alone is a root."""
    return {edge[0]: Knot(parent=edge[1:] or None) for edge in edges}


FORKED = tree("r", "ar", "ba", "ca", "dc", "ec")


def test_the_active_path_goes_from_the_root_to_what_was_shown() -> None:
    assert active(FORKED, "b") == Branch(["r", "a", "b"])


@pytest.mark.parametrize("shown", [None, "z", 7, ["b"]])
def test_where_nothing_was_shown_the_latest_message_counts(shown: object) -> None:
    dated = FORKED | {"d": Knot(message={"create_time": 2.0}, parent="c")}
    dated["e"] = Knot(message={"create_time": "late"}, parent="c")

    assert active(dated, shown).knots == ["r", "a", "c", "d"]


def test_every_other_path_says_where_it_leaves_which() -> None:
    found = list(others(FORKED, active(FORKED, "b")))

    assert found == [
        Branch(["r", "a", "c", "d"], own=2, leaves=0),
        Branch(["r", "a", "c", "e"], own=3, leaves=1),
    ]


def test_what_goes_on_behind_what_was_shown_is_another_path() -> None:
    assert list(others(tree("r", "ar", "ba"), active(tree("r", "ar", "ba"), "a"))) == [
        Branch(["r", "a", "b"], own=2, leaves=0)
    ]


def test_a_second_root_is_a_path_of_its_own() -> None:
    found = tree("r", "ar", "s", "bs")

    assert list(others(found, active(found, "a"))) == [Branch(["s", "b"])]


def test_a_path_whose_parent_is_missing_is_not_whole() -> None:
    assert active(tree("ax", "ba"), "b") == Branch(["a", "b"], whole=False)


def test_a_circle_is_seen() -> None:
    assert active(tree("ab", "ba", "ca"), "c").round
    assert [one.round for one in others(tree("r", "ab", "ba", "ca"), Branch(["r"]))] == [True]
    with pytest.raises(Unreadable, match="circle"):
        active(tree("ab", "ba"), None)


def test_a_tree_of_nothing_holds_no_messages() -> None:
    with pytest.raises(Unreadable, match="no messages"):
        active({}, "a")
