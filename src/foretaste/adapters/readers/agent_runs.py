"""What an agent's log says of the run beside its messages."""

from foretaste.records import JSON

_SETTINGS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_output_tokens": "max_tokens",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "seed": "seed",
    "reasoning_effort": "reasoning_effort",
}


def settings_of(found: dict[str, JSON]) -> dict[str, JSON]:
    """The sampling settings among a model's options, by OpenAI's names."""
    return {
        _SETTINGS[name]: value
        for name, value in found.items()
        if name in _SETTINGS and isinstance(value, int | float | str) and value != ""
    }


def inner(value: JSON, name: str) -> dict[str, JSON]:
    """The object under a name; an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
