"""The wire form of chat completions: what goes out, and what comes back."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from foretaste.errors import ItemFailed
from foretaste.protocols import Reply, Request, Token
from foretaste.records import JSON, Message, Stop, ToolCall, Usage

PARAMETERS = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "max_completion_tokens",
        "max_tokens",
        "parallel_tool_calls",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "temperature",
        "tool_choice",
        "top_p",
        "verbosity",
    }
)
"""Settings of chat completions that bear on what is answered."""

_NEVER = frozenset(
    {"model", "messages", "tools", "functions", "function_call", "n", "stream", "stream_options"}
)
_ABOUT_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})  # refused where no tools are
_STOPS = {
    "stop": Stop.FINAL,
    "tool_calls": Stop.FINAL,
    "function_call": Stop.FINAL,
    "length": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
}


class _Function(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] | None = None  # some servers send the object itself


class _Call(msgspec.Struct):
    function: _Function
    id: str | None = None


class _Part(msgspec.Struct):
    text: str = ""


class _Said(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    reasoning: Any = None
    reasoning_content: Any = None
    tool_calls: list[_Call] | None = None


class _Likely(msgspec.Struct):
    token: str
    logprob: float | None = None


class _Token(_Likely):
    top_logprobs: list[_Likely] = []


class _Tokens(msgspec.Struct):
    content: list[_Token] | None = None


class _Choice(msgspec.Struct):
    message: _Said
    finish_reason: str | None = None
    logprobs: Any = None  # read apart: an answer is no worse for odd ones


class _Counts(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    model: str | None = None
    usage: _Counts | None = None


def settings(request: Request, *, extra: bool) -> tuple[dict[str, JSON], list[str]]:
    """Settings to send, and the names of those that are left out.

    A setting whose value is null counts as not set. `Request.schema` takes the place of a
    `response_format`.
    """
    asked = {name: value for name, value in request.settings.items() if value is not None}
    if request.schema is not None:
        asked["response_format"] = held_to(request.schema)
    sent = {
        name: value
        for name, value in asked.items()
        if (name in PARAMETERS or (extra and name not in _NEVER))
        and (request.tools or name not in _ABOUT_TOOLS)
    }
    dropped = [name for name in asked if name not in sent]
    if request.likeliest:
        sent |= {"logprobs": True, "top_logprobs": request.likeliest}
    return sent, dropped


def body(model: str, request: Request, sent: Mapping[str, JSON]) -> dict[str, JSON]:
    """The request's body. Reasoning of earlier turns is not part of the protocol and stays out."""
    whole = {**sent, "model": model, "messages": [wire(m) for m in request.messages]}
    if request.tools:
        whole["tools"] = list(request.tools)
    return whole


def wire(message: Message) -> dict[str, JSON]:
    """One message as the protocol has it."""
    out: dict[str, JSON] = {"role": message.role, "content": message.content}
    if message.name is not None:
        out["name"] = message.name
    if message.tool_call_id is not None:
        out["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        out["content"] = message.content or None
        out["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return out


def reply(
    answer: JSON,
    *,
    asked_model: str,
    sent: dict[str, JSON],
    dropped: tuple[str, ...],
    clean: Callable[[object], str],
) -> Reply:
    """Read a server's answer; `clean` makes its text fit for a message.

    Raises:
        ItemFailed: the answer is no chat completion, or an error in the clothes of one.
    """
    fault = answer.get("error") if isinstance(answer, dict) else None
    if fault:
        message = fault.get("message") if isinstance(fault, dict) else fault
        raise ItemFailed(f"the server answered with an error: {clean(message)}")
    try:
        read = msgspec.convert(answer, _Answer)
    except msgspec.ValidationError as error:
        raise ItemFailed(f"the answer is no chat completion: {clean(error)}") from None
    if not read.choices:
        raise ItemFailed("the answer holds no choice")
    choice = read.choices[0]
    counts = read.usage or _Counts()
    return Reply(
        message=_message(choice.message),
        stop=_STOPS.get(choice.finish_reason or "", Stop.UNKNOWN),
        asked_model=asked_model,
        answered_model=clean(read.model) if read.model else None,
        sent=sent,
        dropped=dropped,
        usage=Usage(
            input_tokens=counts.prompt_tokens or 0, output_tokens=counts.completion_tokens or 0
        ),
        tokens=_tokens(choice.logprobs),
    )


def held_to(schema: JSON) -> dict[str, JSON]:
    """The `response_format` that holds an answer to a schema."""
    inner = {"name": "answer", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": inner}


def _tokens(found: JSON) -> tuple[Token, ...]:
    """Tokens with the likeliest at their place; none where the server gives none, or nonsense."""
    try:
        read = msgspec.convert(found, _Tokens | None)
    except msgspec.ValidationError:
        return ()
    return tuple(
        Token(
            each.token,
            tuple((t.token, t.logprob) for t in each.top_logprobs if t.logprob is not None),
        )
        for each in (read and read.content) or ()
    )


def _message(said: _Said) -> Message:
    content = said.content
    if isinstance(content, list):
        content = "".join(part.text for part in content)
    thought = said.reasoning_content or said.reasoning
    return Message(
        role="assistant",
        content=content or said.refusal or "",
        reasoning=thought if isinstance(thought, str) else None,
        tool_calls=tuple(
            ToolCall(
                id=call.id or f"call_{number}",
                name=call.function.name,
                arguments=_arguments(call.function.arguments),
            )
            for number, call in enumerate(said.tool_calls or ())
        ),
    )


def _arguments(written: str | dict[str, Any] | None) -> str:
    if isinstance(written, str):
        return written
    return msgspec.json.encode(written or {}).decode()
