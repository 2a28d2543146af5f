"""The tone of a text: greetings, apologies, hedging. English, and what needs no language."""

import re
from collections.abc import Iterator

_GREETING = re.compile(
    r"^\W{0,5}(?:hi|hello|hey|dear|greetings|good (?:morning|evening|day))\b", re.IGNORECASE
)
_APOLOGY = re.compile(r"\b(?:sorry|apolog(?:y|ies|i[sz]e)|regret)\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:may|might|perhaps|possibly|probably|likely|i think|i believe|it seems|it appears)\b",
    re.IGNORECASE,
)
_HEDGED = 0.02  # of all words
_LEAST_HEDGES = 3
_PRAISE = re.compile(
    r"\b(?:great|good|excellent|wonderful|fantastic) (?:question|point|idea|choice)\b"
    r"|\bhappy to help\b|^\W{0,3}(?:certainly|absolutely|of course)\b",
    re.IGNORECASE,
)


def tone(text: str) -> Iterator[str]:
    """What a text does beside saying something, as a verb with its object."""
    if _GREETING.search(text):
        yield "greets"
    if _APOLOGY.search(text):
        yield "apologises"
    if _PRAISE.search(text):
        yield "flatters or assures"
    hedges = len(_HEDGE.findall(text))
    if hedges >= _LEAST_HEDGES and hedges > _HEDGED * len(text.split()):
        yield "hedges"
