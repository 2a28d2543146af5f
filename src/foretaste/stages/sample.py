"""Draw prefixes from a corpus: with known probabilities, or the latest ones."""

from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import nlargest
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foretaste.reactions import label_after
from foretaste.records import Conversation, Dialogue, Label, Prefix, ScrubbedConversation, Stop
from foretaste.traits import tag_of
from foretaste.turns import Turn, content_key, turns

Unit = Literal["turn", "conversation", "final"]
"""What is drawn, and so what a rate is a share of.

`turn`: every assistant turn alike. `conversation`: every conversation alike, then one of its
turns at random. `final`: every conversation's last turn. The published method used more than one
(method.md 2.3); they are different estimands, so the choice is part of the plan.
"""


class Sample(NamedTuple):
    """Prefixes, and how many units there were to draw from."""

    prefixes: Iterator[Prefix]
    population: int
    size: int


A_FEW = 3
"""Turns that are taken of one conversation before the next one's turn comes."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Frame(NamedTuple):
    """One row for each unit that can be drawn."""

    conversation: NDArray[np.int64]  # ordinal in the corpus
    turn: NDArray[np.int64]  # ordinal among the conversation's turns
    user: NDArray[np.int64]
    stratum: NDArray[np.int64]
    strata: list[str]


def sample(
    corpus: Iterable[ScrubbedConversation],
    *,
    unit: Unit,
    rng: np.random.Generator,
    size: int | None = None,
    per_user: int | None = None,
    strata: tuple[str, ...] = (),
) -> Sample:
    """Draw `size` prefixes without replacement (all, if None), in proportion to strata.

    A prefix's `probability` is exact: the cap per user (within a stratum) and the draw within a
    stratum are both simple random samples of known size.

    Args:
        corpus: conversations; iterated twice, once to count and once to cut.
        unit: what is drawn.
        rng: source of all randomness.
        size: prefixes wanted.
        per_user: at most this many units of one user within a stratum.
        strata: names of tags; `language` also where the log has no such tag.
    """
    frame = _frame(corpus, unit, strata, rng)
    chosen, probability = _draw(frame, size, per_user, rng)
    wanted: dict[int, list[tuple[int, float, int]]] = {}
    for row in chosen:
        place = (int(frame.turn[row]), float(probability[row]), int(frame.stratum[row]))
        wanted.setdefault(int(frame.conversation[row]), []).append(place)
    return Sample(_cut(corpus, wanted, frame.strata), len(frame.turn), len(chosen))


def newest(conversations: Iterable[Conversation], count: int) -> list[Conversation]:
    """The `count` conversations with a turn to replay that began last, the newest first.

    Those in which every turn is still open, as in a session that is going on, come last; so do
    those without a time, among which a later record counts as newer. A record that comes twice
    counts once. No more than `count` of them are held.
    """
    seen: set[str] = set()

    def ranked() -> Iterator[tuple[bool, datetime, int, Conversation]]:
        for number, each in enumerate(conversations):
            found = turns(each.dialogue)
            if found and each.id not in seen:
                seen.add(each.id)
                is_closed = any(_is_closed(each.dialogue, turn) for turn in found)
                yield is_closed, each.dialogue.started_at or _LONG_AGO, number, each

    return [row[-1] for row in nlargest(count, ranked(), key=lambda row: row[:3])]


def latest(conversations: Iterable[ScrubbedConversation], count: int) -> list[Prefix]:
    """The last turns of conversations, which come with the newest first.

    Of each conversation in order the last `A_FEW` turns are taken, the last one first, until there
    are `count`; where the conversations end before, they are gone round again. Turns without an
    end, such as one that was interrupted or is going on, are taken of a conversation that has no
    others. Nothing is drawn: these turns stand for no traffic but themselves.
    """
    left = []
    for each in conversations:
        every = turns(each.dialogue)
        closed = [at for at, turn in enumerate(every) if _is_closed(each.dialogue, turn)]
        left.append((each, every, closed or list(range(len(every)))))
    found: list[Prefix] = []
    while len(found) < count and any(places for _, _, places in left):
        for each, every, places in left:
            taken = [places.pop() for _ in range(min(A_FEW, len(places), count - len(found)))]
            found += [prefix_at(each, every, at) for at in taken]
    return found


def _is_closed(dialogue: Dialogue, turn: Turn) -> bool:
    """Whether a turn ends with something said, and nothing that is still to be answered."""
    last = dialogue.messages[turn.end - 1]
    return last.role == "assistant" and not last.tool_calls and bool(last.content.strip())


def _frame(
    corpus: Iterable[ScrubbedConversation],
    unit: Unit,
    strata: tuple[str, ...],
    rng: np.random.Generator,
) -> Frame:
    conversation, turn, user, stratum = array("q"), array("q"), array("q"), array("q")
    users: dict[str, int] = {}
    names: dict[str, int] = {}
    for ordinal, each in enumerate(corpus):
        count = len(turns(each.dialogue))
        if not count:
            continue
        name = " / ".join(tag_of(each.dialogue.messages, each.dialogue.tags, tag) for tag in strata)
        user_code = users.setdefault(_cluster(each), len(users))
        stratum_code = names.setdefault(name, len(names))
        for number in _units(unit, count, rng):
            conversation.append(ordinal)
            turn.append(number)
            user.append(user_code)
            stratum.append(stratum_code)
    return Frame(
        conversation=np.asarray(conversation, dtype=np.int64),
        turn=np.asarray(turn, dtype=np.int64),
        user=np.asarray(user, dtype=np.int64),
        stratum=np.asarray(stratum, dtype=np.int64),
        strata=list(names),
    )


def _units(unit: Unit, count: int, rng: np.random.Generator) -> Iterable[int]:
    match unit:
        case "turn":
            return range(count)
        case "conversation":
            return (int(rng.integers(count)),)
        case "final":
            return (count - 1,)


def _draw(
    frame: Frame, size: int | None, per_user: int | None, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows drawn, and every row's inclusion probability."""
    probability = np.ones(len(frame.turn))
    rows = rng.permutation(len(frame.turn))
    if per_user is not None:
        group = frame.stratum * (int(frame.user.max(initial=0)) + 1) + frame.user
        # Shuffled anew: those of a user with many units stand early among the kept.
        rows = rng.permutation(rows[_rank(group[rows]) < per_user])
        members = np.unique(group, return_inverse=True, return_counts=True)
        probability *= np.minimum(1.0, per_user / members[2][members[1]])
    if size is None or size >= len(rows):
        return np.sort(rows), probability
    stratum = frame.stratum[rows]
    available = np.bincount(stratum, minlength=len(frame.strata))
    share = _allocate(available, size)
    probability *= (share / np.maximum(available, 1))[frame.stratum]
    return np.sort(rows[_rank(stratum) < share[stratum]]), probability


