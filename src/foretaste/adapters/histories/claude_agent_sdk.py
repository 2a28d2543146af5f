"""Claude Agent SDK: `foretaste.histories` entry `claude-agent-sdk`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from foretaste.adapters.histories.plain import heard, plain
from foretaste.dialects.anthropic import said
from foretaste.dialects.anthropic_call import STOPS
from foretaste.dialects.said import Said, Unreadable
from foretaste.errors import PlanError
from foretaste.records import JSON, Conversation, Gap, Stop

_SPOKEN = {"UserMessage": "user", "AssistantMessage": "assistant"}
_SILENT = ("SystemMessage", "ResultMessage", "StreamEvent", "RateLimitEvent")
_BLOCKS = {
    "TextBlock": "text",
    "ThinkingBlock": "thinking",
    "ToolUseBlock": "tool_use",
    "ToolResultBlock": "tool_result",
    "ServerToolUseBlock": "server_tool_use",
    "ServerToolResultBlock": "server_tool_result",
}
_BY_PROGRAM = "<synthetic>"  # the model of messages that the program wrote itself


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeAgentSDK:
    """Messages that the SDK yields, or a session by its id.

    The SDK does not yield the prompt: put a `UserMessage` with it first, or give the session's id.
    What subagents say among themselves is left out. The program's system prompt and its tools'
    schemas are in no message. A transcript's path is a log: the format `claude-code` reads it.

    Args:
        directory: project that a session is looked for in; all where left out.
    """

    directory: str | None = None

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation; None where it is no history of this SDK.

        Raises:
            Unreadable: there is no such session, or a message has a wrong shape.
            msgspec.ValidationError: the same.
            PlanError: it is a session's id, and the SDK is not installed.
        """
        if isinstance(history, str) and _is_id(history):
            messages = self._session(history)
        elif isinstance(history, list | tuple) and any(map(_is_own, history)):
            messages = list(history)
        else:
            return None
        model, stop = _ended(messages)
        found = said(list(_joined(_raw(messages))))
        lost = found.lost | {Gap.SYSTEM}
        return heard("claude-agent-sdk", Said(found.messages, lost), model=model, stop=stop)

    def _session(self, name: str) -> list[Any]:
        try:
            sdk = import_module("claude_agent_sdk")
        except ImportError as error:
            needs = "a session's id needs the package claude-agent-sdk: pip install it"
            raise PlanError(needs) from error
        found: list[Any] = sdk.get_session_messages(name, directory=self.directory)
        if not found:
            raise Unreadable("there is no such session")
        return found


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_own(message: Any) -> bool:
    kind = type(message).__name__
    module = type(message).__module__.partition(".")[0]
    return module == "claude_agent_sdk" and kind in (*_SPOKEN, *_SILENT, "SessionMessage")


def _raw(messages: Iterable[Any]) -> Iterator[tuple[str | None, dict[str, JSON]]]:
    """Each message as Anthropic's API has it, and the name of the answer that it is a part of."""
    for message in messages:
        kind = type(message).__name__
        if getattr(message, "parent_tool_use_id", None) or kind in _SILENT:
            continue
        if kind == "SessionMessage":
            raw = plain(message.message)
            if not isinstance(raw, dict):
                raise Unreadable("a message of the session is no object")
            if raw.get("model") != _BY_PROGRAM:
                named = raw.get("id")
                yield named if isinstance(named, str) else None, raw
        elif kind in _SPOKEN and getattr(message, "model", "") != _BY_PROGRAM:
            content = message.content
            blocks = content if isinstance(content, str) else [_block(each) for each in content]
            raw = {"role": _SPOKEN[kind], "content": blocks}
            yield getattr(message, "message_id", None), raw


def _block(block: Any) -> JSON:
    known = plain(block)
    if not isinstance(known, dict):
        raise Unreadable("a block of a message is no object")
    return {"type": _BLOCKS.get(type(block).__name__, "unknown")} | known


def _joined(
    messages: Iterable[tuple[str | None, dict[str, JSON]]],
) -> Iterator[dict[str, JSON]]:
    """The messages, one for each answer, however many lines it came in; so with results."""
    held: dict[str, JSON] | None = None
    last: str | None = None
    for name, message in messages:
        same = name is not None and name == last
        if held is not None and (same or (_is_result(held) and _is_result(message))):
            held = {**held, "content": [*held["content"], *message["content"]]}
            continue
        if held is not None:
            yield held
        held, last = message, name
    if held is not None:
        yield held


def _is_result(message: dict[str, JSON]) -> bool:
    content = message.get("content")
    blocks = content if isinstance(content, list) else []
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    return bool(kinds) and all(kind == "tool_result" for kind in kinds)


def _ended(messages: Iterable[Any]) -> tuple[str | None, Stop]:
    """The model that answered last, and how its answer ended."""
    model, stop = None, Stop.UNKNOWN
    for message in messages:
        raw = getattr(message, "message", None)
        told = raw if isinstance(raw, dict) else vars(message)
        if isinstance(told.get("model"), str) and told["model"] != _BY_PROGRAM:
            model = told["model"]
            stop = STOPS.get(str(told.get("stop_reason")), Stop.UNKNOWN)
    return model, stop
