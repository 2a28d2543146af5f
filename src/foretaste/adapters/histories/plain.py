"""Objects of any SDK as plain JSON, and a conversation made of what they say."""

from collections.abc import Mapping
from typing import Any

import msgspec

from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Said, Unreadable
from foretaste.records import JSON, Conversation, Dialogue, Gap, Stop


def plain(value: object) -> JSON:
    """A value as parsed JSON would be: models of pydantic, dataclasses and times written out.

    Raises:
        Unreadable: it holds something that has no such form, or itself.
    """
    try:
        return msgspec.to_builtins(value, str_keys=True, enc_hook=_dumped)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        raise Unreadable("the history holds something that is no JSON") from None


def _dumped(value: Any) -> JSON:
    """What pydantic models have to say of themselves; fields that nobody set are left out."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_unset=True, warnings=False)
    raise TypeError(type(value).__name__)


def heard(
    kind: str,
    said: Said,
    *,
    tools: tuple[JSON, ...] = (),
    settings: Mapping[str, JSON] | None = None,
    model: str | None = None,
    stop: Stop = Stop.UNKNOWN,
) -> Conversation:
    """The conversation that a history is, with what it lacks.

    Args:
        kind: name of the plug-in.
        said: its messages.
        tools: schemas, as chat completions have them.
        settings: by OpenAI's names.
        model: that answered last.
        stop: how the last answer ended.

    Raises:
        Unreadable: nothing was said.
    """
    if not said.messages:
        raise Unreadable("the history holds no message")
    has = {Gap.SETTINGS: settings, Gap.TOOLS: tools, Gap.MODEL: model}
    dialogue = Dialogue(
        messages=said.messages,
        settings=dict(settings or {}),
        tools=tools,
        model=model,
        gaps=gaps_of(said.messages, has=has, lost=said.lost),
        stop=stop,
    )
    return Conversation(dialogue=dialogue, source=kind, line=1)
