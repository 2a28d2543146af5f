"""Plain chat lists: `foretaste.histories` entry `chat`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from foretaste.adapters.histories.plain import heard, plain
from foretaste.dialects.langchain import is_message
from foretaste.dialects.responses import is_items
from foretaste.dialects.said import Said
from foretaste.dialects.sniffed import asked
from foretaste.records import Conversation, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Messages with roles, of OpenAI's chat completions or of Anthropic's; or our own.

    It takes a list of mappings or of an SDK's objects, mixed as people mix them; the body of a
    request, whose tools and settings count too; and a `Message` list or a `Conversation` of
    Foretaste.
    """

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation; None where it is no such list.

        Raises:
            Unreadable: a message has a role that nobody knows, or another wrong shape.
            msgspec.ValidationError: the same.
        """
        if isinstance(history, Conversation):
            return history
        if not _is_chat(history):
            return None
        if isinstance(history, Sequence) and all(isinstance(m, Message) for m in history):
            return heard("chat", Said(tuple(history)))
        found = asked(plain(history))
        return heard(
            "chat",
            Said(found.messages, found.lost),
            tools=found.tools,
            settings=found.settings,
            model=found.model,
        )


def _is_chat(history: object) -> bool:
    messages = history.get("messages") if isinstance(history, Mapping) else history
    if not isinstance(messages, list | tuple) or not messages:
        return False
    if not all(_has_role(each) for each in messages):
        return False
    mappings = [each for each in messages if isinstance(each, Mapping)]
    return not is_items(mappings) and not any(map(is_message, mappings))


def _has_role(message: object) -> bool:
    role = message.get("role") if isinstance(message, Mapping) else getattr(message, "role", None)
    return isinstance(role, str)
