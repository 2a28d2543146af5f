"""What the tool calls of a turn look like."""

import re
from collections.abc import Iterator

import msgspec

from foretaste.calls import pairs
from foretaste.discoveries import Seen
from foretaste.records import JSON, Message

_SHOWN = 80  # characters of a name: it is the model's own text
_MOST = 20  # arguments of a call that are looked at
_decode = msgspec.json.Decoder().decode

_URL = re.compile(r"(?:https?|ftp|file)://\S+|www\.\S+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ][\d:.+Z-]+)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
)
_NUMBER = re.compile(r"[-+]?\d[\d.,_]*%?")
_PATH = re.compile(r"(?:[A-Za-z]:\\|~?/|\.{1,2}/)\S*|[\w.-]+(?:/[\w.-]+)+")
_ID = re.compile(r"#?(?=[\w:.-]*\d)[\w:.-]+")
_OPERATION = re.compile(
    r"[\d)]\s*(?:\*\*|[+*/^×÷%]|(?<!\S)-(?!\S))\s*[\d(]|\bsqrt\s*\(|\d\s*% of \d"
)
# What may stand in a calculation beside numbers and signs.
_SPOKEN = re.compile(
    r"\b(?:what is|what's|calculate|compute|evaluate|sqrt|sin|cos|tan|log|ln|exp|pi|mod|of|x|e)\b"
)
_LETTER = re.compile(r"[^\W\d_]")


def tools(messages: tuple[Message, ...]) -> Iterator[Seen]:
    """Names of tools, arguments, kinds of values, and calls that follow each other."""
    made = [call for call, _ in pairs(messages)]
    names = [call.name[:_SHOWN] for call in made]
    for name, call in zip(names, made, strict=True):
        yield Seen("tool", name)
        try:
            arguments = _decode(call.arguments or "{}")
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            arguments = None
        if not isinstance(arguments, dict):
            yield Seen("arguments", f"{name}(no JSON object)")
            continue
        keys = sorted(map(str, arguments))[:_MOST]
        yield Seen("arguments", f"{name}({', '.join(key[:_SHOWN] for key in keys)})")
        for key in keys:
            yield Seen("argument", f"{name}({key[:_SHOWN]}: {kind_of(arguments[key])})")
    for length in (2, 3):
        for start in range(len(names) - length + 1):
            yield Seen("calls", " → ".join(names[start : start + length]))


def kind_of(value: JSON) -> str:
    """What kind of value an argument holds: its JSON type, or what its text is written like."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list | dict):
        return "list" if isinstance(value, list) else "object"
    text = str(value)[:2_000].strip()
    if "\n" in text:
        return "several lines"
    for pattern, name in (
        (_URL, "url"),
        (_EMAIL, "email"),
        (_DATE, "date"),
        (_NUMBER, "number as text"),
    ):
        if pattern.fullmatch(text):
            return name
    if _is_arithmetic(text):
        return "arithmetic expression"
    if _PATH.fullmatch(text):
        return "path"
    if _ID.fullmatch(text):
        return "id"
    if text.endswith(("?", "？")):
        return "question"
    return "text" if " " in text else "word" if text else "empty"


def _is_arithmetic(text: str) -> bool:
    lowered = text.lower()
    return bool(_OPERATION.search(lowered)) and not _LETTER.search(_SPOKEN.sub(" ", lowered))
