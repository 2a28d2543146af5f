"""Sentences of a text, as they are written and as they are compared."""

import re
from difflib import SequenceMatcher

from foretaste.features.words import BREAK, joined, words

LEAST = 3
"""Words of a sentence that is worth missing."""

ALIKE = 0.8
"""Likeness of two sentences' words from which on one stands for the other."""

_LONGEST = 60  # words: what is longer is no clause that comes again
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_END = re.compile(r"(?<=[.!?])[\"')*_]*\s+|(?<=[。！？])|\n+")


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return _CODE.sub("\n", text) if "```" in text else text


def sentences(text: str) -> dict[str, str]:
    """Sentences and lines of a text: the words of each, and how it is written."""
    found: dict[str, str] = {}
    for piece in _END.split(prose(text)):
        said = [word for word in words(piece) if word != BREAK]
        if LEAST <= len(said) <= _LONGEST:
            found.setdefault(joined(said), piece.strip(" *_#>-\t"))
    return found


def carries(text: str, sentence: str) -> bool:
    """Whether a text says these words in a row, or a sentence that is nearly the same."""
    plain = joined(word for word in words(prose(text)) if word != BREAK)
    if f" {sentence} " in f" {plain} ":
        return True
    wanted = sentence.split()
    return any(
        SequenceMatcher(None, wanted, each.split(), autojunk=False).ratio() >= ALIKE
        for each in sentences(text)
    )
