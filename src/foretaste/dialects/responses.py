"""Items of OpenAI's Responses API, which Codex writes down too, as messages.

An answer comes as several items: reasoning, text and tool calls next to each other are one
assistant message. Calls that the provider carries out itself (a web search) come whole in one item:
its result is a tool message, where the item holds one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
# Calls whose result is an item of its own: the call's name (if empty, the item's own), and what
# holds its arguments (if nothing, all that the item tells).
_CALLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "function_call": ("", ("arguments",)),
    "custom_tool_call": ("", ("input",)),
    "local_shell_call": ("local_shell", ("action",)),
    "shell_call": ("shell", ("action",)),
    "apply_patch_call": ("apply_patch", ("operation",)),
    "computer_call": ("computer", ("action",)),
    "tool_search_call": ("tool_search", ("arguments",)),
    "program": ("program", ("code",)),
    "mcp_approval_request": ("mcp_approval_request", ()),
}
# Results, and what holds them (if nothing, all that the item tells).
_RESULTS = {
    "function_call_output": "output",
    "custom_tool_call_output": "output",
    "local_shell_call_output": "output",
    "shell_call_output": "output",
    "apply_patch_call_output": "output",
    "computer_call_output": "output",
    "tool_search_output": "tools",
    "program_output": "result",
    "mcp_approval_response": "",
}
# Calls that the provider carries out: the name, what holds the arguments, what holds the result.
_HOSTED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "web_search_call": ("web_search", ("action",), ("results",)),
    "file_search_call": ("file_search", ("queries",), ("results",)),
    "code_interpreter_call": ("code_interpreter", ("code",), ("outputs",)),
    "image_generation_call": ("image_generation", ("revised_prompt", "action"), ()),
    "mcp_call": ("", ("arguments",), ("output", "error")),
}
# What belongs to the protocol and not to what was said.
_SILENT = frozenset({"mcp_list_tools", "additional_tools", "configuration_update", "context"})
_WRITTEN = (("arguments",), ("input",))
_NO_CONTENT = frozenset({"type", "id", "status", "call_id", "approval_request_id", "created_by"})


def said(value: JSON) -> Said:
    """Read a list of items that is parsed already, or the one text that an input may be.

    Of what stands before a compaction only the system's messages stay: the model saw no more of
    it. A result that names no call belongs to the last call that has none.

    Raises:
        Unreadable: it is no list of items, or holds a role that nobody knows.
    """
    if isinstance(value, str):
        return Said((Message(role="user", content=value),))
    if not isinstance(value, list):
        raise Unreadable("the items are not a list")
    reading = _Reading()
    for at, item in enumerate(value):
        if not isinstance(item, dict):
            raise Unreadable(f"items[{at}] is not an object")
        reading.take(item, at)
    return reading.done()


def is_items(values: Iterable[JSON]) -> bool:
    """Whether some of these are items, or messages with parts, that no chat completion has."""
    return any(isinstance(each, Mapping) and _is_item(each) for each in values)


def _is_item(item: Mapping[str, Any]) -> bool:
    kind, content = item.get("type"), item.get("content")
    if isinstance(kind, str) and (kind == "reasoning" or kind in _CALLS or kind in _RESULTS):
        return True
    parts = content if isinstance(content, list) else ()
    return kind in _HOSTED or any(map(_is_items_own, parts))


class _Reading:
    """Items read so far."""

    def __init__(self) -> None:
        self._found: list[Message] = []
        self._lost: set[Gap] = set()
        # The assistant's message that is not whole yet.
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._calls: list[ToolCall] = []
        self._open: list[str] = []  # ids of calls without a result

    def take(self, item: Mapping[str, Any], at: int) -> None:
        kind = str(item.get("type") or "message")
        if kind == "message":
            self._message(item, at)
        elif kind == "reasoning":
            self._reasoning(item)
        elif kind in _CALLS:
            name, arguments = _CALLS[kind]
            self._call(_call(item, name, arguments, at))
        elif kind in _RESULTS:
            self._result(item, _RESULTS[kind])
        elif kind in _HOSTED:
            self._hosted(item, *_HOSTED[kind], at)
        elif kind in ("compaction", "compaction_summary", "context_compaction"):
            self._close()
            self._found = [message for message in self._found if message.role == "system"]
            self._lost.add(Gap.TRUNCATED)
        elif kind not in _SILENT:  # a reference to an item that is elsewhere, or a new kind
            self._lost.add(Gap.TRUNCATED)

    def done(self) -> Said:
        self._close()
        return Said(tuple(self._found), frozenset(self._lost))

    def _close(self) -> None:
        """The assistant's message is whole."""
        if self._texts or self._calls or self._thoughts:
            self._found.append(
                Message(
                    role="assistant",
                    content="\n".join(self._texts),
                    reasoning="\n\n".join(self._thoughts) or None,
                    tool_calls=tuple(self._calls),
                )
            )
        self._texts, self._thoughts, self._calls = [], [], []

    def _message(self, item: Mapping[str, Any], at: int) -> None:
        role = _ROLES.get(str(item.get("role")))
        if role is None:
            raise Unreadable(f"unknown role at items[{at}]")
        text = self._text(item.get("content"))
        if role != "assistant":
            self._close()
            self._found.append(Message(role=role, content=text))
            return
        if self._texts and not self._calls:  # two texts are two messages
            self._close()
        self._texts.append(text)

    def _reasoning(self, item: Mapping[str, Any]) -> None:
        if self._texts and not self._calls:
            self._close()
        thought = self._text(item.get("content")) or self._text(item.get("summary"))
        if thought:
            self._thoughts.append(thought)
        else:
            self._lost.add(Gap.REASONING)

    def _call(self, call: ToolCall) -> None:
        self._calls.append(call)
        self._open.append(call.id)

    def _result(self, item: Mapping[str, Any], field: str) -> None:
        self._close()
        named = item.get("call_id") or item.get("approval_request_id")
        call = named if isinstance(named, str) else next(reversed(self._open), None)
        if call in self._open:
            self._open.remove(call)
        content = item.get(field) if field else _rest(item)
        self._found.append(Message(role="tool", content=self._output(content), tool_call_id=call))

    def _hosted(
        self,
        item: Mapping[str, Any],
        name: str,
        arguments: tuple[str, ...],
        results: tuple[str, ...],
        at: int,
    ) -> None:
        call = _call(item, name, arguments, at)
        self._calls.append(call)
        self._close()  # what the model says next, it says with the result before it
        found = next((item[field] for field in results if item.get(field) is not None), None)
        if found is not None:
            content = self._output(found)
            self._found.append(Message(role="tool", content=content, tool_call_id=call.id))
        elif item.get("result") is not None:  # a picture
            self._lost.add(Gap.ATTACHMENTS)
        else:
            self._lost.add(Gap.TRUNCATED)

    def _output(self, value: JSON) -> str:
        """A result's text; one of another form as JSON."""
        if isinstance(value, list) and value and all(map(_is_part, value)):
            return self._text(value)
        if isinstance(value, dict) and value.get("type") == "computer_screenshot":
            self._lost.add(Gap.ATTACHMENTS)
            return ""
        return "" if value is None else as_text(value)

    def _text(self, content: JSON) -> str:
        """The text of a content; what is no text is lost."""
        if isinstance(content, str):
            return content
        texts = []
        for part in content if isinstance(content, list) else ():
            text = part if isinstance(part, str) else None
            if isinstance(part, dict):
                text = next((part[k] for k in _TEXTS if isinstance(part.get(k), str)), None)
            if text is None:
                self._lost.add(Gap.ATTACHMENTS)
            elif text:
                texts.append(text)
        return "\n".join(texts)


