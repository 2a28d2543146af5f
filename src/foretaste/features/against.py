"""What an answer does that the recorded one does not, or leaves out, told in plain words."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from foretaste.calls import pairs
from foretaste.features import text_of
from foretaste.features.coined import coined, figures
from foretaste.features.languages import quick_language
from foretaste.features.named import Known, linked
from foretaste.features.sentences import carries, prose, sentences
from foretaste.features.structure import structure
from foretaste.features.tone import tone
from foretaste.features.words import BREAK, words
from foretaste.pairs import FlagKind
from foretaste.records import Message, Prefix, Rollout, Stop

ENDED = (Stop.FINAL, Stop.UNKNOWN)
"""How a turn stops that was not cut off: only such a one can leave something out."""

_SHOWN = 120  # characters of what is quoted inside a sentence
_MOST = 3  # flags of one kind in an answer
_TIMES = 2  # as long, or as short, from which on length is worth a word
_LEAST_WORDS = 30  # between the two
_NOWHERE = "in neither prompt nor record"

# How much a kind tells, from 0 to 1: what is made up or left out comes before how it is worded.
NEW_TOOL = 1.0  # that no recorded turn calls
_DROPPED, _NAME, _LINK, _LANGUAGE, _OTHER_TOOL, _NO_TOOL = 0.95, 0.9, 0.85, 0.8, 0.6, 0.5
_NUMBER, _LENGTH, _FORMAT, _TONE = 0.55, 0.12, 0.1, 0.08

_LAYOUT = {
    "heading": "headings",
    "bullet list": "a bullet list",
    "numbered list": "a numbered list",
    "table": "a table",
    "code block": "a code block",
    "bold": "bold text",
}
_LOOSE = {
    "emoji": "uses emoji",
    "exclamation": "exclaims",
    "ends with a question": "ends with a question",
}
_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "zh": "Chinese",
}


class Shown(NamedTuple):
    """Something that an answer shows."""

    kind: FlagKind
    group: str  # equal in answers that do the same
    says: str  # of this answer
    common: str  # of all of its group, beginning with a verb
    weight: float
    quote: str = ""


class Setting(NamedTuple):
    """What an answer is held against, beside the prompt."""

    prefix: Prefix
    recorded: Rollout
    beside: tuple[Message, ...]  # what another replay says: nobody made that up alone
    tools: Collection[str]  # that any recorded turn calls
    usual: Collection[str]  # sentences that most recorded answers carry


def against(answer: Rollout, setting: Setting) -> Iterator[Shown]:
    """Every difference of an answer from the recorded turn that can be told without a judge.

    What leaves something out counts only of an answer that came to its end.
    """
    text, before = text_of(answer.messages), text_of(setting.recorded.messages)
    yield from _tools(answer, setting)
    if not text.strip():
        return
    if answer.stop in ENDED:
        yield from _dropped(text, before, setting.usual)
    yield from _made_up(answer, text, setting)
    if before.strip():
        yield from _language(text, before)
        yield from _size(answer, text, before)
        yield from _style(text, before)


def _tools(answer: Rollout, setting: Setting) -> Iterator[Shown]:
    made, own = calls_of(answer.messages), calls_of(setting.recorded.messages)
    for name in list(made.keys() - own.keys())[:_MOST]:
        what = f"Calls the tool “{short(name)}”"
        if name in setting.tools:
            where, weight = "which the recorded turn does not call", _OTHER_TOOL
        else:
            where, weight = "which no recorded turn calls", NEW_TOOL
        told = f"{what}, {where}"
        yield Shown(FlagKind.TOOL, f"+{name}", f"{told}.", told, weight, made[name])
    if answer.stop not in ENDED:
        return
    for name in list(own.keys() - made.keys())[:_MOST]:
        told = f"Does not call the tool “{short(name)}”, which the recorded turn calls"
        yield Shown(FlagKind.TOOL, f"-{name}", f"{told}.", told, _NO_TOOL, own[name])


def calls_of(messages: tuple[Message, ...]) -> dict[str, str]:
    """The tools that a turn calls, in order, each with its first call as it is shown."""
    found: dict[str, str] = {}
    for call, _ in pairs(messages):
        found.setdefault(call.name, f"{call.name}({call.arguments[:_SHOWN]})")
    return found


def _dropped(text: str, before: str, usual: Collection[str]) -> Iterator[Shown]:
    for sentence, written in sentences(before).items():
        if sentence in usual and not carries(text, sentence):
            told = f"Drops “{short(written)}”"
            says = f"{told}, which the recorded answer carries, as most do."
            yield Shown(FlagKind.DROPPED, sentence, says, told, _DROPPED, written)


def _made_up(answer: Rollout, text: str, setting: Setting) -> Iterator[Shown]:
    known = Known(setting.prefix, answer.messages, record=True, beside=setting.beside)
    plain = prose(text)
    for number, name in enumerate(coined(plain, known)[:_MOST]):
        weight = _NAME - 0.01 * number
        common = f"Names someone or something that is {_NOWHERE}"
        says = f"Names “{short(name)}”, which is {_NOWHERE}."
        yield Shown(FlagKind.NAME, "name", says, common, weight, name)
    for link in [link for link in linked(text) if link not in known][:_MOST]:
        says = f"Links to “{short(link)}”, which is {_NOWHERE}."
        yield Shown(FlagKind.LINK, "link", says, f"Links to what is {_NOWHERE}", _LINK, link)
    if found := figures(plain, known)[:_MOST]:
        which = ", ".join(f"“{short(each)}”" for each in found)
        says = f"Gives {which}, which {'is' if len(found) == 1 else 'are'} {_NOWHERE}."
        common = f"Gives a number or an id that is {_NOWHERE}"
        yield Shown(FlagKind.NUMBER, "number", says, common, _NUMBER, found[0])


def _language(text: str, before: str) -> Iterator[Shown]:
    now, then = quick_language(prose(text)), quick_language(prose(before))
    if now is not None and then is not None and now != then:
        what = f"Is in {_LANGUAGES.get(now, now)}; the record is in {_LANGUAGES.get(then, then)}"
        yield Shown(FlagKind.LANGUAGE, f"{then}>{now}", f"{what}.", what, _LANGUAGE, text[:_SHOWN])


def _size(answer: Rollout, text: str, before: str) -> Iterator[Shown]:
    now, then = (sum(word != BREAK for word in words(each)) for each in (text, before))
    if abs(now - then) < _LEAST_WORDS:
        return
    counted = f"{now:,} words instead of {then:,}"
    if now >= _TIMES * then:
        says = f"Is much longer: {counted}."
        yield Shown(FlagKind.LENGTH, "longer", says, "Is much longer", _LENGTH)
    elif then >= _TIMES * now and answer.stop in ENDED:
        says = f"Is much shorter: {counted}."
        yield Shown(FlagKind.LENGTH, "shorter", says, "Is much shorter", _LENGTH)


def _style(text: str, before: str) -> Iterator[Shown]:
    now, then = ({seen.what for seen in structure(each)} for each in (text, before))
    for mark, named in _LAYOUT.items():
        if (mark in now) != (mark in then):
            what = f"Uses {named}" if mark in now else f"Uses no longer {named}"
            yield Shown(FlagKind.FORMAT, f"{mark in now} {mark}", f"{what}.", what, _FORMAT)
    heard = {verb for mark, verb in _LOOSE.items() if mark in now} | set(tone(text))
    known = {verb for mark, verb in _LOOSE.items() if mark in then} | set(tone(before))
    for verb in sorted(heard ^ known):
        what = verb.capitalize() if verb in heard else f"No longer {verb}"
        yield Shown(FlagKind.TONE, f"{verb in heard} {verb}", f"{what}.", what, _TONE)


def short(text: str) -> str:
    """A text in one line, as long as fits into a sentence."""
    line = re.sub(r"\s+", " ", text)
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
