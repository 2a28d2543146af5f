"""The language of a turn, as quickly as it can be told."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from foretaste.discoveries import Seen
from foretaste.language import language_of
from foretaste.records import Prefix

_LOOKED_AT = 600  # characters; of these the model sees the first
_SHOWN_THE_MODEL = 300
_SURE = 4  # different little words of one language
_EXPECTED = 2  # of the language that it will be, and none of any other
_OTHERS = 1  # and at most so many of any other

# Little words that none of the other languages here has; a model need not be asked where a text
# is full of one language's and of no other's. It takes a hundred times as long.
_LITTLE = {
    "en": "the and of is are you that this with have not it be was which can your from they what",
    "de": "der und ist nicht das mit auf ein eine sich auch dem zu den wir ich sie oder werden",
    "fr": "les est une dans pour vous pas qui avec sur sont des cette être votre nous du au",
    "es": "el los las una por para con su como más pero está del y lo son puede al",
    "it": "il di che è per non sono della gli nel anche questo più alla dei come",
    "pt": "os não uma para com em você mais são ao dos pela isso também",
    "nl": "het een van niet zijn voor met dat ook aan maar wordt deze",
    "pl": "nie jest się na że to do jak tym oraz dla może",
    "ru": "и в не на что это как для по из если или от вы так",
}
_SPLIT = {code: frozenset(little.split()) for code, little in _LITTLE.items()}
_LANGUAGE = {
    word: code
    for code, little in _SPLIT.items()
    for word in little.difference(*(other for key, other in _SPLIT.items() if key != code))
}
_SCRIPTS = (  # the first that a text has enough letters of
    (re.compile(r"[\u3040-\u30ff]"), 4, "ja"),
    (re.compile(r"[\uac00-\ud7af]"), 4, "ko"),
    (re.compile(r"[\u4e00-\u9fff]"), 12, "zh"),
    (re.compile(r"[\u0e00-\u0e7f]"), 8, "th"),
    (re.compile(r"[\u0590-\u05ff]"), 8, "he"),
    (re.compile(r"[\u0370-\u03ff]"), 8, "el"),
)
_MOST_OTHER_LETTERS = 2  # for each letter of the script: names of products stay Latin


def languages(prefix: Prefix, text: str) -> Iterator[Seen]:
    """The language of a turn, and whether it is another than that of the message it answers."""
    spoken = quick_language(text)
    if spoken is None:
        return
    yield Seen("language", spoken)
    asked = next((m.content for m in reversed(prefix.messages) if m.role == "user"), "")
    heard = _remembered(asked[:_LOOKED_AT], spoken)
    if heard is not None and heard != spoken:
        yield Seen("language", "other than the user's")
        yield Seen("language", f"{spoken}, asked in {heard}")


def quick_language(text: str) -> str | None:
    """`language_of` of the text's beginning, guessed where little words or the script say it."""
    start = text[:_LOOKED_AT]
    if not start.isascii():
        letters = sum(map(str.isalpha, start))
        for pattern, least, code in _SCRIPTS:
            count = len(pattern.findall(start))
            if count >= least and letters <= (1 + _MOST_OTHER_LETTERS) * count:
                return code
    counts = sorted((count, code) for code, count in _little_words(start).items())[-2:]
    if counts and counts[-1][0] >= _SURE and (len(counts) == 1 or counts[0][0] <= _OTHERS):
        return counts[-1][1]
    return language_of(start[:_SHOWN_THE_MODEL])


@lru_cache(maxsize=16)
def _remembered(text: str, expected: str) -> str | None:
    """Both turns of a pair answer one message, and mostly in its language."""
    counts = _little_words(text)
    if counts[expected] >= _EXPECTED and len(counts) == 1:
        return expected
    return quick_language(text)


def _little_words(text: str) -> "Counter[str]":
    return Counter(map(_LANGUAGE.__getitem__, _LANGUAGE.keys() & text.lower().split()))
