"""OpenAI's chat completions as they lie in a log; msgspec names the place of a wrong shape."""

from typing import Any

import msgspec


class Function(msgspec.Struct):
    """A function as called."""

    name: str
    arguments: str | dict[str, Any] | None = None


class Custom(msgspec.Struct):
    """A tool of free form as called."""

    name: str
    input: str = ""


class RawCall(msgspec.Struct):
    """A tool call."""

    id: str | None = None
    function: Function | None = None
    custom: Custom | None = None


class Part(msgspec.Struct):
    """One part of a content; other fields than text are attachments."""

    type: str = "text"
    text: str | None = None
    refusal: str | None = None


class RawMessage(msgspec.Struct):
    """A message of a request or an answer."""

    role: str
    content: str | list[str | Part] | None = None
    name: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    audio: Any = None
    tool_calls: list[RawCall] | None = None
    tool_call_id: str | None = None
    function_call: Function | None = None


class Choice(msgspec.Struct):
    """One answer."""

    message: RawMessage
    finish_reason: str | None = None


class Reasoned(msgspec.Struct):
    """How the answer's tokens were spent."""

    reasoning_tokens: int | None = None


class Usage(msgspec.Struct):
    """Tokens of the answer."""

    completion_tokens_details: Reasoned | None = None


class Response(msgspec.Struct):
    """A chat completion."""

    id: str | int | None = None
    model: str | None = None
    created: float | str | None = None
    choices: list[Choice] | None = None
    usage: Usage | None = None


class Body(msgspec.Struct):
    """What a request holds."""

    messages: list[RawMessage] | None = None
    model: str | None = None
    tools: list[dict[str, Any]] | None = None
    functions: list[dict[str, Any]] | None = None
    user: str | int | None = None
    safety_identifier: str | int | None = None
    metadata: dict[str, Any] | None = None
    temperature: Any = None
    top_p: Any = None
    top_k: Any = None
    min_p: Any = None
    max_tokens: Any = None
    max_completion_tokens: Any = None
    max_new_tokens: Any = None
    stop: Any = None
    seed: Any = None
    frequency_penalty: Any = None
    presence_penalty: Any = None
    repetition_penalty: Any = None
    logit_bias: Any = None
    response_format: Any = None
    tool_choice: Any = None
    parallel_tool_calls: Any = None
    reasoning_effort: Any = None
    verbosity: Any = None


class Record(Body):
    """One line."""

    request: Body | None = None
    response: Response | None = None
    id: str | int | None = None
    conversation_id: str | int | None = None
    user_id: str | int | None = None
    created: float | str | None = None
    created_at: float | str | None = None
    timestamp: float | str | None = None
    params: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    choices: list[Choice] | None = None
    usage: Usage | None = None
    task_id: Any = None  # of a benchmark's trial, as in tau-bench's
    trial: Any = None
    reward: Any = None
    verdicts: Any = None  # of people, by behavior
    feedback: Any = None
    labels: Any = None
    foretaste: Any = None  # what a writer of ours carried beside all this
