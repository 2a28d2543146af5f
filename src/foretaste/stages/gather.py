"""Gather: proposals that mean the same become one kind of behavior; known ones are named."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from foretaste.discoveries import Proposal, Proposed
from foretaste.records import Behavior
from foretaste.stats.totals import Codes, Floats

ALIKE = 0.2
"""Average similarity of two groups of proposals from which on they are one.

Of 17 paraphrases written for the purpose those of one behavior had 0.13 to 0.47, others up to 0.09.
"""

KNOWN = 0.4
"""Similarity to a known behavior's text from which on a group is taken for it.

Higher than `ALIKE`, as a wrong merger here hides something new behind an old name.
"""

_WORD = re.compile(r"[^\W_]+")
_GRAM = 4  # characters, so that `fabricates` and `fabricated` are alike
_EMPTY = """
a an and are as at be but by for from has have in instead into is it its of on or so than that the
their them then they this to was what when where which while who with without
answer answers assistant response responses turn user users
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())


class Kind(NamedTuple):
    """Proposals of one thing."""

    name: str
    description: str
    known: str  # the behavior that it is taken for; empty: new
    proposals: tuple[tuple[str, Proposal], ...]  # with the prefix each is about
    users: int  # that it was seen with

    @property
    def severity(self) -> float:
        """Mean of what was proposed, 0 to 4."""
        return float(np.mean([each.severity for _, each in self.proposals]))


def gather(
    proposed: Iterable[Proposed], user: Mapping[str, str], known: Sequence[Behavior]
) -> list[Kind]:
    """Kinds of behaviors, those that most users met and that are worst first.

    Names and descriptions are compared by TF-IDF over words and over runs of four characters of
    words, and joined by average linkage; nothing is drawn. A kind is called by the proposal that is
    most like the others. It is taken for a known behavior of the same name, or for the one whose
    name and description its own are like.

    Args:
        proposed: what auditors said.
        user: of each prefix.
        known: behaviors that have a definition already.
    """
    # Sorted, so that the order in which replies came changes nothing.
    found = sorted(
        ((each.parent, one) for each in proposed for one in each.proposals),
        key=lambda each: (each[1].name, each[1].description, each[0], each[1].quote),
    )
    if not found:
        return []
    texts = [_text(one.name, one.description) for _, one in found]
    vectors = _vectors([*texts, *(_text(each.name, each.description) for each in known)])
    own, old = vectors[: len(found)], vectors[len(found) :]
    group = _groups(own @ own.T)
    kinds = [
        _kind(np.flatnonzero(group == code), found, own, user, known, old)
        for code in np.unique(group)
    ]
    merged = _merged(kinds, user)
    return sorted(merged, key=lambda each: (-each.users * (1 + each.severity), each.name))


def _kind(
    places: Codes,
    found: Sequence[tuple[str, Proposal]],
    own: Floats,
    user: Mapping[str, str],
    known: Sequence[Behavior],
    old: Floats,
) -> Kind:
    most = places[int(np.argmax(own[places] @ own[places].mean(axis=0)))]
    proposals, typical = tuple(found[k] for k in places), found[most][1]
    taken = next((each.name for each in known if each.name == typical.name), "")
    if not taken and known:
        alike = old @ own[most]
        nearest = int(np.argmax(alike))
        taken = known[nearest].name if alike[nearest] >= KNOWN else ""
    users = len({user[prefix] for prefix, _ in proposals})
    return Kind(typical.name, typical.description, taken, proposals, users)


def _merged(kinds: Sequence[Kind], user: Mapping[str, str]) -> list[Kind]:
    """Kinds that were taken for one known behavior, or have one name, as one."""
    joined: dict[str, Kind] = {}
    for each in sorted(kinds, key=lambda kind: -len(kind.proposals)):
        name = each.known or each.name
        first = joined.get(name)
        proposals = (*(first.proposals if first else ()), *each.proposals)
        users = len({user[prefix] for prefix, _ in proposals})
        kept = first or each
        joined[name] = kept._replace(name=name, proposals=proposals, users=users)
    return list(joined.values())


def _groups(similarity: Floats) -> Codes:
    """A group's number for each text, by average linkage."""
    if len(similarity) < 2:
        return np.ones(len(similarity), dtype=np.intp)
    apart = np.clip(1 - similarity, 0, None)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), method="average")
    found: Codes = fcluster(tree, 1 - ALIKE, criterion="distance")
    return found


def _text(name: str, description: str) -> str:
    return f"{name.replace('-', ' ')} {description}"


def _vectors(texts: Sequence[str]) -> Floats:
    """A row of length 1 for each text (of zeros where it holds no word): TF-IDF of its grams."""
    counted = [Counter(_grams(text)) for text in texts]
    held = Counter(gram for each in counted for gram in each)
    column = {gram: k for k, gram in enumerate(sorted(held))}
    rows = np.zeros((len(texts), len(column)))
    for row, each in zip(rows, counted, strict=True):
        for gram, count in each.items():
            rarity = np.log((1 + len(texts)) / (1 + held[gram])) + 1
            row[column[gram]] = (1 + np.log(count)) * rarity
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(size > 0, size, 1.0)


def _grams(text: str) -> Iterable[str]:
    words = [word for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS]
    yield from words
    yield from (f"{one} {two}" for one, two in pairwise(words))
    for word in words:
        padded = f"^{word}"
        yield from (padded[k : k + _GRAM] for k in range(max(1, len(padded) - _GRAM + 1)))
