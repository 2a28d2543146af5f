"""Sampling settings as providers and tracers spell them, by OpenAI's names."""

from collections.abc import Mapping

from foretaste.records import JSON

_NUMBERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "topP": "top_p",
    "top_k": "top_k",
    "topK": "top_k",
    "min_p": "min_p",
    "max_tokens": "max_tokens",
    "maxTokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "num_predict": "max_tokens",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "frequencyPenalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "presencePenalty": "presence_penalty",
    "repetition_penalty": "repetition_penalty",
}
_OTHERS = {
    "stop": "stop",
    "stop_sequences": "stop",
    "stopSequences": "stop",
    "logit_bias": "logit_bias",
    "response_format": "response_format",
    "responseFormat": "response_format",
    "tool_choice": "tool_choice",
    "toolChoice": "tool_choice",
    "parallel_tool_calls": "parallel_tool_calls",
    "reasoning_effort": "reasoning_effort",
    "reasoningEffort": "reasoning_effort",
    "verbosity": "verbosity",
}
_NESTED = ("reasoning", "output_config")  # objects that may hold an `effort`


def settings_of(given: Mapping[str, JSON]) -> dict[str, JSON]:
    """Pick the settings out of anything that holds them beside other things.

    A number may be written as a string, as tracers do; what is no number then is left out, and so
    is null. Of two spellings the first wins.
    """
    found: dict[str, JSON] = {}
    for name, value in given.items():
        if name in _NUMBERS:
            number = _number(value)
            if number is not None:
                found.setdefault(_NUMBERS[name], number)
        elif name in _OTHERS and value not in (None, "", [], {}):
            found.setdefault(_OTHERS[name], value)
        elif name in _NESTED and isinstance(value, dict):
            effort = value.get("effort")
            if isinstance(effort, str) and effort:
                found.setdefault("reasoning_effort", effort)
    return found


def _number(value: JSON) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if not abs(number) < float("inf"):
        return None
    return int(number) if number.is_integer() else number
