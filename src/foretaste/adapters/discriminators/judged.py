"""A discriminator that is a model: shown both turns in both orders, it picks the real one."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from foretaste.contrasts import TIE, Contrast, Judged, Side, Taken
from foretaste.fencing import TWO_TURNS, Unreadable, fenced_turns, single_object
from foretaste.protocols import Model, Request
from foretaste.records import JSON, Message, Usage

SCHEMA: JSON = {
    "type": "object",
    "properties": {
        "real": {"type": "string", "enum": ["A", "B"]},
        "reason": {"type": "string", "maxLength": 600},
    },
    "required": ["real", "reason"],
    "additionalProperties": False,
}
"""What the judge's reply must look like."""

_INSTRUCTIONS = """\
An AI assistant that calls tools took a turn in a conversation. You see two versions of that turn,
A and B. In one the tools were the real ones. In the other a simulator made up what the tools
answered, and the assistant went on from there. Say which version is the real one.

Look at what tools answer: whether it fits the call, the earlier answers, itself, and the world; at
ids, dates, amounts and formats; at errors, at what is too helpful, too tidy or too short. That the
two took different steps, or ended differently, says nothing by itself.

{material}
# Your reply

Reply with exactly one JSON object and nothing else:
{{"real": "A" or "B", "reason": "one or two sentences"}}
"""


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    real: Literal["A", "B"]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBy:
    """Asks a judge model twice which of two turns is the real one, each being A once.

    What is shown is data between fences that it cannot forge. A reply that cannot be read makes the
    pair ungraded: half a pair would count the judge's liking for A as an answer. Equal turns are a
    tie, and no judge is asked.

    Args:
        model: any model plug-in.
        name: what reports call it.
        max_tokens: of each reply.
        context: characters of the conversation before the turn.

    Raises:
        ItemFailed, ModelUnavailable: from the model; the engine deals with them.
    """

    model: Model
    name: str = "judge"
    temperature: float = 0.0
    max_tokens: int = 600
    context: int = 24_000

    async def __call__(self, contrast: Contrast) -> Judged:
        """Judge one pair."""
        if contrast.same:
            return Judged(contrast.id, TIE, Usage())
        first = await self._look(contrast, real_first=True)
        second = await self._look(contrast, real_first=False)
        why = first[1] or second[1]
        return Judged(contrast.id, Taken(first[0], second[0], why), first[2] + second[2])

    async def _look(
        self, contrast: Contrast, *, real_first: bool
    ) -> tuple[float | None, str, Usage]:
        """1 where the simulated turn was taken for the real one; or why nobody can say."""
        reply = await self.model(self._request(contrast, real_first=real_first))
        found = single_object(reply.message.content, "real", "an answer")
        if isinstance(found, Unreadable):
            return None, found.reason, reply.usage
        try:
            choice = msgspec.convert(found, _Choice)
        except msgspec.ValidationError as error:
            return None, f"the judge's reply has a wrong type: {error}", reply.usage
        return float((choice.real == "A") is not real_first), "", reply.usage

    def _request(self, contrast: Contrast, *, real_first: bool) -> Request:
        sides: tuple[Side, Side] = (contrast.real, contrast.simulated)
        a, b = sides if real_first else sides[::-1]
        before = contrast.real.before
        text, name = fenced_turns(before, a.messages, b.messages, context=self.context)
        task = _INSTRUCTIONS.format(material=TWO_TURNS.format(fence=name))
        return Request(
            messages=(
                Message(role="system", content=task),
                Message(role="user", content=text),
            ),
            settings={"temperature": self.temperature, "max_tokens": self.max_tokens},
            schema=SCHEMA,
        )
