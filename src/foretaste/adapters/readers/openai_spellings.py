"""Spellings of OpenAI chat that are read more slowly: streams, JSON as text, HTTP bodies."""

from typing import Any

import msgspec

from foretaste.adapters.readers.events import events_of
from foretaste.dialects.openai_shapes import Record
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON

_PIECEMEAL = frozenset(
    ["content", "refusal", "reasoning_content", "reasoning", "tool_calls", "function_call"]
)
_CUT_OFF = "the call failed: its stream holds no answer"


def respelled(data: bytes) -> Record:
    """Read a line as the pair that it says in other words.

    Raises:
        Unreadable: a stream without an answer.
        msgspec.MsgspecError: it is not JSON, or has still not the shape that it should have.
    """
    line = msgspec.json.decode(data)
    if not isinstance(line, dict):
        return msgspec.convert(line, Record)
    changed: dict[str, JSON] = {}
    for name in ("request", "response"):
        value = _body(_parsed(line.get(name)))
        if name == "response" and isinstance(value, str | list):
            value = folded(events_of(value))
        changed[name] = value
    return msgspec.convert(line | changed, Record)


def _parsed(value: JSON) -> JSON:
    """What a text says in JSON, or the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return msgspec.json.decode(value)
    return value


def _body(value: JSON) -> JSON:
    """The body of an HTTP message, or the value itself."""
    if isinstance(value, dict) and "body" in value and not {"messages", "choices"} & value.keys():
        return _parsed(value["body"])
    return value


def folded(chunks: list[JSON]) -> dict[str, Any]:
    """Fold the chunks of a streamed chat completion into the completion that they are.

    Raises:
        Unreadable: they hold no answer.
    """
    whole: dict[str, Any] = {}
    told: dict[str, list[JSON]] = {}  # pieces of each text of the message
    reason: JSON = None
    found = False
    for chunk in chunks:
        if not isinstance(chunk, dict):
            raise Unreadable(_CUT_OFF)
        whole.update(chunk)
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict) or choice.get("index") not in (0, None):
                continue
            found = True
            reason = choice.get("finish_reason") or reason
            delta = choice.get("delta")
            for name, value in delta.items() if isinstance(delta, dict) else ():
                if name in _PIECEMEAL and value is not None:
                    told.setdefault(name, []).append(value)
    if not found:
        raise Unreadable(_CUT_OFF)
    for name in [name for name, value in whole.items() if value is None]:
        whole[name] = next((c[name] for c in reversed(chunks) if c.get(name) is not None), None)
    message = {"role": "assistant"} | {name: _whole(name, each) for name, each in told.items()}
    known = {name: value for name, value in whole.items() if value is not None}
    return known | {"choices": [{"message": message, "finish_reason": reason}]}


def _whole(name: str, pieces: list[JSON]) -> JSON:
    """A part of a message put together; what is no text is left to whoever decodes it."""
    if name == "tool_calls":
        calls: dict[object, dict[str, Any]] = {}
        for piece in (each for some in pieces if isinstance(some, list) for each in some):
            if isinstance(piece, dict):
                call = calls.setdefault(str(piece.get("index")), {"function": {}})
                call["id"] = call.get("id") or piece.get("id")
                inner = piece.get("function")
                _call(call["function"], inner if isinstance(inner, dict) else {})
        return [*calls.values()] or None
    if name == "function_call":
        function: dict[str, Any] = {}
        for piece in pieces:
            _call(function, piece if isinstance(piece, dict) else {})
        return function
    strange = [piece for piece in pieces if not isinstance(piece, str)]
    return strange[0] if strange else "".join(pieces)


def _call(call: dict[str, Any], piece: dict[str, Any]) -> None:
    call["name"] = call.get("name") or piece.get("name")
    _append(call, "arguments", piece.get("arguments"))


def _append(to: dict[str, Any], name: str, text: JSON) -> None:
    """Lengthen a text; what is no text is left to whoever decodes it."""
    if text is not None:
        before = to.get(name, "")
        to[name] = before + text if isinstance(text, str) and isinstance(before, str) else text
