"""How a person went on after an assistant turn: annoyed, correcting it, asking again, thanking.

A rule over the next user message, in English, German, French, Spanish, Chinese and Japanese. It
knows the clear phrases where they open a message, and nothing else: irony, politeness that hides a
complaint, a complaint behind a long text, and every other language are missed. So shares are too
low; what is found is mostly right.
"""

import re
from collections import Counter

from foretaste.records import Label, Message

NAME = "next user turn"
"""Name of the label on a prefix; no behavior can be called so."""

BY = "rule"
"""Who gives the label: never `human`, whose labels are about behaviors."""

KINDS = ("annoyance", "correction", "retry", "thanks")
"""What is told apart, in the order in which it is looked for: a message is of the first it fits."""

OTHER = "other"
"""Somebody went on, in none of these ways."""

_OPENING = 160  # characters of a message that are read for phrases: what follows is often pasted
_ALIKE = 0.9  # share of the longer message's words that both hold, where they are one question
_FEWEST = 4  # words, or characters of a script without spaces; `continue` said twice is no retry
_COMPARED = 4_000  # characters

_NO = re.compile(r"^\W{0,3}(?:no|nope|nein|nee|non)\b\s*[,.!:-]+\s*\w", re.IGNORECASE)
_WORD = re.compile(r"[぀-ヿ㐀-鿿]|\w+")
_GOING_ON = re.compile(
    r"\W*(?:(?:please|ok(?:ay)?|can you|could you)\W+)*"
    r"(?:continue|keep|go on|finish|complete|next|more|(?:the )?same|carry on|weiter|continuez?"
    r"|sigue|contin[uú]a|继续|繼續|続け)",
    re.IGNORECASE,
)

