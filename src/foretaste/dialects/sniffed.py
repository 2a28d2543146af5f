"""Content in a dialect that nobody names: what an SDK put into an input or an output."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from foretaste.dialects import anthropic, langchain, openai, otel, responses
from foretaste.dialects.said import Said, Unreadable
from foretaste.dialects.settings import settings_of
from foretaste.records import JSON, Gap, Message, Role, Stop

_DEEPEST = 6  # wrappers around wrappers
# JSON that cannot be parsed, if it begins so.
_CUT_OFF = re.compile(r'\s*\[?\s*\{\s*"(?:role|messages|lc|content|parts|choices|generations)"\s*:')
_STOPS = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "STOP"), Stop.FINAL),
    **dict.fromkeys(("length", "max_tokens", "MAX_TOKENS", "max_output_tokens"), Stop.LENGTH),
    **dict.fromkeys(("content_filter", "refusal", "SAFETY"), Stop.FILTERED),
}
# Blocks that only Anthropic has in a content.
_ANTHROPIC = frozenset(
    ["tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use", "document"]
)
_BLOCKS = _ANTHROPIC | {"text", "image"}
_ITEMS = frozenset(
    ["function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"]
)
_ITEMS_TOO = _ITEMS | {"message", "reasoning"}
_TYPES = frozenset({*_BLOCKS, *_ITEMS_TOO, "human", "ai", "AIMessageChunk"})
_ITEM_PARTS = frozenset({"input_text", "output_text", "input_image", "input_file"})
# Fields that hold messages or a text and say nothing about their dialect.
_PROMPTS = (
    "prompt",
    "prompts",
    "input",
    "query",
    "question",
    "text",
    "content",
    "user_input",
    "input_text",
)
_ANSWERS = ("output", "response", "completion", "answer", "text", "content", "result")


class Sniffed(NamedTuple):
    """What a content holds."""

    messages: tuple[Message, ...]
    lost: frozenset[Gap] = frozenset()
    tools: tuple[JSON, ...] = ()
    settings: dict[str, JSON] = {}  # noqa: RUF012 (nobody changes it)
    model: str | None = None
    stop: Stop = Stop.UNKNOWN


def asked(value: JSON) -> Sniffed:
    """Read what went into a model: messages, a request's body, or a plain text, the user's.

    Raises:
        Unreadable: it is in no known form.
        msgspec.ValidationError: it is in a known form, but has a wrong shape.
    """
    return _sniffed(value, "user")


def answered(value: JSON) -> Sniffed:
    """Read what came out of a model: messages, a response's body, or a text.

    What is in no known form is a text too, as JSON: a model may be asked for any.

    Raises:
        Unreadable: there is nothing.
        msgspec.ValidationError: it is in a known form, but has a wrong shape.
    """
    return _sniffed(value, "assistant")


def loosely(value: JSON) -> JSON:
    """The JSON that a string holds, where it holds an object or a list; else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value


def _sniffed(value: JSON, role: Role, depth: int = 0) -> Sniffed:
    if depth > _DEEPEST:
        raise Unreadable("content nested too deeply")
    parsed = loosely(value)
    if isinstance(parsed, str) and _CUT_OFF.match(parsed):
        raise Unreadable("the content is JSON that is cut off")
    if parsed is None or parsed in ("", [], {}):
        raise Unreadable("no content")
    found = None
    if isinstance(parsed, list):
        found = _of_list(parsed, role, depth)
    elif isinstance(parsed, dict):
        found = _of_object(parsed, role, depth)
        # JSON that a model wrote as text may have any field.
        if found is None and not (role == "assistant" and isinstance(value, str)):
            found = _wrapped(parsed, role, depth)
    if found is not None:
        if not found.messages:
            raise Unreadable("no messages")
        return found
    if isinstance(value, str):
        return Sniffed((Message(role=role, content=value),))
    if role == "assistant":
        return Sniffed((Message(role=role, content=otel.text_of(value)),))
    raise Unreadable("the content is in no known form")


def _of_list(given: list[JSON], role: Role, depth: int) -> Sniffed | None:
    if len(given) == 1 and isinstance(given[0], str | list):
        return _sniffed(given[0], role, depth + 1)
    if all(isinstance(each, list) for each in given) or all(isinstance(e, str) for e in given):
        raise Unreadable("several prompts in one call")
    objects = [each for each in given if isinstance(each, dict)]
    if len(objects) < len(given):
        return None
    tools = tuple(each["content"] for each in objects if _is_tool(each))
    # A message without a role is what the other side said: the user's, or the model's.
    objects = [
        {**each, "role": role} if each.get("role", "") is None else each
        for each in objects
        if not _is_tool(each)
    ]
    dialect = _dialect(objects) if objects else None
    if dialect is not None:
        said = dialect(objects)
        return _ended(Sniffed(said.messages, said.lost, tools), objects[-1])
    if objects and all(
        _kinds([each]) & _BLOCKS for each in objects
    ):  # a content without its message
        return _of(anthropic.said([{"role": role, "content": objects}]))
    return None


def _is_tool(message: dict[str, Any]) -> bool:
    """Whether it is a tool that Langfuse's callback wrote down as if it were a message."""
    content = message.get("content")
    return message.get("role") == "tool" and isinstance(content, dict) and "function" in content


