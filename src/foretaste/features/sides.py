"""Every feature of a pair's two turns, and whether a finding shows in one."""

from foretaste.discoveries import Pair, Seen
from foretaste.features import marks, text_of
from foretaste.features.words import BREAK, LONGEST, joined, phrases, words


def sides(pair: Pair) -> tuple[set[Seen], set[Seen]]:
    """Every feature of a pair's two turns: `marks`, words and phrases."""
    found = marks(pair)
    for side, turn in zip(found, (pair.before, pair.after), strict=True):
        said = words(text_of(turn.messages))
        side |= {Seen("word", word) for word in said if word != BREAK}
        side |= {Seen("phrase", joined(phrase)) for phrase in phrases(said)}
    return found


def shows(side: set[Seen], seen: Seen) -> bool:
    """Whether a turn with these features shows one; a long phrase by every run of its words."""
    said = words(seen.what) if seen.kind == "phrase" else []
    runs = range(len(said) - LONGEST + 1)
    if len(runs) <= 1:
        return seen in side
    return all(Seen("phrase", joined(said[k : k + LONGEST])) in side for k in runs)