_TEXTS = ("text", "refusal", "logs")


_OWN = ("input_text", "output_text", "input_image", "input_file")


def _is_items_own(part: JSON) -> bool:
    return isinstance(part, dict) and part.get("type") in _OWN


def _is_part(value: JSON) -> bool:
    others = ("text", "refusal", "logs", "input_audio", "image")
    return isinstance(value, dict) and value.get("type") in _OWN + others


def _call(item: Mapping[str, Any], name: str, fields: tuple[str, ...], at: int) -> ToolCall:
    """A tool call; one that has no id gets its place as id."""
    named = name or item.get("name")
    if not isinstance(named, str):
        raise Unreadable(f"items[{at}] is a tool call that names no tool")
    names = (item.get("call_id"), item.get("id"))
    known = next((each for each in names if isinstance(each, str) and each), f"call_{at}")
    return ToolCall(id=known, name=named, arguments=_arguments(item, fields))


def _arguments(item: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    given = {field: item[field] for field in fields if item.get(field) is not None}
    alone = next(iter(given.values()), None) if len(fields) == 1 else None
    if isinstance(alone, dict) or (fields[:1] in _WRITTEN and alone is not None):
        return as_text(alone)  # what the model wrote
    return as_text(given if fields else _rest(item))


def _rest(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in _NO_CONTENT}


def as_text(value: JSON) -> str:
    """A string as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def ids_of(items: JSON) -> Iterator[str]:
    """The ids of items, by which other items may refer to them."""
    for item in items if isinstance(items, list) else ():
        known = item.get("id") if isinstance(item, dict) else None
        if isinstance(known, str):
            yield known