def _dialect(objects: list[dict[str, Any]]) -> Callable[[JSON], Said] | None:
    """Which dialect these messages are in, if they are messages."""
    if any(langchain.is_message(each) for each in objects):
        return langchain.said
    contents = [each.get("content") for each in objects]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    kinds = _kinds(parts)
    if _kinds(objects) & _ITEMS or kinds & _ITEM_PARTS:
        return responses.said
    if not all(isinstance(each.get("role"), str) for each in objects):
        return None
    if any(isinstance(each.get("parts"), list) for each in objects):
        return otel.said
    by_openai = any(each["role"] == "tool" or each.get("tool_calls") for each in objects)
    return anthropic.said if kinds & _ANTHROPIC and not by_openai else openai.said


def _kinds(parts: Iterable[JSON]) -> set[str]:
    found = (part.get("type") for part in parts if isinstance(part, dict))
    return {kind for kind in found if isinstance(kind, str)}


def _of_object(given: dict[str, Any], role: Role, depth: int) -> Sniffed | None:
    """A message, a request or a response."""
    if isinstance(given.get("choices"), list) and given["choices"]:
        return _ended(_choice(given["choices"][0], role, depth), given)
    if isinstance(given.get("generations"), list) and given["generations"]:
        return _generation(given["generations"], role, depth)
    if isinstance(given.get("messages"), list | str | dict):
        return _ended(_with_system(_sniffed(given["messages"], role, depth + 1), given), given)
    items = given.get("output" if role == "assistant" else "input")
    if isinstance(items, list) and (_kinds(items) & _ITEMS_TOO or given.get("instructions")):
        said = _ended(_of(responses.said(items)), given)
        instructions = given.get("instructions") if role == "user" else None
        return _with_system(said, {"system": instructions}) if instructions else said
    if isinstance(given.get("message"), dict):
        return _ended(_sniffed(given["message"], role, depth + 1), given)
    if any(name in given for name in ("role", "lc", "data", "additional_kwargs")):
        return _of_list([given], role, depth)
    return _of_list([given], role, depth) if _kinds([given]) & _TYPES else None


def _wrapped(given: dict[str, Any], role: Role, depth: int) -> Sniffed | None:
    """What stands in the one field that says nothing but that it is what was asked or answered."""
    names = _ANSWERS if role == "assistant" else _PROMPTS
    fields = [name for name in names if given.get(name) not in (None, "", [], {})]
    if len(fields) != 1:
        return None
    return _ended(_sniffed(given[fields[0]], role, depth + 1), given)


def _choice(choice: JSON, role: Role, depth: int) -> Sniffed:
    if not isinstance(choice, dict):
        raise Unreadable("a choice that is no object")
    inner = choice.get("message")
    found = _sniffed(choice.get("text") if inner is None else inner, role, depth + 1)
    return _ended(found, choice)


def _generation(given: list[JSON], role: Role, depth: int) -> Sniffed:
    """The first of what LangChain calls generations, in one list or two."""
    first = given[0]
    while isinstance(first, list) and first:
        first = first[0]
    if not isinstance(first, dict):
        raise Unreadable("a generation that is no object")
    inner = first.get("message")
    found = _sniffed(first.get("text") if inner is None else inner, role, depth + 1)
    about = first.get("generation_info")
    return _ended(found, about) if isinstance(about, dict) else found


def _with_system(found: Sniffed, given: dict[str, Any]) -> Sniffed:
    """Put the system prompt first that a request of Anthropic's has beside its messages."""
    if given.get("system") in (None, "", []):
        return found
    system = anthropic.system_of(given["system"])
    return found._replace(messages=system.messages + found.messages, lost=found.lost | system.lost)


def _ended(found: Sniffed, given: dict[str, Any]) -> Sniffed:
    """Add what stands beside messages: tools, settings, the model, how the answer ended."""
    if langchain.is_message(given):
        about = langchain.flat(given)[0].get("response_metadata")
        given = about if isinstance(about, dict) else {}
    reasons = (given.get(name) for name in ("finish_reason", "stop_reason"))
    stop = next((stop for stop in map(stop_of, reasons) if stop is not Stop.UNKNOWN), found.stop)
    return found._replace(
        tools=found.tools or tools_of(given),
        settings=settings_of(given) | found.settings,
        model=name_of(given.get("model"), given.get("model_name")) or found.model,
        stop=stop,
        lost=found.lost | _unseen_thought(given, found.messages),
    )


def tools_of(given: dict[str, Any]) -> tuple[JSON, ...]:
    """A request's tools, in OpenAI's form."""
    tools, functions = given.get("tools"), given.get("functions")
    if isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools):
        return anthropic.tools_of(tools)
    if isinstance(functions, list):
        found = (each for each in functions if isinstance(each, dict))
        return tuple({"type": "function", "function": each} for each in found)
    return ()


def _unseen_thought(given: dict[str, Any], messages: Iterable[Message]) -> frozenset[Gap]:
    """Reasoning that was paid and is not there."""
    usage = given.get("usage")
    details = [
        usage.get(name)
        for name in ("completion_tokens_details", "output_tokens_details")
        if isinstance(usage, dict)
    ]
    paid = any(isinstance(each, dict) and each.get("reasoning_tokens") for each in details)
    unseen = paid and not any(message.reasoning for message in messages)
    return frozenset({Gap.REASONING}) if unseen else frozenset()


def _of(said: Said) -> Sniffed:
    return Sniffed(said.messages, said.lost)


def stop_of(reason: JSON) -> Stop:
    """How an answer ended, in any provider's words."""
    return _STOPS.get(reason, Stop.UNKNOWN) if isinstance(reason, str) else Stop.UNKNOWN


def name_of(*values: JSON) -> str | None:
    """The first that is a string and not empty."""
    return next((value for value in values if isinstance(value, str) and value), None)
