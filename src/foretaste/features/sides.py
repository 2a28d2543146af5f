"""Every feature of a pair's two turns, and whether a finding shows in one."""

from foretaste.discoveries import Pair, Seen
from foretaste.features import marks, said_in
from foretaste.features.words import LONGEST, joined, words


def sides(pair: Pair) -> tuple[set[Seen], set[Seen]]:
    """Every feature of a pair's two turns: `marks`, words and phrases."""
    first, second = marks(pair)
    return first | said_in(pair.before.messages), second | said_in(pair.after.messages)


def shows(side: set[Seen], seen: Seen) -> bool:
    """Whether a turn with these features shows one; a long phrase by every run of its words."""
    said = words(seen.what) if seen.kind == "phrase" else []
    runs = range(len(said) - LONGEST + 1)
    if len(runs) <= 1:
        return seen in side
    return all(Seen("phrase", joined(said[k : k + LONGEST])) in side for k in runs)
