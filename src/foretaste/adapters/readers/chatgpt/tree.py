"""The tree of messages of a ChatGPT conversation, and the paths through it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from foretaste.dialects.said import Unreadable

ROUND = "the messages go round in a circle"


class Knot(msgspec.Struct):
    """A place in the tree."""

    message: Any = None
    parent: Any = None


class Branch(NamedTuple):
    """A path through the tree, from its root."""

    knots: list[str]
    own: int = 0  # of those, how many an earlier branch holds
    leaves: int = -1  # place of that branch
    whole: bool = True  # it begins at a root
    round: bool = False  # it comes back to where it was


Tree = Mapping[str, Knot]


def active(tree: Tree, shown: Any) -> Branch:
    """The path that the interface showed last.

    Args:
        tree: the messages.
        shown: where the path ends; if that is nowhere, it is the one with the latest message.

    Raises:
        Unreadable: there are no messages, or none is the last.
    """
    if not tree:
        raise Unreadable("no messages")
    if not isinstance(shown, str) or shown not in tree:
        shown = max(_leaves(tree), key=lambda name: _written(tree[name]), default=None)
    if shown is None:
        raise Unreadable(ROUND)
    return _up(tree, shown, {})


def others(tree: Tree, active: Branch) -> Iterator[Branch]:
    """Every other path, as far as the ones before it do not hold it."""
    held = dict.fromkeys(active.knots, 0)
    place = 0
    for leaf in _leaves(tree):
        if leaf not in held:
            place += 1
            branch = _up(tree, leaf, held)
            for name in branch.knots[branch.own :]:
                held.setdefault(name, place)
            yield branch


def _leaves(tree: Tree) -> list[str]:
    parents = {knot.parent for knot in tree.values() if isinstance(knot.parent, str)}
    return [name for name in tree if name not in parents]


def _written(knot: Knot) -> float:
    """When a message was written; 0 where nobody knows."""
    time = knot.message.get("create_time") if isinstance(knot.message, dict) else None
    return float(time) if isinstance(time, float) else 0.0


def _up(tree: Tree, leaf: str, held: Mapping[str, int]) -> Branch:
    """The path that ends at a leaf."""
    path: list[str] = []
    passed: set[str] = set()
    own = leaves = -1
    name: Any = leaf
    while isinstance(name, str) and name in tree:
        if name in passed:
            return Branch(path[::-1], round=True)
        if own < 0 and name in held:
            own, leaves = len(path), held[name]
        path.append(name)
        passed.add(name)
        name = tree[name].parent
    shared = len(path) - own if own >= 0 else 0
    return Branch(path[::-1], shared, leaves, whole=not name)
