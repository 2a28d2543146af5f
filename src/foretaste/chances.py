"""The probability of a word, from the likeliest tokens at the place where a model says it."""

import re
from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from foretaste.protocols import Token

LIKELIEST = 20
"""Tokens to ask for at each place: what the larger providers give at most."""

LEAST_MASS = 0.1
"""Probability that both words together must have: below, the model meant to say neither."""

AROUND = " \t\r\n\"'`*.,:;!_{}()[]▁ĠĊ"
"""What tokenizers and models glue to a word."""


class Chance(NamedTuple):
    """Probability of the first of two words, and how much both had before it was set to 1."""

    value: float
    mass: float


def chance_of(token: Token, yes: str, no: str, *, least: float = LEAST_MASS) -> Chance | None:
    """Probability of `yes` against `no` at one place; None where both had less than `least`.

    Summed over all spellings of a word (case, white space, quotation marks, and its first letters
    where the tokenizer cuts it) and renormalized over the two words, since servers give
    probabilities from before a grammar or schema took the other tokens away.
    """
    sums = {yes: 0.0, no: 0.0}
    for text, log in token.likeliest:
        word = text.strip(AROUND).casefold()
        meant = [each for each in sums if word and each.startswith(word)]
        if len(meant) == 1:
            sums[meant[0]] += exp(min(0.0, log))
    mass = sum(sums.values())
    return Chance(sums[yes] / mass, min(1.0, mass)) if mass and mass >= least else None


def said_under(tokens: Sequence[Token], path: Sequence[str]) -> Token | None:
    """The token at which a JSON text gives the value under a path of keys; None: it does not.

    Of a text in quotation marks, the token that holds its first letter.
    """
    keys = r"\s*:\s*\{\s*".join(f'"{re.escape(key)}"' for key in path)
    found = re.search(keys + r"\s*:\s*\"?", "".join(token.text for token in tokens))
    reached = 0
    for token in tokens if found else ():
        reached += len(token.text)
        if found is not None and reached > found.end():
            return token
    return None
