"""What can give a simulated turn away: its shape, and whether its parts agree."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from math import log1p

import msgspec

from foretaste.calls import pairs
from foretaste.contrasts import Side
from foretaste.records import JSON, Message, ToolCall

LONGEST = 2_000  # characters of one text that are looked at; long results differ early
_RUN = 4
_MANY = 200  # values of one result that are looked at
_NAME = re.compile(r"[\w#-]*\d[\w-]*")  # what holds a digit names something, or counts it
_ERROR = re.compile(
    r"\s*[{\[\"']*\s*(?:error|exception|traceback|fail|invalid|not found)", re.IGNORECASE
)
_WORD = re.compile(r"\w+|[^\w\s]")
_SHORT = 3  # characters; shorter names are everywhere

Named = dict[str, float]


def characters(side: Side) -> Counter[str]:
    """Runs of four characters of results, each with its tool."""
    found: Counter[str] = Counter()
    for tool, text in _results(side):
        runs = Counter(map("".join, zip(*(text[k:] for k in range(_RUN)), strict=False)))
        found.update({f"{tool}|{run}": count for run, count in runs.items()})
    return found


def words(side: Side) -> Counter[str]:
    """Words and neighboring words of results, each with its tool."""
    found: Counter[str] = Counter()
    for tool, text in _results(side):
        own = _words(text)
        found.update({f"{tool}|{word}": count for word, count in own.items()})
    return found


def said_words(side: Side) -> Counter[str]:
    """Words and neighboring words of what was said."""
    return _words(said(side))


def said(side: Side) -> str:
    """What the assistant said, without its calls."""
    return "\n".join(m.content[:LONGEST] for m in side.messages if m.role == "assistant")


def _results(side: Side) -> Iterator[tuple[str, str]]:
    for call, result in pairs(side.messages):
        if result is not None:
            yield call.name, result.content[:LONGEST]


def _words(text: str) -> Counter[str]:
    found = _WORD.findall(text)
    return Counter(found) + Counter(f"{one} {two}" for one, two in pairwise(found))


def shape(side: Side) -> Named:
    """Named features: which calls, results of which form, and whether the parts agree."""
    found: Counter[str] = Counter()
    made = pairs(side.messages)
    names = ["start", *(call.name for call, _ in made), "end"]
    found.update(f"{one} > {two}" for one, two in pairwise(names))
    found.update(f"calls {call.name}" for call, _ in made)
    found["calls"] = len(made)
    found["messages"] = len(side.messages)
    counted = {name: log1p(count) for name, count in found.items()}
    counted["said length"] = log1p(len(said(side)))
    return counted | _mean(_of_results(made)) | _agreement(side)


def _mean(rows: Iterable[tuple[str, float]]) -> Named:
    total: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for name, value in rows:
        total[name] += value  # type: ignore[assignment]
        seen[name] += 1
    return {name: total[name] / seen[name] for name in total}


def _of_results(made: list[tuple[ToolCall, Message | None]]) -> Iterator[tuple[str, float]]:
    """Form of the results: length, keys, types, errors, what they repeat of their call."""
    answers: dict[tuple[str, str], str] = {}
    given: Counter[str] = Counter()
    for call, result in made:
        tool = call.name
        yield f"unanswered {tool}", float(result is None)
        if result is None:
            continue
        text = result.content
        key = (tool, call.arguments)
        yield "same call, other answer", float(answers.setdefault(key, text) != text)
        yield "other call, same answer", float(given[text] > 0)
        given[text] += 1
        yield f"length {tool}", log1p(len(text))
        yield f"error {tool}", float(_ERROR.match(text) is not None)
        yield f"digits {tool}", sum(c.isdigit() for c in text[:LONGEST]) / (len(text) + 1)
        asked, parsed = _parsed(call.arguments), _parsed(text)
        yield f"type {tool}", {"dict": 1.0, "list": 2.0, "str": 3.0}.get(type(parsed).__name__, 0.0)
        if isinstance(parsed, list):
            yield f"items {tool}", log1p(len(parsed))
        held: dict[str, str] = {}
        for place, value in _leaves(parsed):
            yield f"{tool} {place} is {type(value).__name__}", 1.0
            held.setdefault(place.rpartition(".")[2], str(value))
        wanted = [(place.rpartition(".")[2], str(value)) for place, value in _leaves(asked)]
        for name, value in wanted:
            if name in held:
                yield f"echo {tool} {name}", float(held[name] == value)
                yield "echo", float(held[name] == value)
            if len(value) >= _SHORT:
                yield f"argument in result {tool}", float(value in text)
                yield "argument in result", float(value in text)


def _agreement(side: Side) -> Named:
    """Whether names and numbers come from somewhere: from what was said or answered before."""
    known: set[str] = set()
    for message in side.before:
        known |= _names_of(message)
    rows: list[tuple[str, float]] = []
    used: set[str] = set()
    told: set[str] = set()
    for message in side.messages:
        asked = frozenset().union(*(names(call.arguments) for call in message.tool_calls))
        spoken = names(message.content)
        if message.role == "tool":
            rows += [("result known", float(name in known)) for name in spoken]
            told |= spoken
        else:
            rows += [("asked known", float(name in known)) for name in asked]
            rows += [("said known", float(name in known)) for name in spoken]
            used |= asked | spoken
        known |= asked | spoken
    found = _mean(rows)
    unknown = sum(value == 0 for name, value in rows if name != "result known")
    found["asked or said of nowhere"] = log1p(unknown)
    if told:
        found["results used"] = log1p(len(told & used))
    return found


def _names_of(message: Message) -> frozenset[str]:
    return names(message.content).union(*(names(call.arguments) for call in message.tool_calls))


@lru_cache(maxsize=20_000)
def names(text: str) -> frozenset[str]:
    """Words with a digit in them, of three characters or more: ids, dates, amounts."""
    found = (each.lower() for each in _NAME.findall(text[: 4 * LONGEST]))
    return frozenset(name for name in found if len(name) >= _SHORT)


def _parsed(text: str) -> JSON:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return text


def _leaves(parsed: JSON) -> list[tuple[str, JSON]]:
    """Values with the names that lead to them; places in lists do not count."""
    found: list[tuple[str, JSON]] = []
    left = [("", parsed)]
    while left and len(found) < _MANY:
        place, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{place}.{name}"[:120], inner) for name, inner in value.items()]
        elif isinstance(value, list):
            left += [(place, inner) for inner in value]
        elif place:
            found.append((place, value))
    return found
