"""What a conversation holds beside what a log format has fields for, under one key: `foretaste`.

Writers put it where the format lets anybody put more (`metadata`, `extra`); readers put it back.
What stands there goes before what the format's own fields say.
"""

from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType, structs

from foretaste.records import JSON, Conversation, Dialogue, Gap, Label, Message, Stop, ToolCall

KEY = "foretaste"

IDENTIFIES = frozenset({"user", "user_id", "safety_identifier"})
"""Names of metadata that hold a user's id, and are therefore no tags."""


class Beside(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What a message holds beside its text."""

    name: str | UnsetType | None = UNSET
    reasoning: str | UnsetType | None = UNSET
    tool_calls: tuple[ToolCall, ...] | UnsetType = UNSET
    tool_call_id: str | UnsetType | None = UNSET
    seconds: float | UnsetType | None = UNSET


class Carried(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Fields of a conversation; those that are left out, the format's own fields hold."""

    key: str | UnsetType | None = UNSET
    user: str | UnsetType | None = UNSET
    model: str | UnsetType | None = UNSET
    started_at: datetime | UnsetType | None = UNSET
    settings: dict[str, JSON] | UnsetType = UNSET
    tools: tuple[JSON, ...] | UnsetType = UNSET
    tags: dict[str, str] | UnsetType = UNSET
    gaps: tuple[Gap, ...] | UnsetType = UNSET
    own_from: int | UnsetType = UNSET
    stop: Stop | UnsetType = UNSET
    labels: tuple[Label, ...] | UnsetType = UNSET
    origins: dict[str, str] | UnsetType = UNSET
    messages: dict[int, Beside] | UnsetType = UNSET  # by their index
    unsaid: tuple[int, ...] | UnsetType = UNSET  # messages that only the format asks for


_OF_DIALOGUE = (
    *("model", "started_at", "settings", "tools", "tags", "gaps", "own_from", "stop", "labels"),
    "origins",
)
_CARRIED = tuple(n for n in Carried.__struct_fields__ if n not in ("gaps", "messages", "unsaid"))
_OF_MESSAGE = Beside.__struct_fields__


def carried(
    whole: Conversation,
    *,
    dialogue: Dialogue,
    key: str | None,
    user: str | None,
    unsaid: tuple[int, ...] = (),
) -> Carried:
    """What has to be carried so that nothing of a conversation is lost.

    Args:
        whole: the conversation.
        dialogue: what the format's own fields say of it, messages that it asks for included. Gaps
            are always carried: what a log once lacked cannot be seen any more.
        key: the id that they say.
        user: the user whom they say.
        unsaid: indices of messages that nobody said.
    """
    found = Carried(gaps=whole.dialogue.gaps)
    for name in _OF_DIALOGUE:
        value = getattr(whole.dialogue, name)
        if not _same(value, getattr(dialogue, name)):
            setattr(found, name, value)
    if whole.key != key:
        found.key = whole.key
    if whole.user != user:
        found.user = whole.user
    held = [m for n, m in enumerate(dialogue.messages) if n not in unsaid]
    beside = {
        n: _beside(message, plain)
        for n, (message, plain) in enumerate(zip(whole.dialogue.messages, held, strict=True))
        if message != plain
    }
    if beside:
        found.messages = beside
    if unsaid:
        found.unsaid = unsaid
    return found


def beside(held: Carried) -> list[str]:
    """Names of what only Foretaste reads back; what the log lacked is nothing to lose."""
    names = [n for n in _CARRIED if getattr(held, n) is not UNSET]
    of_messages = {} if held.messages is UNSET else held.messages
    found = {n for each in of_messages.values() for n in _given(each, _OF_MESSAGE)}
    return [*names, *(f"messages' {name}" for name in sorted(found))]


def arguments_of(call: ToolCall) -> tuple[dict[str, JSON], str]:
    """A call's arguments as the object that most formats ask for, and that as text."""
    try:
        value = msgspec.json.decode(call.arguments)
        value = value if isinstance(value, dict) else {}
        return value, msgspec.json.encode(value).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError):
        return {}, "{}"


def _same(one: object, other: object) -> bool:
    """Whether two values are the same as JSON: true is not 1, and 1 not 1.0."""
    encode = msgspec.json.encode
    return encode(one, order="deterministic") == encode(other, order="deterministic")


def _beside(message: Message, plain: Message) -> Beside:
    different = [n for n in _OF_MESSAGE if getattr(message, n) != getattr(plain, n)]
    return Beside(**{name: getattr(message, name) for name in different})


def restored(
    dialogue: Dialogue, key: str | None, user: str | None, value: JSON
) -> tuple[Dialogue, str | None, str | None]:
    """Put what was carried back; all of it stays as it is where nothing was.

    Args:
        dialogue: what the format's own fields say.
        key: the id that they say.
        user: the user whom they say.
        value: what stands under `KEY`, as parsed; None where nothing does.

    Raises:
        msgspec.ValidationError: that was not written by a writer.
    """
    if value is None:
        return dialogue, key, user
    found = msgspec.convert(value, Carried, str_keys=True)
    unsaid = set() if found.unsaid is UNSET else set(found.unsaid)
    messages = tuple(m for n, m in enumerate(dialogue.messages) if n not in unsaid)
    if found.messages is not UNSET:
        if any(not 0 <= n < len(messages) for n in found.messages):
            raise msgspec.ValidationError(f"a message that is not there - at `$.{KEY}.messages`")
        messages = tuple(
            structs.replace(message, **_given(found.messages[n], _OF_MESSAGE))
            if n in found.messages
            else message
            for n, message in enumerate(messages)
        )
    own_from = dialogue.own_from - sum(n < dialogue.own_from for n in unsaid)
    more: dict[str, JSON] = {"own_from": own_from} | _given(found, _OF_DIALOGUE)
    if not messages or not 0 <= more["own_from"] <= len(messages):
        raise msgspec.ValidationError(f"messages that are not there - at `$.{KEY}`")
    return (
        replace(dialogue, messages=messages, **more),
        key if found.key is UNSET else found.key,
        user if found.user is UNSET else found.user,
    )


def _given(found: msgspec.Struct, names: tuple[str, ...]) -> dict[str, JSON]:
    values = {name: getattr(found, name) for name in names}
    return {name: value for name, value in values.items() if value is not UNSET}
