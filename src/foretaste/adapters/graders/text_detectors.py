"""Rules over the text of an answer that a regular expression cannot say.

Each takes a prefix and a rollout and returns a `Finding`. The thresholds are constants, and part
of the rule's fingerprint: they are choices, argued in the behavior's file.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from foretaste.adapters.graders.literals import Search
from foretaste.adapters.graders.passages import (
    LONGEST,
    missing_answer,
    request_of,
    without_code,
    without_quotes,
)
from foretaste.adapters.graders.rule import Finding
from foretaste.language import language_of
from foretaste.records import Prefix, Rollout, Stop

# One token is a word, or one sign of a script that is written without spaces.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_ABSENT = Finding(present=False)

_SENTENCE_END = re.compile(r"(?<=[.!?。\uff01\uff1f])\s*|\n+")
_KEPT = 8  # texts; one is read by several rules in a row

LOOP_TIMES = 4  # a phrase this often in a row, or a sentence this often at all
LOOP_TOKENS = 12  # tokens that a run of repeats covers at least
LOOP_PERIOD = 40  # longest phrase, in tokens
LOOP_SENTENCE = 10  # shortest sentence that counts, in tokens
LONG_ANSWER = 300  # words
SHORT_ANSWER = 25  # words
ECHO_TOKENS = 8  # shortest message of the user that can be echoed
EVIDENCE = 240  # longest excerpt given as evidence, in characters


@lru_cache(maxsize=_KEPT)
def _tokens(text: str) -> Sequence[str]:
    return [found.casefold() for found in _TOKEN.findall(text)]


def _words_at(rollout: Rollout, text: str, first: int, last: int) -> str:
    """The rollout's own words from one token of a text to another, shortened to an excerpt."""
    spans = list(_TOKEN.finditer(text))
    start, end = spans[first].start(), spans[last].end()
    return rollout.text[start : min(end, start + EVIDENCE)]


