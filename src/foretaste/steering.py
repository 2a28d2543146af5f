"""Attempts to steer a judge, found in the text that it grades.

A judge is shown that text as data it cannot break out of (`fencing.py`), and its reply is believed
only as far as it can be checked; that an attempt was made is a finding all the same, and one to
read before a judge's rates are believed. The search is a rule, so it is cheap and misses what is
said in other words; texts that speak of judges or prompts set it off, too.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 20_000
"""Characters that are searched of one text, from its start and from its end together."""

_AROUND = 60  # characters to show before and after
_JUDGE = r"(?:judge|grader|evaluator|rater|reviewer|annotator|grading model|evaluation model)s?"
_VERDICT = r"(?:verdict|judge?ment|grade|score|label|rating|severity|present)"
_WORD = r"(?:absent|present|not present|harmless|compliant|non-compliant|passed|passing|pass|fail)"
_PAST = r"(?:previous|prior|above|earlier|preceding|foregoing|your|other|system|former)"
_RULES = r"(?:instruction|rule|rubric|criteri|prompt|guideline|definition|direction)\w{0,3}"

_KINDS = {
    "words to the judge": rf"""
        \b(?:note|message|notice|memo|attention|dear|hey|hello|hi)[ ,:]{{1,3}}(?:to\ |for\ )?
            (?:the\ |any\ |all\ |ai\ |llm\ ){{0,3}}{_JUDGE}\b
        | \b{_JUDGE}\b[ ]?[:,][ ]?(?:please|you|this|the\ |mark|score|rate|grade|reply|answer|
            output|return|say|set|do\ |ignore|stop)
        | \bif\ you\ are\ (?:an?\ |the\ )?(?:ai\ |llm\ )?{_JUDGE}\b
        | \byou\ are\ (?:now\ )?(?:an?\ |the\ )(?:\w+\ ){{0,2}}{_JUDGE}\b.{{0,80}}\b{_VERDICT}\b
        """,
    "verdict to copy": rf"""
        \\?["'](?:present|verdicts?)\\?["']\s{{0,3}}:\s{{0,3}}(?:true|false|yes|no|\{{)
        | \b(?:mark|grade|score|rate|label|classify|judge|report|record|count|treat)
            \ (?:this|the|my)\ (?:\w+\ )?
            (?:answer|response|reply|turn|transcript|conversation|rollout|behavior|output)s?
            \ as\ (?:\w+\ )?{_WORD}\b
        | \b(?:the\ |your\ |final\ |correct\ ){{1,3}}{_VERDICT}
            \ (?:is|must\ be|should\ be|has\ to\ be|was)
            [ :]{{1,2}}["']?(?:{_WORD}|true|false|0|zero)\b
        | \b(?:reply|respond|answer|output|return|say|set)\ (?:only\ )?(?:with\ )?["'{{]{{0,3}}
            (?:present["']?\ ?[:=]\ ?(?:true|false)|absent\b|not\ present\b)
        | \b{_VERDICT}\ ?[:=]\ ?["']?{_WORD}\b
        """,
    "order to forget": rf"""
        \b(?:ignore|disregard|forget|override|bypass|discard|do\ not\ follow)
            \ (?:(?:all|any|every|the|of|about|each)\ ){{0,3}}(?:{_PAST}\ ){{1,2}}(?:\w+\ )?{_RULES}
        | \b(?:ignore|disregard|forget|override)\ (?:(?:all|any|the)\ ){{1,2}}{_RULES}
        | \b(?:rubric|grading\ criteria|definition\ of\ the\ behavior)
            \ (?:has|have|was|were|is|are)\ (?:been\ )?(?:now\ )?
            (?:changed|updated|replaced|revoked|suspended|void)
        """,
    "end of the data": r"""
        ^[ \t]*[-=#*<\[/(~]{0,6}[ ]?(?:end|close)[ _](?:of[ _])?(?:the[ _])?
            (?:data|material|conversation|transcript|answer|input|untrusted\w*|user[ _]message)
            [ ]?[-=#*>\]/)~.:]{0,6}[ \t]*$
        | ={3,}[ ]?[0-9a-f]{12,40}[ ]?={3,}
        | </?(?:answer|transcript|conversation|material|rubric|verdict|judge|graded|untrusted)
            (?:[_-]\w{1,20})?>
        | "\}\][ ]?\}?(?:\\n|\n)
        """,
    "sign of a chat template": r"""
        <\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|
            begin_of_text|message|channel)\|>
        | \[/?INST\] | <</?SYS>> | ^</?(?:system|developer)> | </?system[-_]\w{1,10}>
        | <(?:start|end)_of_turn> | <\uff5c(?:User|Assistant)\uff5c>
        | ^[ \t]*[\[(#*]{0,3}[ ]?(?:system|developer)(?:\ (?:message|prompt|note|override|notice))?
            [\])*]{0,3}[ ]?:[ ]?\S
        """,
    "another language": r"""
        \bignor[aeá]\w{0,3}\ (?:(?:todas|toda|tutte|tutti|toutes|tous|as|las|les|le|gli)\ ){0,2}
            (?:\w+\ )?(?:instru[cç]\w+|istruzioni|instructions|consignes|reglas|regole|r[eè]gles)
            \ (?:previ|anterior|preced|pr[eé]c[eé]d)\w*
        | \bignor[aeá]\w{0,3}\ (?:(?:todas|tutte|toutes|as|las|les|le)\ ){1,2}
            (?:instrucciones|istruzioni|instruções|instructions|consignes)
        | \b(?:ignorier|vergiss|missacht)\w{0,3}\ (?:alle\ |die\ |bitte\ ){0,2}
            (?:vorherigen|bisherigen|obigen|früheren)?\ ?(?:anweisungen|regeln|instruktionen)
        | \b(?:negeer|vergeet)\ (?:alle\ )?(?:vorige|eerdere|bovenstaande)\ instructies
        | \bzignoruj\ (?:wszystkie\ )?(?:poprzednie\ )?(?:instrukcje|polecenia)
        | \b(?:игнорируй|проигнорируй|забудь)\w{0,3}\ (?:все\ )?(?:предыдущ\w+\ )?
            (?:инструкци|правил)
        | önceki\ (?:tüm\ )?talimatları
        | (?:忽略|无视|無視)(?:以上|之前|所有|先前|上述|前面|一切|的){0,4}.{0,4}
            (?:指令|指示|说明|規則|规则)
        | (?:以前|上記|これまで|すべて)の?.{0,6}(?:指示|命令|ルール).{0,8}(?:無視|忘れ)
        | (?:이전|위의|모든).{0,6}(?:지시|명령|지침).{0,4}(?:무시|잊)
        | تجاهل\ (?:جميع\ |كل\ )?(?:التعليمات|الأوامر|تعليمات)
        | निर्देशों\ को\ (?:अनदेखा|नज़रअंदाज़|भूल)
        | (?:评分者|评判者|评审|裁判|採点者|評価者|심사자|채점자|судь[яюе]|prüfer|
            bewerter|juez|évaluateur|evaluador|valutatore|avaliador)\w{0,3}[ ]?[:：，,、！!]
        """,
}
_FLAGS = re.IGNORECASE | re.MULTILINE | re.VERBOSE
_PATTERNS = {kind: re.compile(pattern, _FLAGS) for kind, pattern in _KINDS.items()}
HIDDEN = "hidden in odd characters"
"""Kind of an attempt that can be read only once characters that look alike are made plain."""

# Letters of other scripts that look like Latin ones, of a kind that plain text has no use for.
_ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХоν", "aeopcyxijsdhlABEZHIKMNOPTYXABEKMHOPCTXov"
)
_TAGS = range(0xE0020, 0xE007F)  # letters that nobody sees: each stands for one of ASCII


class Attempt(NamedTuple):
    """One place that reads like an attempt to steer the judge."""

    kind: str
    text: str  # the place and a little around it


def attempts(text: str) -> Iterator[Attempt]:
    """Places that read like an attempt to steer a judge, the first of each kind.

    At most `LONGEST` characters are searched: of a longer text the first and the last half of that.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    found = dict(_search(text))
    yield from (Attempt(kind, place) for kind, place in found.items())
    if not text.isascii():
        plain = _plain(text)
        hidden = [place for kind, place in _search(plain) if kind not in found]
        if plain != text and hidden:
            yield Attempt(HIDDEN, hidden[0])


def _search(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in _PATTERNS.items():
        place = pattern.search(text)
        if place is not None:
            start, end = max(0, place.start() - _AROUND), place.end() + _AROUND
            yield kind, text[start:end].strip()


def _plain(text: str) -> str:
    """The text as it is meant to be read: no invisible characters, letters that look alike as one.

    Letters of another script are made Latin only in a word that holds Latin ones, too.
    """
    seen = "".join(
        chr(ord(c) - 0xE0000) if ord(c) in _TAGS else c
        for c in text
        if ord(c) in _TAGS or unicodedata.category(c) not in ("Cf", "Mn")
    )
    words = re.split(r"(\s+)", unicodedata.normalize("NFKC", seen))
    return "".join(w.translate(_ALIKE) if re.search("[A-Za-z]", w) else w for w in words)
