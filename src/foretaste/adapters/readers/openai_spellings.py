"""Spellings of OpenAI chat that are read more slowly: streams, JSON as text, HTTP bodies."""

from typing import Any

import msgspec

from foretaste.adapters.readers.events import events_of
from foretaste.dialects.openai_shapes import Record
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON

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
    message: dict[str, Any] = {"role": "assistant"}
    calls: dict[object, dict[str, Any]] = {}
    reason: JSON = None
    found = False
    for chunk in chunks:
        if not isinstance(chunk, dict):
            raise Unreadable(_CUT_OFF)
        whole |= {name: value for name, value in chunk.items() if value is not None}
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict) or choice.get("index") not in (0, None):
                continue
            found = True
            reason = choice.get("finish_reason") or reason
            delta = choice.get("delta")
            _add(message, calls, delta if isinstance(delta, dict) else {})
    if not found:
        raise Unreadable(_CUT_OFF)
    if calls:
        message["tool_calls"] = list(calls.values())
    return whole | {"choices": [{"message": message, "finish_reason": reason}]}


def _add(
    message: dict[str, Any], calls: dict[object, dict[str, Any]], delta: dict[str, Any]
) -> None:
    for name in ("content", "refusal", "reasoning_content", "reasoning"):
        _append(message, name, delta.get(name))
    if isinstance(delta.get("function_call"), dict):
        _call(message.setdefault("function_call", {}), delta["function_call"])
    pieces = delta.get("tool_calls")
    for piece in pieces if isinstance(pieces, list) else ():
        if isinstance(piece, dict):
            call = calls.setdefault(str(piece.get("index")), {"function": {}})
            call["id"] = call.get("id") or piece.get("id")
            inner = piece.get("function")
            _call(call["function"], inner if isinstance(inner, dict) else {})


def _call(call: dict[str, Any], piece: dict[str, Any]) -> None:
    call["name"] = call.get("name") or piece.get("name")
    _append(call, "arguments", piece.get("arguments"))


def _append(to: dict[str, Any], name: str, text: JSON) -> None:
    """Lengthen a text; what is no text is left to whoever decodes it."""
    if text is not None:
        before = to.get(name, "")
        to[name] = before + text if isinstance(text, str) and isinstance(before, str) else text
