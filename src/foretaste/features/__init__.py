"""What a turn shows, without any model: words, phrases, tools, and the shape of it all."""

from foretaste.discoveries import Pair, Seen
from foretaste.features.languages import languages
from foretaste.features.named import Known, invented, links
from foretaste.features.structure import structure
from foretaste.features.tools import tools
from foretaste.features.words import BREAK, joined, phrases, words
from foretaste.records import Lane, Message, Prefix

TELLING = (
    *("argument", "calls", "arguments", "tool", "link", "language", "invented"),
    *("closing", "phrase", "opening", "structure", "length", "word"),
)
"""Kinds of features, those that say most of what happened first."""

LONGER = 1.25
"""Times as many words as the other turn, from which on a turn is called longer."""


def seen_in(
    prefix: Prefix, messages: tuple[Message, ...], *, with_phrases: bool = True
) -> set[Seen]:
    """Every feature of one assistant turn.

    Features are binary. What needs the other lane's turn too, such as a length, is in `marks`.

    Args:
        prefix: what the turn answers.
        messages: the turn: a rollout's, or a part of them.
        with_phrases: False leaves phrases out, which are by far the most.
    """
    found = _marks(prefix, messages, record=messages != prefix.recorded)
    return found | said_in(messages, with_phrases=with_phrases)


def said_in(messages: tuple[Message, ...], *, with_phrases: bool = True) -> set[Seen]:
    """Words and phrases of a turn: all its features but `marks`."""
    said = words(text_of(messages))
    found = {Seen("word", word) for word in said if word != BREAK}
    if with_phrases:
        found |= {Seen("phrase", joined(phrase)) for phrase in phrases(said)}
    return found


def marks(pair: Pair) -> tuple[set[Seen], set[Seen]]:
    """All features of a pair's two turns but words and phrases.

    Both turns are looked at alike: the record counts as known to both, or, where one of them is
    the record, to neither.
    """
    turns = (pair.before, pair.after)
    record = all(turn.lane is not Lane.RECORDED for turn in turns)
    found = [_marks(pair.prefix, turn.messages, record=record) for turn in turns]
    sizes = [_size(text_of(turn.messages)) for turn in turns]
    for side, (own, other) in enumerate((sizes, sizes[::-1])):
        if own > LONGER * other:
            found[side].add(Seen("length", "at least a quarter longer than the other turn"))
    return found[0], found[1]


def text_of(messages: tuple[Message, ...]) -> str:
    """All that the assistant says in a turn."""
    return "\n\n".join(m.content for m in messages if m.role == "assistant" and m.content)


def _marks(prefix: Prefix, messages: tuple[Message, ...], *, record: bool) -> set[Seen]:
    text = text_of(messages)
    known = Known(prefix, messages, record=record)
    return {
        *tools(messages),
        *structure(text),
        *languages(prefix, text),
        *links(text, known),
        *invented(text, known),
    }


def _size(text: str) -> int:
    """Words, roughly; where a text has hardly any spaces, a number that grows with it as well."""
    return max(text.count(" ") + text.count("\n"), len(text) // 12)