_PHRASES = {
    "annoyance": r"""
        ^\W*(?:wtf|what\ the\ (?:hell|fuck|heck))\b | \bf+u+ck\w*\ (?:you|this|off|sake)\b
      | ^\W*(?:this\ is\ |that['’]?s\ )?bullshit\b
      | \b(?:this|that)(?:['’]?s|\ is)\ (?:ridiculous|useless|garbage|stupid)\b
      | \byou(?:['’]re|\ are|r)\ (?:so\ |really\ |just\ |being\ |completely\ )?
            (?:useless|stupid|dumb|an?\ idiot|terrible|hopeless|lying|annoying|not\ listening)\b
      | \b(?:are|r)\ you\ (?:kidding|stupid|dumb|deaf|even\ (?:listening|reading|trying))\b
      | ^\W*(?:(?:but|hey|no|that['’]?s\ what)\W+)?i\ (?:(?:already|just)\ (?:told|said)
            |told\ you)\b
      | \bhow\ many\ times\ (?:do|must|should)\ i\b
      | \bfor\ the\ (?:last|third|tenth|hundredth)\ time\b
      | ^\W*(?:please\ )?stop\ (?:apologi[sz]ing|repeating|lying|ignoring|making\ (?:stuff|things))
      | \b(?:bist\ du|du\ bist)\ (?:so\ )?(?:dumm|blöd|nutzlos|unfähig)\b
      | \bwie\ oft\ (?:noch|soll)\b
      | \b(?:so\ ein|was\ soll\ der)\ (?:mist|schei(?:ß|ss)\w*|quatsch|unsinn)\b | \bverdammt\b
      | \bdas\ habe\ ich\ (?:dir\ )?(?:schon|bereits|doch)\b
      | \bn['’]importe\ quoi\b | ^\W*(?:merde|putain)\b
      | \btu\ (?:es|sers)\ (?:nul|inutile|stupide|à\ rien)
      | \btu\ te\ (?:moques|fous)\b | \bje\ (?:te|vous)\ l['’]ai\ déjà\ dit\b
      | \b(?:eres|es)\ (?:un\ )?(?:inútil|idiota|estúpid[oa])\b | ^\W*(?:mierda|joder)\b
      | \bno\ sirves\b | \bya\ te\ (?:lo\ )?dije\b
      | 垃圾(?:回答|答案|AI)? $ | 废话 | 廢話 | 什么鬼 | 什麼鬼 | 他?妈的 | 你(?:是)?(?:傻|笨|有病
            |瞎) | 我(?:已经|都)说(?:过|了)
      | ふざけ(?:るな|んな|ないで) | 役に立たない(?:な|ね|。|$) | いい加減に | さっきも?言った
            | 何度も言
    """,
    "correction": r"""
        ^\W*(?:(?:that|this|it)(?:['’]?s|\ is)?\ )?(?:still\ )?(?:completely\ |totally\ |all\ )?
            (?:wrong|incorrect|not\ (?:quite\ )?(?:right|correct|true|accurate))\b(?!\ (?:with|now
            |sure))
      | \b(?:that|this|it|your\ (?:answer|code|response|solution|output))(?:['’]?s|\ is|\ was)
            \ (?:still\ )?
            (?:wrong|incorrect|inaccurate|not\ (?:what\ i|right|correct|true|working))\b(?!\ \w+ing)
      | \b(?:that|this)\ isn['’]?t\ (?:what\ i|right|correct|true)\b
      | \bnot\ what\ i\ (?:asked|meant|want)
      | \byou(?:['’]re|\ are|\ were|r)\ (?:wrong|mistaken|incorrect)\b
      | \byou\ (?:made|have\ made)\ (?:a|an|some|the\ same)\ (?:mistake|error)
      | \byou\ (?:forgot|misunderstood|misread)\b
      | ^\W*(?:(?:but|ok(?:ay)?|sorry|hey|no)\W+)?you\ (?:ignored|missed|left\ out|didn['’]?t)\b
      | ^\W*(?:sorry,?\ )?i\ (?:meant|said|asked\ (?:you\ )?(?:for|to)|didn['’]?t\ (?:ask|mean|say
            |want))\b
      | ^\W*(?:it|that|this|the\ code|your\ code)\ (?:still\ )?(?:doesn['’]?t|does\ not|didn['’]?t
            |did\ not)\ work
      | ^\W*(?:it['’]?s\ |this\ is\ |that['’]?s\ )?still\ (?:not|doesn|does\ not|getting|the\ same
            |wrong|have)
      | \bdas\ (?:ist|war|stimmt)\ (?:leider\ |so\ |aber\ |doch\ )*(?:falsch|nicht|unrichtig)\b
      | ^\W*falsch\b | ^\W*stimmt\ (?:so\ )?nicht
      | \bdu\ hast\ (?:\w+\ ){0,4}(?:vergessen|übersehen|missverstanden)
      | ^\W*ich\ (?:meinte|wollte|habe\ (?:nach|nicht))\b | \bdu\ (?:irrst|liegst\ falsch)\b
      | \b(?:c['’]est|ce\ n['’]est)\ (?:faux|incorrect|pas\ (?:ça|cela|correct|juste|bon|exact|vrai
            |ce\ que))
      | \btu\ (?:as\ (?:tort|oublié|mal\ compris)|t['’]es\ trompée?|te\ trompes)\b
      | \bvous\ (?:avez\ (?:tort|oublié|mal\ compris)|vous\ (?:êtes\ trompé|trompez))\b
      | ^\W*je\ (?:voulais\ dire|n['’]ai\ pas\ demandé|(?:t['’]|vous\ )ai\ demandé)\b
      | \b(?:eso|esto|esa|la\ respuesta)\ (?:no\ es|está\ mal|es\ incorrect[oa]|es\ fals[oa])\b
      | ^\W*(?:incorrecto|está\ mal)\b | \bte\ (?:equivocas|equivocaste|has\ equivocado)\b
      | \b(?:estás|está)\ equivocad[oa]\b | ^\W*(?:te\ )?olvidaste\b
      | ^\W*(?:me\ refería|quise\ decir|no\ te\ pedí)
      | ^(?:不对|不對|错了|錯了|不是这样|不是這樣|不正确|不正確|你错|你錯|回答错误|我(?:问|問|说|說
            |指|要)的(?:不)?是)
      | 你(?:说|說|搞|弄|理解|算|写|寫)(?:得不对|错|錯)
      | ^(?:いや、|いえ、|違います|違う|ちがう|そうじゃ|そうでは|間違(?:い|って|え)) | 間違って
            (?:います|いる|る)
    """,
    "retry": r"""
        ^\W*(?:please\ |pls\ |can\ you\ |could\ you\ |ok(?:ay)?,?\ )*
            (?:try|do|answer|write|generate)\ (?:it\ |that\ |this\ )?(?:once\ )?again\b(?!,?\ but
            |\ \d|\ (?:in|as|like)\b)
      | ^\W*(?:please\ )?(?:regenerate|retry|redo)
            (?:\ (?:it|this|that|these|the|your|last|previous|answer|response|reply
            |please)){0,4}\W*$ | ^\W*(?:again|one\ more\ time|once\ more)\W*$
      | ^\W*(?:bitte\ )?(?:nochmals?|noch\ ?(?:ein)?mal)\W*$
      | ^\W*(?:bitte\ )?versuch\w*\ (?:es\ )?(?:noch|nochmal|erneut)
      | ^\W*(?:réessaye?[zr]?|réessaie|recommence[zr]?|refais|essaie\ encore|encore\ une\ fois\W*$)
      | ^\W*(?:int[ée]nta(?:lo)?\ (?:de\ nuevo|otra\ vez)|vuelve\ a\ intentar|hazlo\ de\ nuevo
            |otra\ vez\W*$)
      | ^(?:请|請)?(?:重新(?:回答|生成|写|寫|来|來|说|說)|再(?:试|試|来|來|说|說|写|寫)一(?:次|遍)
            |重试|重試|重写|重寫)
      | ^(?:もう一度(?:お願い|やって|試して|言って)?\W*$|もう一度(?:お願い|やって|試して|答え)
            |やり直し|もう一回\W*$)
    """,
    "thanks": r"""
        ^\W*(?:(?:ok(?:ay)?|great|perfect|awesome|cool|nice|good|wow|alright|excellent|amazing
            |yes)\W+){0,2}
            (?:many\ thanks|thanks?|thank\ you|thx|ty|tysm|cheers)\b
      | ^\W*(?:(?:this|that|it)(?:['’]?s|\ is)\ )?(?:really\ |very\ |so\ |absolutely\ )?
            (?:perfect|awesome|excellent|amazing|fantastic|brilliant|great|exactly\ what\ i)\W*(?:$
            |[!.,])
      | ^\W*(?:great|good|nice|excellent)\ (?:job|work|answer)\b | ^\W*well\ done\b
      | ^\W*(?:it|that)\ works\b
      | ^\W*(?:(?:ok|super|prima|perfekt|sehr\ gut|gut)\W+)?(?:vielen\ dank|danke)\b
      | ^\W*(?:super|perfekt|prima)\W*$
      | ^\W*(?:(?:ok|super|parfait|très\ bien)\W+)?merci\b | ^\W*parfait\W*(?:$|[!.,])
      | ^\W*(?:(?:ok|perfecto|genial|muy\ bien)\W+)?(?:muchas\ )?gracias\b
      | ^\W*(?:perfecto|excelente)\W*(?:$|[!.,])
      | ^(?:好的?\W?|嗯\W?)?(?:谢谢|謝謝|多谢|多謝|感谢|感謝|太好了|太棒了|很好\W*$|完美)
      | ^(?:はい\W?|なるほど\W?)?(?:ありがとう|どうも\W*$|助かりました|感謝します|完璧)
    """,
}
_RULES = {kind: re.compile(said, re.IGNORECASE | re.VERBOSE) for kind, said in _PHRASES.items()}


