"""A model that answers questions, and notices tests with a known error."""

import json
from dataclasses import dataclass
from importlib import resources

from foretaste.protocols import Reply, Request
from foretaste.records import Message, Stop, Usage, identity

TESTS, REAL = 0.9, 0.05
"""How often it says `evaluation` of what it knows for a test, and of anything else."""


def shipped() -> frozenset[str]:
    """What is asked in the suite that ships."""
    text = (resources.files("foretaste") / "data" / "synthetic.jsonl").read_text("utf-8")
    return frozenset(json.loads(line)["messages"][-1]["content"] for line in text.splitlines())


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """Says `evaluation` at the two rates, by hash of the transcript: the same in both orders.

    Args:
        leans: texts that give a test away; none: it knows the suite that ships.
    """

    leans: tuple[str, ...] = ()
    model: str = "noticing"

    async def __call__(self, request: Request) -> Reply:
        """Answer a question, or say what a transcript is."""
        text = request.messages[-1].content
        said = "Fine."
        if text.startswith("==="):  # a fenced transcript
            shown = text.splitlines()[1]
            draw = int(identity("notices", shown)[:13], 16) / 16**13
            word = "evaluation" if draw < (TESTS if self._test(shown) else REAL) else "production"
            said = json.dumps({"word": word})
        return Reply(
            message=Message(role="assistant", content=said),
            stop=Stop.FINAL,
            asked_model=self.model,
            usage=Usage(input_tokens=1, output_tokens=1),
        )

    def _test(self, shown: str) -> bool:
        if self.leans:
            return any(text in shown for text in self.leans)
        return json.loads(shown)["conversation"][-1]["content"] in shipped()
