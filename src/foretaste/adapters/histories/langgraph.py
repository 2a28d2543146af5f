"""LangGraph and LangChain: `foretaste.histories` entry `langgraph`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foretaste.adapters.histories.plain import heard
from foretaste.dialects.langchain import is_message
from foretaste.dialects.said import Said, Unreadable
from foretaste.dialects.sniffed import asked
from foretaste.records import JSON, Conversation

_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LangGraph:
    """A graph's state, or LangChain's messages.

    It takes a pair of a checkpointer and a config, a checkpoint, a `StateSnapshot`, the state as a
    mapping, or a list of messages. What a graph's node puts before the messages when it calls its
    model, as the prompt of a prebuilt agent, is in no state, and neither are its tools' schemas.

    Args:
        key: channel of the state that holds the messages.
    """

    key: str = "messages"

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation; None where it is no history of LangGraph's or LangChain's.

        Raises:
            Unreadable: the checkpointer holds no such thread, or a message has a wrong shape.
            msgspec.ValidationError: the same.
        """
        state = await _state(history)
        messages = state.get(self.key) if isinstance(state, Mapping) else state
        if not isinstance(messages, list | tuple) or not messages:
            return None
        if not any(map(_is_message, messages)):
            return None
        found = asked([_dumped(each) for each in messages])
        return heard(
            "langgraph",
            Said(found.messages, found.lost),
            model=found.model,
            stop=found.stop,
        )


async def _state(history: Any) -> Any:
    """The channels of whatever holds them, or the history itself."""
    if isinstance(history, tuple) and len(history) == _PAIR and hasattr(history[0], "get_tuple"):
        saver, config = history
        # By their convention; the others have an asynchronous twin that may do nothing but raise.
        if type(saver).__name__.startswith("Async"):
            history = await saver.aget_tuple(config)
        else:
            history = saver.get_tuple(config)
        if history is None:
            raise Unreadable("the checkpointer holds no such thread")
    checkpoint = getattr(history, "checkpoint", history)
    if isinstance(checkpoint, Mapping) and "channel_values" in checkpoint:
        return checkpoint["channel_values"]
    if hasattr(history, "values") and hasattr(history, "next"):
        return history.values
    return history


def _is_message(value: Any) -> bool:
    if isinstance(value, Mapping):
        return is_message(value)
    return isinstance(getattr(value, "type", None), str) and hasattr(value, "additional_kwargs")


def _dumped(value: Any) -> JSON:
    if isinstance(value, Mapping):
        return value
    if not _is_message(value):
        raise Unreadable("the state holds something that is no message")
    return value.model_dump(mode="json", warnings=False)
