"""Answers of Anthropic's API as they were streamed, folded into one message."""

from typing import Any

import msgspec

from foretaste.dialects.said import Unreadable
from foretaste.records import JSON

_GROW = ("text", "thinking", "content", "partial_json")


class _Delta(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    content: str | None = None
    partial_json: str | None = None
    citation: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


class _Event(msgspec.Struct):
    type: str = ""
    message: dict[str, Any] | None = None
    index: int = 0
    content_block: dict[str, Any] | None = None
    delta: _Delta | None = None
    usage: dict[str, Any] | None = None
    context_management: Any = None


def folded(stream: str | list[JSON]) -> dict[str, JSON]:
    """The message that a stream came to; `cut_off` is true in it where the stream was.

    Args:
        stream: the text of server-sent events, or the events themselves.

    Raises:
        Unreadable: the call failed, or these are no events of a message.
        msgspec.MsgspecError: an event is no JSON, or has another shape.
    """
    raw = _sent(stream) if isinstance(stream, str) else stream
    message: dict[str, JSON] | None = None
    blocks: dict[int, dict[str, JSON]] = {}
    grown: dict[int, dict[str, list[JSON]]] = {}  # pieces of each block's fields
    for event in (msgspec.convert(each, _Event) for each in raw):
        if event.type == "error":
            raise Unreadable("the call failed")
        if event.type == "message_start":
            message = dict(event.message or {})
        elif event.type == "content_block_start":
            blocks[event.index] = dict(event.content_block or {})
        elif event.type == "content_block_delta" and event.delta:
            blocks.setdefault(event.index, {"type": "text"})
            _grow(grown.setdefault(event.index, {}), event.delta)
        elif event.type == "message_delta" and message is not None:
            delta = event.delta or _Delta()
            message["stop_reason"] = delta.stop_reason
            message["stop_details"] = delta.stop_details
            given = message.get("usage")
            message["usage"] = {**(given if isinstance(given, dict) else {}), **(event.usage or {})}
            if event.context_management is not None:
                message["context_management"] = event.context_management
    if message is None:
        raise Unreadable("the response holds no answer")
    content = [_whole(block, grown.get(index, {})) for index, block in sorted(blocks.items())]
    known = content or message.get("content") or []
    return {**message, "content": known, "cut_off": message.get("stop_reason") is None}


def _sent(text: str) -> list[JSON]:
    """The events in the text of a stream; what was being sent when it was cut off is left out."""
    lines = text.splitlines()
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    events: list[JSON] = []
    for at, each in enumerate(data):
        if each == "[DONE]":
            continue
        try:
            events.append(msgspec.json.decode(each))
        except msgspec.DecodeError:
            if at < len(data) - 1:
                raise
    return events


def _grow(pieces: dict[str, list[JSON]], delta: _Delta) -> None:
    for name in _GROW:
        if (more := getattr(delta, name)) is not None:
            pieces.setdefault(name, []).append(more)
    if delta.citation is not None:
        pieces.setdefault("citations", []).append(delta.citation)


def _whole(block: dict[str, JSON], pieces: dict[str, list[JSON]]) -> dict[str, JSON]:
    """A block with its pieces put together; an input that is no JSON stays text."""
    found = dict(block)
    for name, more in pieces.items():
        before = block.get(name)
        if name == "citations":
            found[name] = [*(before if isinstance(before, list) else ()), *more]
        elif name != "partial_json":
            found[name] = "".join([before if isinstance(before, str) else "", *more])
        elif (written := "".join(more)).strip():
            try:
                found["input"] = msgspec.json.decode(written)
            except (msgspec.DecodeError, RecursionError):
                found["input"] = written
    return found
