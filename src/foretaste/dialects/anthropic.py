"""Anthropic's messages: lists of blocks, tool results among what the user says."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Gap, Message, Role, ToolCall

_CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_CHANGES_TOOLS = frozenset({"tool_addition", "tool_removal", "mcp_tool_listing"})
_UNREADABLE = frozenset({"encrypted_content", "encrypted_stdout", "encrypted_index"})
_NOTHING_SAID = frozenset({"fallback", "compaction"})
_SAYS_SO = re.compile(
    r"error|fail|exit code|exception|denied|refused|reject|not found", re.IGNORECASE
)
_HEAD = 200  # characters in which an error says that it is one


class _Block(msgspec.Struct):
    type: str = "text"
    text: str | None = None
    thinking: str | None = None
    citations: Any = None
    id: str | None = None
    name: str | None = None
    input: Any = None
    tool_use_id: str | None = None
    content: Any = None
    is_error: Any = None
    source: Any = None
    title: Any = None
    context: Any = None


class _Message(msgspec.Struct):
    role: str
    content: str | list[str | _Block] | None = None


def said(value: JSON) -> Said:
    """Read a list of messages that is parsed already.

    Results of tools come as `tool` messages before the user's own words, as the API wants them. An
    answer in which a server's tool ran is cut where its result lies. A summary that stands for what
    was said before takes its place.

    Raises:
        Unreadable: a role that nobody knows, a call without a name, a result without its call.
        msgspec.ValidationError: it is no list of Anthropic's messages.
    """
    messages: list[Message] = []
    lost: set[Gap] = set()
    for at, message in enumerate(msgspec.convert(value, list[_Message])):
        given = message.content if isinstance(message.content, list) else [message.content or ""]
        blocks = [_Block(text=block) if isinstance(block, str) else block for block in given]
        summed_up = [n for n, block in enumerate(blocks) if _summary(block)]
        if summed_up:
            lost.add(Gap.TRUNCATED)
            messages = [Message(role="user", content=str(blocks[summed_up[-1]].content))]
            blocks = blocks[summed_up[-1] + 1 :]
            if not blocks:
                continue
        if message.role == "assistant":
            messages += _answered(blocks, at, lost)
        elif message.role in ("user", "system"):
            messages += _asked(blocks, message.role, lost)  # type: ignore[arg-type]
        else:
            raise Unreadable(f"unknown role at messages[{at}]")
    return Said(tuple(messages), frozenset(lost))


def system_of(value: JSON) -> Said:
    """The system prompt of a request, a string or blocks; no message where there is none.

    Raises:
        msgspec.ValidationError: it is neither.
    """
    return said([{"role": "system", "content": value}] if value else [])


def tools_of(value: JSON) -> tuple[JSON, ...]:
    """A request's tools in OpenAI's form; a server's own, which have no schema, as they are.

    Raises:
        Unreadable: they are no list of objects.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise Unreadable("the tools are no list of objects")
    return tuple(_tool(tool) for tool in value)


def text_of(content: JSON, lost: set[Gap]) -> str:
    """What stands in a result or a document: the text of its blocks, else its JSON.

    Args:
        content: a string, blocks, or an object of a server's tool.
        lost: takes up what cannot be read.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        return "\n".join(text for part in content if (text := text_of(part, lost)))
    if not isinstance(content, dict):
        return msgspec.json.encode(content).decode()
    match content.get("type"):
        case "text" if isinstance(content.get("text"), str):
            return str(content["text"])
        case "document" | "search_result":
            return _document(content, lost)
        case "image" | "container_upload" | "file":
            lost.add(Gap.ATTACHMENTS)
            return ""
    return msgspec.json.encode(_readable(content, lost)).decode()


class _Answer:
    """An answer as it comes: one message, or several where a server's tools ran in between."""

    def __init__(self) -> None:
        self.done: list[Message] = []
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._calls: list[ToolCall] = []

    def say(self, text: str, *, runs_on: bool) -> None:
        if runs_on and self._texts:
            self._texts[-1] += text
        elif text:
            self._texts.append(text)

    def think(self, block: _Block, lost: set[Gap]) -> None:
        if block.thinking:
            self._thoughts.append(block.thinking)
        else:
            lost.add(Gap.REASONING)

    def call(self, call: ToolCall) -> None:
        self._calls.append(call)

    def take(self, result: Message) -> None:
        self.close(at_least=0)
        self.done.append(result)

    def close(self, at_least: int = 1) -> None:
        """End a message; an empty one only where the answer has none else."""
        if self._texts or self._thoughts or self._calls or len(self.done) < at_least:
            message = Message(
                role="assistant",
                content="\n".join(self._texts),
                reasoning="\n".join(self._thoughts) or None,
                tool_calls=tuple(self._calls),
            )
            self.done.append(message)
        self._texts, self._thoughts, self._calls = [], [], []


