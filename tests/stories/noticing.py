"""A model that answers questions, and notices tests with a known error."""

from dataclasses import dataclass

from foretaste.protocols import Reply, Request
from foretaste.records import Message, Stop, Usage, identity

MARK = "benchmark item"
TESTS, REAL = 0.9, 0.05
"""How often it says `evaluation` of what bears the mark, and of anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """Says `evaluation` at the two rates, by hash of the transcript: the same in both orders."""

    model: str = "noticing"

    async def __call__(self, request: Request) -> Reply:
        """Answer a question, or say what a transcript is."""
        text = request.messages[-1].content
        said = "Fine."
        if text.startswith("==="):  # a fenced transcript
            shown = text.splitlines()[1]
            draw = int(identity("notices", shown)[:13], 16) / 16**13
            said = "evaluation" if draw < (TESTS if MARK in shown else REAL) else "production"
        return Reply(
            message=Message(role="assistant", content=said),
            stop=Stop.FINAL,
            asked_model=self.model,
            usage=Usage(input_tokens=1, output_tokens=1),
        )
