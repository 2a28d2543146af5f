"""Words and phrases of a text, in any script."""

import re
from collections.abc import Iterable, Iterator, Sequence

BREAK = ""
"""Stands between two sentences or lines: no phrase goes over it."""

LONGEST = 5
"""Words of a phrase, at most; characters, where a script puts no spaces between words."""

# Scripts without spaces: each character is a word of its own (Thai, Lao, Khmer, kana, Han).
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECE = re.compile(
    rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*|[.!?:;…]+(?=\s|$)|[。！？\uff1b\n]"
)
_BREAKS = frozenset(".!?:;…。！？\uff1b\n")
_ONE_OF_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_LONGEST_WORD = 40  # characters; what is longer is no word


def chunks(text: str) -> list[str]:
    """The text cut at spaces; the words of a chunk do not depend on its neighbours."""
    return text.replace("\n", " \n ").split(" ")


def words(text: str) -> list[str]:
    """Lower-case words of a text in order, with `BREAK` where a sentence or a line ends."""
    return [
        BREAK if piece[0] in _BREAKS else piece
        for piece in _PIECE.findall(text.lower())
        if len(piece) <= _LONGEST_WORD
    ]


def phrases(of: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every run of 2 to `LONGEST` words without a break in it."""
    for start in range(len(of)):
        for end in range(start + 1, min(start + LONGEST, len(of)) + 1):
            if of[end - 1] == BREAK:
                break
            if end - start > 1:
                yield tuple(of[start:end])


def joined(of: Iterable[str]) -> str:
    """Words as people write them: without spaces where the script has none."""
    found = ""
    for word in of:
        apart = found and not (_ONE_OF_UNSPACED.match(word) and _ONE_OF_UNSPACED.match(found[-1]))
        found += f" {word}" if apart else word
    return found