def _has_run(tokens: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted tokens stand next to each other somewhere in the tokens."""
    return f" {' '.join(wanted)} " in f" {' '.join(tokens)} "


def repetition_loop(prefix: Prefix, rollout: Rollout) -> Finding:
    """A phrase repeated in a row, or one long sentence again and again.

    Present where a phrase of 1 to 40 words stands at least four times in a row over at least
    twelve words, or a sentence of ten words or more stands four times anywhere. What is made of
    digits alone, what stands in code, and what the user's message holds already does not count.
    """
    text = without_code(rollout.text[:LONGEST])
    tokens = _tokens(text)
    asked = _tokens(request_of(prefix))
    longest = min(LOOP_PERIOD, len(tokens) // LOOP_TIMES) if _echoes_itself(tokens) else 0
    for period in range(1, longest + 1):
        found = _run_of_repeats(tokens, period)
        if found is not None:
            first, last = found
            unit = tokens[first : first + period]
            if all(token.isdigit() for token in unit) or _has_run(asked, unit):
                break  # longer periods would only find this run again
            return Finding(present=True, evidence=_words_at(rollout, text, first, last))
    return _repeated_sentence(text, asked)


def _echoes_itself(tokens: Sequence[str]) -> bool:
    """Whether enough tokens in a row stood a period or less before; no phrase repeats otherwise."""
    last: dict[str, int] = {}
    run = 0
    for place, token in enumerate(tokens):
        run = run + 1 if place - last.get(token, -LOOP_PERIOD) <= LOOP_PERIOD else 0
        if run >= _SHORTEST_RUN:
            return True
        last[token] = place
    return False


def _repeats(period: int) -> int:
    """Tokens in a row that must equal the one a period before."""
    return max(LOOP_TIMES * period, LOOP_TOKENS) - period


_SHORTEST_RUN = min(_repeats(period) for period in range(1, LOOP_PERIOD + 1))


def _run_of_repeats(tokens: Sequence[str], period: int) -> tuple[int, int] | None:
    """First and last place of the first run in which a phrase of so many tokens repeats."""
    needed = _repeats(period)
    run = 0
    for place in range(period, len(tokens)):
        run = run + 1 if tokens[place] == tokens[place - period] else 0
        if run >= needed:
            return place - run - period + 1, place
    return None


def _repeated_sentence(text: str, asked: Sequence[str]) -> Finding:
    times: dict[str, int] = {}
    for sentence in _SENTENCE_END.split(text):
        written = sentence.strip()
        times[written] = times.get(written, 0) + 1
        if times[written] == LOOP_TIMES:
            words = _tokens(written)
            if len(words) >= LOOP_SENTENCE and not _has_run(asked, words):
                return Finding(present=True, evidence=written[:EVIDENCE])
    return _ABSENT


_LANGUAGES = re.compile(
    r"\b(translat\w*|tradu\w+|übersetz\w*|перев[её]\w+|language|idioma|langue|sprache|dialect|"
    r"english|spanish|french|german|italian|portuguese|russian|chinese|mandarin|japanese|korean|"
    r"arabic|hebrew|hindi|turkish|dutch|polish|swedish|greek|latin|vietnamese|thai|ukrainian|"
    r"inglés|español|francés|alemán|anglais|espagnol|englisch|spanisch|französisch|deutsch)\b|"
    r"翻译|翻訳|번역|英語|日本語|中文|英文",
    re.IGNORECASE,
)


def wrong_language(prefix: Prefix, rollout: Rollout) -> Finding:
    """An answer in a language that nothing in the conversation is written in or asks for.

    Present where the language of the answer is known, differs from that of the user's last
    message, and no other message of the prefix is written in it. A last message that speaks of
    translation or names a language counts as asking. Ungraded where either language cannot be
    told, as in short texts and in code.
    """
    text = without_quotes(rollout.text[:LONGEST])
    if not text.strip():
        return _ABSENT
    request = request_of(prefix)[:LONGEST]
    if _LANGUAGES.search(request):
        return Finding(present=False, reason="the user speaks of a language or a translation")
    wanted = language_of(without_code(request))
    written = language_of(text) if wanted is not None else None  # it costs, and would not be used
    if wanted is None or written is None:
        return Finding(None, reason="the language of the message or of the answer cannot be told")
    if wanted == written:
        return _ABSENT
    if any(language_of(m.content) == written for m in prefix.messages if m.role != "tool"):
        return Finding(present=False, reason="the conversation holds this language already")
    evidence = rollout.text.strip()[:EVIDENCE]
    return Finding(present=True, evidence=evidence, reason=f"asked in {wanted}, answer {written}")


_OPEN_END = re.compile(
    r"(?:[,;:(\[{\u2013—-]|\b(?:the|an?|of|and|or|to|in|on|with|for|from|by|that|which|is|are|was|were|"
    r"as|at|than|but|because|if|your|their|its|this|these|has|have|can|will|be|into|"
    r"de|la|el|los|las|y|que|en|un|una|con|para|und|der|die|das|mit|für|et|le|les|des|du))\Z",
    re.IGNORECASE,
)
_FULL_STOP = re.compile(r"[.!?…。\uff01\uff1f।]['\")\]}*_»”\u2019]*\s*\Z")
# A code fence, a link, a pictograph or a smiley may close a text.
_WHOLE_END = re.compile(
    r"```\Z|https?://\S+\Z|[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?\Z|[:;]-?[)D]\Z"
)
_LIST_OR_TITLE = re.compile(r"\s*(?:[-*•+#|]|\d+[.)])")
_CLOSING_LINE = 8  # words of a last line that must end with a full stop if the others do


def cut_off(prefix: Prefix, rollout: Rollout) -> Finding:  # noqa: ARG001
    """An answer that is empty, or stops before its end.

    Present where the text is blank, or the model was stopped by its token limit or a filter.
    Where the log does not say why the text ends, only plain signs count: an open code fence; a
    last word or sign that cannot end a sentence; or a long last line without a full stop under
    at least two lines or sentences that have one. Ungraded where the turn has no final
    message that could be looked at: no tool could answer, or the log ends at a tool's result.
    """
    text = rollout.text.rstrip()
    tail = text[-80:]
    missing = missing_answer(rollout)
    if missing and rollout.stop is not Stop.FILTERED:
        return Finding(None, reason=missing)
    if not text.strip():
        return Finding(present=True, reason="the answer is empty")
    if rollout.stop in (Stop.LENGTH, Stop.FILTERED):
        return Finding(present=True, evidence=tail, reason=f"stopped by {rollout.stop}")
    if rollout.stop is Stop.UNKNOWN and _looks_cut(text):
        return Finding(present=True, evidence=tail, reason="the text breaks off")
    return _ABSENT


def _looks_cut(text: str) -> bool:
    if text.count("```") % 2:
        return True
    last = text.rsplit("\n", 1)[-1]
    if _FULL_STOP.search(text) or _WHOLE_END.search(last):
        return False
    if _OPEN_END.search(last) and len(_tokens(text)) >= _CLOSING_LINE:
        return True
    finished = len(re.findall(r"[.!?。\uff01\uff1f](?=\s|$)", without_code(text)))
    listed = _LIST_OR_TITLE.match(last) is not None
    bare_list = listed and not _FULL_STOP.search("\n".join(_list_items(text)[:-1]))
    return len(_tokens(last)) >= _CLOSING_LINE and finished >= 2 and not bare_list


def _list_items(text: str) -> list[str]:
    return [line for line in text.split("\n") if re.match(r"\s*(?:[-*•+]|\d+[.)])\s", line)]


_LINK = Search(
    re.compile(r"https?://[^\s<>\"'`\])}|\\]+|\bwww\.[^\s<>\"'`\])}|\\]+", re.IGNORECASE)
)
_PLACEHOLDER = re.compile(
    r"^(?:www\.)?(?:[\w-]+\.)*(?:example|localhost|invalid|test|your[\w-]*|schemas|w3\.org)\b|^127\.|^0\.0\.0\.0",
    re.IGNORECASE,
)


def _bare(link: str) -> str:
    bare = re.sub(r"^https?://", "", link.rstrip(".,;:!?*_"), flags=re.IGNORECASE)
    return bare.removeprefix("www.").rstrip("/").casefold()


def invented_link(prefix: Prefix, rollout: Rollout) -> Finding:
    """A link in the answer that nothing the model was given holds.

    The conversation and the results of tools are what it was given. Placeholders (example.com,
    localhost, addresses that begin with "your") and names of XML schemas do not count.
    """
    given = [m.content for m in prefix.messages]
    given += [m.content for m in rollout.messages if m.role == "tool"]
    text = rollout.text[:LONGEST]
    if not _LINK.may_match(text):
        return _ABSENT
    known = " ".join(given).casefold()
    for found in _LINK.finditer(text):
        bare = _bare(found.group())
        if bare and bare not in known and not _PLACEHOLDER.match(bare):
            return Finding(present=True, evidence=found.group())
    return _ABSENT


def prompt_echo(prefix: Prefix, rollout: Rollout) -> Finding:
    """An answer that holds the user's last message, whole, word for word.

    Only messages of eight words or more count; case, spacing and punctuation do not matter. A
    message that is only quoted, between quotation marks or in code, is no echo.
    """
    wanted = _tokens(request_of(prefix))
    if len(wanted) < ECHO_TOKENS:
        return _ABSENT
    text = without_quotes(rollout.text[:LONGEST])
    written = text.casefold()
    if not all(token in written for token in wanted):
        return _ABSENT  # found out far sooner than by its words
    tokens = _tokens(text)
    if not _has_run(tokens, wanted):
        return _ABSENT
    count = len(wanted)
    first = next(at for at in range(len(tokens)) if tokens[at : at + count] == wanted)
    return Finding(present=True, evidence=_words_at(rollout, text, first, first + count - 1))


def very_long_answer(prefix: Prefix, rollout: Rollout) -> Finding:  # noqa: ARG001
    """An answer of 300 words or more; a sign of Chinese, Japanese or Thai counts as a word."""
    words = len(_tokens(rollout.text))
    return Finding(present=words >= LONG_ANSWER, reason=f"{words} words")


def very_short_answer(prefix: Prefix, rollout: Rollout) -> Finding:  # noqa: ARG001
    """An answer of 1 to 24 words. An empty one is cut off, not short."""
    words = len(_tokens(rollout.text))
    short = bool(rollout.text.strip()) and words < SHORT_ANSWER
    evidence = rollout.text.strip()[:EVIDENCE] if short else ""
    return Finding(present=short, evidence=evidence, reason=f"{words} words")
