"""Pydantic AI: `foretaste.histories` entry `pydantic-ai`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from foretaste.adapters.histories.plain import heard
from foretaste.dialects.failing import as_error
from foretaste.dialects.said import Said, Unreadable
from foretaste.errors import PlanError
from foretaste.records import Conversation, Gap, Message, Stop, ToolCall

_STOPS = {
    "stop": Stop.FINAL,
    "length": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
}
_CALLS = ("tool-call", "builtin-tool-call")
_RESULTS = ("tool-return", "builtin-tool-return")
_BESIDE = "-delta"  # what changed of instructions, tools or settings
_MARKS = (b'"kind"', b'"parts"')


@dataclass(frozen=True, slots=True, kw_only=True)
class PydanticAI:
    """A list of messages, the result of a run, or the JSON of messages as the library dumps it.

    Instructions are those of the last request. Tools' schemas are in no message.
    """

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation; None where it is no history of this library.

        Raises:
            Unreadable: a message has the wrong shape.
            PlanError: it is JSON, and the library is not installed.
        """
        messages = _messages(history)
        if messages is None:
            return None
        reading = _Reading()
        for message in messages:
            if message.kind == "request":
                reading.asked(message)
            else:
                reading.answered(message)
        return reading.done()


def _messages(history: Any) -> list[Any] | None:
    if isinstance(history, bytes | str):
        return _decoded(history.encode() if isinstance(history, str) else history)
    if hasattr(history, "all_messages") and hasattr(history, "new_messages"):
        history = history.all_messages()
    if not isinstance(history, list | tuple) or not history:
        return None
    own = [hasattr(each, "parts") and _kind(each) in ("request", "response") for each in history]
    return list(history) if all(own) else None


def _kind(message: Any) -> Any:
    return getattr(message, "kind", None)


def _decoded(data: bytes) -> list[Any] | None:
    if not data.lstrip().startswith(b"[") or not all(mark in data for mark in _MARKS):
        return None
    try:
        library = import_module("pydantic_ai.messages")
    except ImportError as error:
        needs = "messages of Pydantic AI as JSON need the package pydantic-ai-slim: pip install it"
        raise PlanError(needs) from error
    try:
        found: list[Any] = library.ModelMessagesTypeAdapter.validate_json(data)
    except ValueError:  # it would quote them
        raise Unreadable("these are no messages") from None
    return found


@dataclass(slots=True)
class _Reading:
    """Messages read so far."""

    messages: list[Message] = field(default_factory=list)
    lost: set[Gap] = field(default_factory=set)
    instructions: str | None = None
    model: str | None = None
    stop: Stop = Stop.UNKNOWN

    def done(self) -> Conversation:
        """The conversation; instructions stand behind system prompts, where the library puts them.

        Raises:
            Unreadable: nothing was said.
        """
        if self.instructions:
            roles = [message.role for message in self.messages]
            first = next((n for n, role in enumerate(roles) if role != "system"), len(roles))
            self.messages.insert(first, Message(role="system", content=self.instructions))
        said = Said(tuple(self.messages), frozenset(self.lost))
        return heard("pydantic-ai", said, model=self.model, stop=self.stop)

    def asked(self, request: Any) -> None:
        """Take what was said to the model."""
        self.instructions = request.instructions or self.instructions
        for part in request.parts:
            kind = part.part_kind
            if kind == "system-prompt":
                self.messages.append(Message(role="system", content=part.content))
            elif kind == "user-prompt":
                self.messages.append(Message(role="user", content=self._text(part.content)))
            elif kind in _RESULTS:
                self._result(part)
            elif kind in ("retry-prompt", "retry-feedback"):
                self._retry(part)
            elif kind == "speech":
                self.messages.append(Message(role="user", content=self._speech(part)))
            elif kind.endswith(_BESIDE):
                self.lost.add(Gap.TOOLS if kind.startswith("tool") else Gap.SYSTEM)

    def answered(self, response: Any) -> None:
        """Take what the model said; a tool of the provider's cuts it where the result lies."""
        self.model = response.model_name or self.model
        self.stop = _STOPS.get(response.finish_reason, Stop.UNKNOWN)
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[ToolCall] = []
        for part in response.parts:
            kind = part.part_kind
            if kind == "text":
                texts.append(part.content)
            elif kind == "speech":
                texts.append(self._speech(part))
            elif kind == "thinking":
                thoughts.append(part.content)
            elif kind in _CALLS:
                calls.append(_call(part))
            elif kind in _RESULTS:
                self._close(texts, thoughts, calls)
                texts, thoughts, calls = [], [], []
                self._result(part)
            else:
                self.lost.add(Gap.TRUNCATED if kind == "compaction" else Gap.ATTACHMENTS)
        if texts or thoughts or calls or not response.parts:
            self._close(texts, thoughts, calls)

    def _close(self, texts: list[str], thoughts: list[str], calls: list[ToolCall]) -> None:
        if thoughts and not any(thoughts):
            self.lost.add(Gap.REASONING)  # the provider keeps it to itself
        self.messages.append(
            Message(
                role="assistant",
                content="\n".join(filter(None, texts)),
                reasoning="\n".join(filter(None, thoughts)) or None,
                tool_calls=tuple(calls),
            )
        )

    def _result(self, part: Any) -> None:
        text = part.model_response_str()
        failed = getattr(part, "outcome", "success") != "success"
        if getattr(part, "files", None):
            self.lost.add(Gap.ATTACHMENTS)
        self.messages.append(
            Message(
                role="tool",
                content=as_error(text) if failed else text,
                name=part.tool_name,
                tool_call_id=part.tool_call_id,
            )
        )

    def _retry(self, part: Any) -> None:
        """What the library says of a call that failed, or of an answer that it does not take."""
        tool = getattr(part, "tool_name", None)
        self.messages.append(
            Message(
                role="tool" if tool else "user",
                content=part.model_response(),
                name=tool,
                tool_call_id=part.tool_call_id if tool else None,
            )
        )

    def _text(self, content: str | Iterable[Any]) -> str:
        if isinstance(content, str):
            return content
        texts: list[str] = []
        for part in content:
            text = part if isinstance(part, str) else getattr(part, "content", None)
            if isinstance(text, str):
                texts.append(text)
            elif _kind(part) != "cache-point":
                self.lost.add(Gap.ATTACHMENTS)
        return "\n".join(texts)

    def _speech(self, part: Any) -> str:
        if part.transcript is None:
            self.lost.add(Gap.ATTACHMENTS)
        return part.transcript or ""


def _call(part: Any) -> ToolCall:
    return ToolCall(id=part.tool_call_id, name=part.tool_name, arguments=part.args_as_json_str())