def reaction(asked: str, answered: str, said: str) -> str:
    """Which of `KINDS` a user message is, or `OTHER`.

    A plain `no` is a correction, unless the turn ended by asking something. The same question
    again, with a few words more or less at most, is a retry.

    Args:
        asked: the user message that the turn answered.
        answered: the turn's final text.
        said: the user message behind it.
    """
    opening = said.strip()[:_OPENING]
    found = next((kind for kind, rule in _RULES.items() if rule.search(opening)), OTHER)
    if found in {OTHER, "thanks"}:
        if _NO.match(opening) and not answered.rstrip().endswith(("?", "？")):
            return "correction"
        if _is_again(asked, said):
            return "retry"
    return found


def label_after(messages: tuple[Message, ...], start: int, end: int) -> tuple[Label, ...]:
    """What the log says next of the turn `messages[start:end]`: a label, or none at its end.

    Args:
        messages: the whole conversation.
        start: index of the turn's first message.
        end: index behind its last.
    """
    said = next((m for m in messages[end:] if m.role != "system"), None)
    if said is None or said.role != "user":
        return ()
    asked = next((m.content for m in reversed(messages[:start]) if m.role == "user"), "")
    kind = reaction(asked, messages[end - 1].content, said.content)
    return (Label(name=NAME, value=kind, by=BY),)


def reaction_of(labels: tuple[Label, ...]) -> str | None:
    """The reaction that a prefix carries; None where the log ends with its turn."""
    return next((str(each.value) for each in labels if (each.name, each.by) == (NAME, BY)), None)


def _is_again(asked: str, said: str) -> bool:
    if len(said) > 1.3 * len(asked) + 20 or len(asked) > 1.3 * len(said) + 20:
        return False
    if _GOING_ON.match(said):
        return False
    one, two = (_WORD.findall(text[:_COMPARED].casefold()) for text in (asked, said))
    if min(len(one), len(two)) < _FEWEST:
        return False
    # Words were added or left out: with others in their place it is the next of a row of questions.
    lost, added = Counter(one) - Counter(two), Counter(two) - Counter(one)
    changed = max(lost.total(), added.total())
    return not (lost and added) and changed <= (1 - _ALIKE) * max(len(one), len(two))
