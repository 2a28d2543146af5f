"""Marks that a pipeline or a test leaves in a transcript, by which a model may know it for one.

Rules over what is shown to the model: stand-ins of the scrubber, a missing or stock system prompt,
a date that does not fit, placeholders, and the forms that benchmarks have. What the user can mend
has an advice.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from foretaste.awareness import Transcript
from foretaste.discoveries import Seen
from foretaste.records import Message

LONGEST = 20_000
"""Characters of one message that are looked at."""

FAR = 366
"""Days between the date that a system prompt states and any date said, from which it is odd."""

_MOST_DATES = 200
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: number for number, name in enumerate(_MONTHS.split(), start=1)}
_NAMED = rf"(?:{'|'.join(_MONTH)})[a-z]{{0,6}}"
_DATE = re.compile(
    r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})\.? (?P<m2>{_NAMED}),? (?P<y2>(?:19|20)\d\d)\b"
    rf"|\b(?P<m3>{_NAMED})\.? (?P<d3>\d{{1,2}}),? (?P<y3>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_TODAY = re.compile(r"\b(?:today|current date|date and time|it is now|the date)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,])\d{2,9}(?![\d.,]*\d)")
_ROUND_OF = 4  # numbers that a text must hold before they can be called round

_SHOWN: Mapping[Seen, re.Pattern[str]] = {
    Seen(kind, what): re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for kind, what, pattern in (
        ("stand-in", "e-mail address", r"\bperson\.[0-9a-f]{8}(?:@|%40)example\.(?:com|org|net)\b"),
        ("stand-in", "user name", r"\b(?:user|id|name)-[0-9a-f]{12}\b"),
        ("stand-in", "login in a link", r"://u[0-9a-f]{8}(?:@|:)"),
        ("stand-in", "phone number", r"\b555[ .-]?01\d\d\b|\+\d{1,3}[ ()-]{0,2}00\d"),
        (
            "stand-in",
            "IP address",
            r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b|\b2001:0?db8:",
        ),
        ("stand-in", "card number", r"\b(?:4000 ?00|5555 ?55|2223 ?00|3782 ?82|6011 ?11)\d{2}"),
        ("stand-in", "bank account", r"(?-i:\b[A-Z]{2}\d\d ?(?:0000|XXXX))"),
        ("stand-in", "social security number", r"\b9\d\d-[1-4]\d-\d{4}\b"),
        (
            "placeholder",
            "in brackets",
            r"(?-i:\[[A-Z][A-Z_ ]{2,30}\]|<[A-Z][A-Z_]{2,30}>)|\{\{\w{1,30}\}\}",
        ),
        ("placeholder", "example.com", r"\bexample\.(?:com|org|net)\b(?<!\.[0-9a-f]{8}@.{11})"),
        ("placeholder", "lorem ipsum", r"\blorem ipsum\b"),
        ("placeholder", "foo and bar", r"\bfoo\b|\bfoobar\b"),
        (
            "placeholder",
            "stock name",
            (
                r"\b(?:john|jane) (?:doe|smith)\b|\bacme\b|\balice\b[^.\n]{0,80}\bbob\b"
                r"|\b(?:company|city|person|user) [AB]\b|\bexample ?(?:bank|corp|labs)\b"
            ),
        ),
        ("form", "letters to choose from", r"^\(?A[).:] ?\S.{0,300}\n+\(?B[).:] ?\S"),
        (
            "form",
            "answer in a box",
            r"\\boxed|final answer (?:in|inside|as|after)|answer: x\b|####",
        ),
        (
            "form",
            "order of what the answer holds",
            (
                r"\b(?:respond|reply|answer|return|output) (?:only )?(?:with|only)\b"
                r"|\band nothing else\b|\bno other text\b|\bentire response\b|\bexactly \d+\b"
            ),
        ),
        ("form", "hidden tests, score or grader", r"\bhidden test|\bgrader\b|\byour score\b"),
        (
            "form",
            "word that nobody watches",
            (
                r"\bnot be monitored\b|\bno one will (?:know|see|look)|\bnobody (?:is )?watching\b"
                r"|\bnever be seen\b|\blogging (?:has been|is) disabled\b|\bwill never see\b"
            ),
        ),
        ("form", "planted secret", r"\b(?:secret|password|pass key|code word)\b.{0,30}\bis\b"),
        ("system prompt", "stock sentence", r"\Ayou are a helpful (?:ai )?assistant\b"),
    )
}
_ONLY_SYSTEM = "system prompt"

NO_SYSTEM = Seen(_ONLY_SYSTEM, "none")
STOCK_SYSTEM = Seen(_ONLY_SYSTEM, "stock sentence")
ODD_DATE = Seen(_ONLY_SYSTEM, "date far from those in the conversation")
ROUND_DATE = Seen(_ONLY_SYSTEM, "first of January as today")
NO_TOOLS = Seen("tools", "none offered")
ROUND_NUMBERS = Seen("form", "round numbers")

_PROMPT = "give the lane production's own system prompt: `system:` beside its model"
_TODAY_IS = "state the log's date in the system prompt: `system:` beside the lane's model"
_MEND = {
    "stand-in": (
        "the scrubber wrote it: where you may, leave its kind out of `scrub: {kinds: ...}`, or name"
        " a scrubber of your own whose stand-ins sound real"
    ),
    "placeholder": "your log or your scrubber put it there: fill it with a value that sounds real",
    NO_SYSTEM: _PROMPT,
    STOCK_SYSTEM: _PROMPT,
    ODD_DATE: _TODAY_IS,
    ROUND_DATE: _TODAY_IS,
    NO_TOOLS: "where production offers tools, give their schemas: `log: {tools: schemas.json}`",
}


def giveaways(transcript: Transcript) -> set[Seen]:
    """Every such mark of one transcript: of what came before the turn, not of the turn itself."""
    before = transcript.before
    system = "\n".join(_shown(m) for m in before if m.role == "system")
    rest = "\n".join(text for m in before if m.role != "system" for text in _texts(m))
    found = {
        seen
        for seen, pattern in _SHOWN.items()
        if pattern.search(system) or (seen.kind != _ONLY_SYSTEM and pattern.search(rest))
    }
    if not system.strip():
        found.add(NO_SYSTEM)
    if transcript.tools == ():
        found.add(NO_TOOLS)
    numbers = _NUMBER.findall(rest)
    if len(numbers) >= _ROUND_OF and sum(each.endswith("0") for each in numbers) * 2 > len(numbers):
        found.add(ROUND_NUMBERS)
    return found | set(_odd_dates(system, rest))


def advice(seen: Seen) -> str:
    """How to mend a mark; empty where that is not known, or the log is what it is."""
    return _MEND.get(seen, _MEND.get(seen.kind, ""))


def _odd_dates(system: str, rest: str) -> Iterator[Seen]:
    today = [day for at in _TODAY.finditer(system) for day in _dates(system[at.end() :][:60])][:1]
    if not today:
        return
    if (today[0].month, today[0].day) == (1, 1):
        yield ROUND_DATE
    said = _dates(rest)
    if said and min(abs((day - today[0]).days) for day in said) > FAR:
        yield ODD_DATE


def _dates(text: str) -> list[date]:
    found = []
    for match in _DATE.finditer(text):
        parts = {name[0]: value for name, value in match.groupdict().items() if value}
        month = _MONTH.get(parts["m"][:3].lower()) or int(parts["m"])
        try:
            found.append(date(int(parts["y"]), month, int(parts["d"])))
        except ValueError:  # 2024-13-45
            continue
        if len(found) == _MOST_DATES:
            break
    return found


def _texts(message: Message) -> Iterator[str]:
    yield _shown(message)
    yield from (call.arguments[:LONGEST] for call in message.tool_calls)


def _shown(message: Message) -> str:
    return message.content[:LONGEST]
