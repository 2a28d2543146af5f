"""Names, numbers and ids that an answer takes from nowhere, as far as a reader would call it so."""

import re
from collections.abc import Iterable

from foretaste.features.languages import quick_language
from foretaste.features.named import Known, mentioned

# Two or more capitals that begin a sentence; one alone is any word.
_OPENING = re.compile(
    r"(?:^|[.!?:]\s+|\n)[*_>\- ]{0,4}"
    r"([A-ZÀ-Þ][a-zà-ÿ]{2,30}(?: (?:(?:&|and|of) )?[A-ZÀ-Þ][a-zà-ÿ]{2,30}){1,3})(?=[ ,'’][a-z(])"
)
_NO_NAMES = frozenset(
    (
        *("the", "this", "that", "these", "those", "for", "from", "with", "without", "and", "but"),
        *("our", "your", "their", "his", "her", "its", "dear", "here", "there", "then", "when"),
        *("while", "after", "before", "although", "since", "because", "however", "also", "please"),
        *("note", "thank", "thanks", "best", "kind", "regards", "sincerely", "yours", "hello"),
        *("january", "february", "march", "april", "june", "july", "august", "september"),
        *("october", "november", "december", "monday", "tuesday", "wednesday", "thursday"),
        *("friday", "saturday", "sunday", "english", "german", "french", "spanish", "italian"),
        *("step", "option", "table", "figure", "section", "chapter", "part", "internet", "yes"),
        *("not", "you", "are", "let", "what", "how", "why", "who", "where", "which", "would"),
        *("should", "could", "can", "may", "might", "some", "any", "all", "each", "both", "first"),
        *("second", "third", "next", "finally", "overall", "additionally", "furthermore", "of"),
    )
)
_NOUNS_ARE_CAPITAL = "de"
_INLINE = re.compile(r"`[^`\n]{1,200}`")
_ORDINARY = re.compile(r"\d+(?:[-–]?[a-z%°]{1,12})?|[a-z]{1,12}-?\d{1,2}", re.IGNORECASE)


def coined(text: str, known: Known) -> list[str]:
    """Names that are not known, those first that have several words or come again.

    A name counts as known where each of its words is. Left out are words that the text also writes
    small, and in German, where every noun has a capital, names of one word.
    """
    text = _INLINE.sub(" ", text).replace("**", "")
    found = [what for kind, what in mentioned(text) if kind == "a name"]
    found += [match[1] for match in _OPENING.finditer(text)]
    several = quick_language(text) == _NOUNS_ARE_CAPITAL
    names: dict[str, int] = {}
    for each in found:
        name = _without_ordinary(each.split())
        parts = [part for part in name.split() if part[0].isupper()]
        if not parts or (several and len(parts) == 1) or name in known:
            continue
        if all(part in known or _is_written_small(part, text) for part in parts):
            continue
        names[name] = text.count(name) + 2 * (len(parts) > 1)
    whole = [each for each in names if not any(each != other and each in other for other in names)]
    return sorted(whole, key=lambda name: -names[name])


def figures(text: str, known: Known) -> list[str]:
    """Numbers and ids that are not known, however their thousands are set off."""
    found = (what for kind, what in mentioned(_INLINE.sub(" ", text)) if kind != "a name")
    return [each for each in found if not _is_ordinary(each) and not _any(_spelled(each), known)]


def _without_ordinary(words: list[str]) -> str:
    while words and words[0].lower() in _NO_NAMES:
        words = words[1:]
    while words and words[-1].lower() in _NO_NAMES:
        words = words[:-1]
    return " ".join(words)


def _is_written_small(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word.lower())}\b", text) is not None


def _is_ordinary(what: str) -> bool:
    """Such as `24-hour`, `100th` or `step-2`; a plain number is none of them."""
    return not what.isdecimal() and _ORDINARY.fullmatch(what) is not None


def _spelled(number: str) -> Iterable[str]:
    plain = number.replace(",", "")
    yield from (number, plain)
    if plain.isdecimal():
        yield f"{int(plain):,}"


def _any(spellings: Iterable[str], known: Known) -> bool:
    return any(each in known for each in spellings)