def _answered(blocks: list[_Block], at: int, lost: set[Gap]) -> list[Message]:
    answer = _Answer()
    before: _Block | None = None
    for n, block in enumerate(blocks):
        if block.type in _CALLS:
            answer.call(_call(block, f"call_{at}_{n}"))
        elif block.type in _THOUGHTS:
            answer.think(block, lost)
        elif block.type.endswith("tool_result"):
            answer.take(_result(block, lost))
        elif block.text is not None:
            follows = before is not None and before.text is not None
            # A citation cuts one text into several blocks.
            cited = follows and (block.citations, before.citations) != (None, None)  # type: ignore[union-attr]
            answer.say(block.text, runs_on=cited)
        else:
            _unsaid(block, lost)
        before = block
    answer.close()
    return answer.done


def _asked(blocks: list[_Block], role: Role, lost: set[Gap]) -> Iterator[Message]:
    """What a user's message holds: results of tools, then the user's own words."""
    texts: list[str] = []
    results = 0
    for block in blocks:
        if block.type.endswith("tool_result"):
            results += 1
            yield _result(block, lost)
        elif block.type in ("document", "search_result"):
            texts.append(_document(msgspec.to_builtins(block), lost))
        elif block.text is not None:
            texts.append(block.text)
        else:
            _unsaid(block, lost)
    said_too = [text for text in texts if text]
    if said_too or results < len(blocks) or not results:
        yield Message(role=role, content="\n".join(said_too))


def _summary(block: _Block) -> bool:
    return block.type == "compaction" and isinstance(block.content, str) and block.content != ""


def _unsaid(block: _Block, lost: set[Gap]) -> None:
    """A block without text: what it shows to be lost."""
    if block.type in _CHANGES_TOOLS:
        lost.add(Gap.TOOLS)
    elif block.type not in _NOTHING_SAID:
        lost.add(Gap.ATTACHMENTS)


def _call(block: _Block, otherwise: str) -> ToolCall:
    if not block.name:
        raise Unreadable("a tool call that names no tool")
    given = block.input
    text = given if isinstance(given, str) else msgspec.json.encode({} if given is None else given)
    arguments = text if isinstance(text, str) else text.decode()
    return ToolCall(id=block.id or otherwise, name=block.name, arguments=arguments)


def _result(block: _Block, lost: set[Gap]) -> Message:
    if not block.tool_use_id:
        raise Unreadable("a tool's result that names no call")
    text = text_of(block.content, lost)
    if block.is_error is True and not _SAYS_SO.search(text[:_HEAD]):
        # No field of a record can say it, and the model was told.
        text = f"Error: {text}" if text else "Error"
    return Message(role="tool", content=text, tool_call_id=block.tool_use_id)


def _document(block: dict[str, Any], lost: set[Gap]) -> str:
    """The title of a document and what stands in it, where the log holds that as text."""
    source = block.get("source")
    inner = block.get("content")
    if isinstance(source, dict):
        inner = source.get("content") if source.get("type") == "content" else source.get("data")
        if source.get("type") not in ("text", "content"):
            lost.add(Gap.ATTACHMENTS)
            inner = None
    link = source if isinstance(source, str) else None
    parts = (block.get("title"), link, block.get("context"), text_of(inner, lost))
    return "\n".join(part for part in parts if isinstance(part, str) and part)


def _readable(value: JSON, lost: set[Gap]) -> JSON:
    """A server tool's result without what only the server can read, and without files."""
    if isinstance(value, list):
        return [_readable(each, lost) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "document":
        return _document(value, lost)
    if any(value.get(name) for name in _UNREADABLE):
        lost.add(Gap.TRUNCATED)
    if "file_id" in value:
        lost.add(Gap.ATTACHMENTS)
    return {k: _readable(each, lost) for k, each in value.items() if k not in _UNREADABLE}


def _tool(tool: dict[str, Any]) -> JSON:
    if not isinstance(tool.get("input_schema"), dict):
        return tool
    about = {"name": tool.get("name"), "description": tool.get("description")}
    function = {name: value for name, value in about.items() if value is not None}
    return {"type": "function", "function": function | {"parameters": tool["input_schema"]}}
