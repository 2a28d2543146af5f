"""Messages of a ChatGPT export, along one path of its tree."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from foretaste.records import JSON, Gap, Message, Stop, ToolCall

_STOPS = {"stop": Stop.FINAL, "max_tokens": Stop.LENGTH}
_TEXTS = ("text", "result", "content", "model_set_context", "user_profile", "user_instructions")
_CONTEXT = ("user_editable_context", "model_editable_context")


class Author(msgspec.Struct):
    """Who speaks; a tool by its name."""

    role: str
    name: str | None = None


class Node(msgspec.Struct):
    """One message as the export holds it."""

    author: Author
    id: str | None = None
    content: dict[str, Any] | None = None
    recipient: str | None = None
    weight: Any = None
    end_turn: Any = None
    metadata: Any = None

    def about(self, name: str) -> Any:
        """A value of the metadata."""
        return self.metadata.get(name) if isinstance(self.metadata, dict) else None

    @property
    def kind(self) -> str:
        """The content's type."""
        return str((self.content or {}).get("content_type") or "text")


class Path(NamedTuple):
    """What was said along a path of the tree."""

    messages: tuple[Message, ...]
    places: tuple[int | None, ...]  # for each node, the index of the message it went into
    lost: frozenset[Gap]
    model: str | None  # of the last answer
    stop: Stop


def path_of(nodes: Iterable[Node]) -> Path:
    """Bring the nodes of a path into messages, each model call into one.

    A message of the assistant to a tool is a call, and what the tool says next its result. Thoughts
    go to the answer behind them. Custom instructions, memory, and what the interface added unseen
    are context: system messages. A text of weight 0 was shown to nobody, and is left out.
    """
    walk = _Walk()
    places = tuple(walk.take(node) for node in nodes)
    return Path(tuple(walk.messages), places, frozenset(walk.lost), walk.model, walk.stop)


class _Walk:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.lost: set[Gap] = set()
        self.model: str | None = None
        self.stop = Stop.UNKNOWN
        self._thoughts: list[str] = []
        self._cut = False  # the last text goes on in the next

    def take(self, node: Node) -> int | None:
        """Take in one node; the index of the message it went into."""
        text, whole = _text(node.content or {})
        if not whole or node.about("attachments"):
            self.lost.add(Gap.ATTACHMENTS)
        if node.kind == "reasoning_recap":  # how long it thought
            if not self._thoughts:
                self.lost.add(Gap.REASONING)
            return None
        match node.author.role:
            case "assistant" if node.kind not in _CONTEXT:
                return self._assistant(node, text)
            case "tool" if node.kind not in _CONTEXT:
                return self._tool(node, text)
            case "user" if not _unseen(node):
                if node.weight == 0 or not (text or node.content):
                    return None
                self._thoughts.clear()
                return self._add(Message(role="user", content=text))
        return self._add(Message(role="system", content=text)) if text else None

    def _assistant(self, node: Node, text: str) -> int | None:
        model = node.about("model_slug")
        self.model = model if isinstance(model, str) and model else self.model
        if node.kind == "thoughts":
            self._thoughts += [text] if text else []
            return None
        calls: tuple[ToolCall, ...] = ()
        if (node.recipient or "all") != "all":
            call = node.id or f"call_{len(self.messages)}"
            calls = (ToolCall(id=call, name=str(node.recipient), arguments=text),)
            text = ""
        elif node.weight == 0 or not text:
            return None
        details = node.about("finish_details")
        ended = details.get("type") if isinstance(details, dict) else None
        if not isinstance(ended, str):
            ended = "stop" if node.end_turn is True else ""
        self.stop = Stop.UNKNOWN if calls else _STOPS.get(ended, Stop.UNKNOWN)
        thoughts, self._thoughts = "\n\n".join(self._thoughts) or None, []
        goes_on, self._cut = self._cut, ended == "max_tokens"
        last = self.messages[-1] if self.messages else None
        if last is None or last.role != "assistant" or last.tool_calls:
            return self._add(
                Message(role="assistant", content=text, reasoning=thoughts, tool_calls=calls)
            )
        between = "" if goes_on or not (last.content and text) else "\n\n"
        self.messages[-1] = replace(
            last,
            content=last.content + between + text,
            reasoning="\n\n".join(t for t in (last.reasoning, thoughts) if t) or None,
            tool_calls=calls,
        )
        return len(self.messages) - 1

    def _tool(self, node: Node, text: str) -> int | None:
        last = self.messages[-1] if self.messages else None
        name = node.author.name
        if last is not None and last.role == "tool":  # one call, several messages
            self.messages[-1] = replace(
                last, content="\n\n".join(t for t in (last.content, text) if t)
            )
            return len(self.messages) - 1
        if last is None or last.role != "assistant" or not last.tool_calls:
            # Files that were looked through, memories that were kept: nobody called for it.
            return self._add(Message(role="system", content=text)) if text else None
        call = last.tool_calls[-1].id
        return self._add(Message(role="tool", content=text, name=name, tool_call_id=call))

    def _add(self, message: Message) -> int:
        self.messages.append(message)
        return len(self.messages) - 1


def _unseen(node: Node) -> bool:
    return (
        node.kind in _CONTEXT
        or node.about("is_visually_hidden_from_conversation") is True
        or node.about("is_user_system_message") is True
    )


def _text(content: dict[str, JSON]) -> tuple[str, bool]:
    """A content's text, and whether that is all of it."""
    parts = content.get("parts")
    if isinstance(parts, list):
        found = [_part(part) for part in parts]
        return "\n".join(text for text, _ in found if text), all(whole for _, whole in found)
    thoughts = content.get("thoughts")
    if isinstance(thoughts, list):
        return "\n\n".join(filter(None, map(_thought, thoughts))), True
    texts = [content.get(name) for name in _TEXTS]
    found_texts = [text for text in texts if isinstance(text, str) and text]
    return "\n\n".join(found_texts), bool(found_texts) or len(content) <= 1 or _empty(content)


def _empty(content: dict[str, JSON]) -> bool:
    return any(content.get(name) == "" for name in _TEXTS)


def _part(part: JSON) -> tuple[str, bool]:
    if isinstance(part, str):
        return part, True
    if isinstance(part, dict) and isinstance(text := part.get("text"), str):
        return text, True  # what was heard of speech
    return "", part is None


def _thought(thought: JSON) -> str:
    if not isinstance(thought, dict):
        return ""
    texts = (thought.get("content"), thought.get("summary"))
    return next((text for text in texts if isinstance(text, str) and text), "")
