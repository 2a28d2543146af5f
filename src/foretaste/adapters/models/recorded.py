"""Answers that a model gave elsewhere, matched to prefixes by what was said before."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

from foretaste.errors import ItemFailed, ModelUnavailable
from foretaste.protocols import Reply, Request
from foretaste.records import JSON, Message, ScrubbedConversation, Stop
from foretaste.turns import content_key, turns


@dataclass(frozen=True, slots=True)
class _Answer:
    message: Message
    stop: Stop
    model: str | None
    settings: dict[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Answers each request with what a log holds for the same messages.

    The last assistant turn of a conversation is an answer to the messages before it. An earlier
    one is, too, but only where no conversation ends there: a file of answers holds them as history,
    which another model may have written. What a record itself marks as history is no answer.

    System prompts and names do not count for the match (`records.content_key`), and both sides
    must be scrubbed with the same key. Where several answers fit, `Request.seed` picks one. Of a
    turn with tool calls the last assistant message is the answer.

    Args:
        conversations: yields the scrubbed conversations; called once, on entry.
        name: what the answers are asked under.
    """

    conversations: Callable[[], Iterable[ScrubbedConversation]]
    name: str = "recorded"
    _answers: dict[str, list[_Answer]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    async def __aenter__(self) -> Self:
        """Read the conversations.

        Raises:
            ModelUnavailable: they hold no assistant turn.
        """
        if not self._answers:
            self._answers.update(await asyncio.to_thread(self._read))
        if not self._answers:
            raise ModelUnavailable(f"{self.name}: no assistant turn in the recorded answers")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held open."""

    async def __call__(self, request: Request) -> Reply:
        """Look one answer up.

        Raises:
            ItemFailed: nothing was recorded for these messages.
        """
        answers = self._answers.get(content_key(request.messages))
        if not answers:
            raise ItemFailed("no recorded answer for this prefix")
        answer = answers[request.seed % len(answers)]
        asked = request.settings.items()
        return Reply(
            message=answer.message,
            stop=answer.stop,
            asked_model=self.name,
            answered_model=answer.model,
            sent=answer.settings,
            dropped=tuple(sorted(k for k, v in asked if answer.settings.get(k) != v)),
        )

    def _read(self) -> dict[str, list[_Answer]]:
        final: dict[str, list[_Answer]] = {}
        earlier: dict[str, list[_Answer]] = {}
        for conversation in self.conversations():
            dialogue = conversation.dialogue
            messages = dialogue.messages
            own = turns(dialogue)
            for start, end in own:
                last = max(i for i in range(start, end) if messages[i].role == "assistant")
                answer = _Answer(
                    message=messages[last],
                    stop=dialogue.stop if end == len(messages) else Stop.UNKNOWN,
                    model=dialogue.model,
                    settings=dialogue.settings,
                )
                index = final if (start, end) == own[-1] else earlier
                index.setdefault(content_key(messages[:start]), []).append(answer)
        return earlier | final