def _rank(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of each element among those of its own group, in the given order."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else order
    rank = np.empty(len(group), dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(group)])
    rank[order] = np.arange(len(group)) - np.repeat(starts, lengths)
    return rank


def _allocate(available: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Shares of `size` in proportion to strata, by largest remainder; none is left out."""
    exact = size * available / available.sum()
    share: NDArray[np.int64] = np.maximum(
        np.floor(exact).astype(np.int64), np.minimum(1, available)
    )
    short = size - int(share.sum())
    if short > 0:
        share[np.argsort(share - exact, kind="stable")[:short]] += 1
    return np.asarray(np.minimum(share, available), dtype=np.int64)


def _cut(
    corpus: Iterable[ScrubbedConversation],
    wanted: dict[int, list[tuple[int, float, int]]],
    strata: list[str],
) -> Iterator[Prefix]:
    for ordinal, each in enumerate(corpus):
        places = wanted.get(ordinal)
        if places:
            all_turns = turns(each.dialogue)
            for number, probability, stratum in places:
                yield prefix_at(each, all_turns, number, probability, strata[stratum])


def prefix_at(
    conversation: ScrubbedConversation,
    all_turns: list[Turn],
    number: int,
    probability: float = 1.0,
    stratum: str = "",
) -> Prefix:
    """The prefix before one assistant turn of a conversation."""
    dialogue, turn = conversation.dialogue, all_turns[number]
    is_last = turn.end == len(dialogue.messages)
    return Prefix(
        parent=conversation.id,
        turn=turn.start,
        turns=len(all_turns),
        user=_cluster(conversation),
        messages=dialogue.messages[: turn.start],
        recorded=dialogue.messages[turn.start : turn.end],
        recorded_stop=dialogue.stop if is_last else Stop.UNKNOWN,
        recorded_model=dialogue.model,
        settings=dialogue.settings,
        tools=dialogue.tools,
        tags=dialogue.tags,
        gaps=dialogue.gaps,
        stratum=stratum,
        probability=probability,
        labels=(
            *(each for each in dialogue.labels if _is_about(each, turn, len(all_turns))),
            *label_after(dialogue.messages, turn.start, turn.end),
        ),
        origin=_origin(dialogue.origins, turn),
    )


def _origin(origins: dict[str, str], turn: Turn) -> str:
    """Of the calls that a turn was made of, the last: it gave the answer that people saw."""
    every = (str(at) for at in range(turn.end - 1, turn.start - 1, -1))
    return next((origins[at] for at in every if at in origins), "")


def _is_about(label: Label, turn: Turn, turns: int) -> bool:
    """Whether a label is about this turn; one of the conversation is where there is no other."""
    if label.message is None:
        return turns == 1
    return turn.start <= label.message < turn.end


def _cluster(conversation: ScrubbedConversation) -> str:
    """The user; where the log names none, all conversations that say the same are one."""
    return conversation.user or content_key(conversation.dialogue.messages)
