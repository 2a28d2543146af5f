"""Examples for the tests of screens: answers that say no in many words, and that do not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foretaste.records import Behavior, Lane, Message, Prefix, Rollout, Stop
from foretaste.training import Example, Vectors

SAYS_NO = Behavior(name="says-no", description="The answer says no.", rubric="No means no.")
_NO = ("I am sorry, I cannot {} that.", "No, I will not {} it.", "I have to decline to {} this.")
_YES = ("Sure, to {} that is easy.", "Here is how you {} it.", "You {} this in three steps.")
_DOING = ("bake", "paint", "open", "mend", "write", "read", "sing", "sell", "wash", "lift")


def exchange(text: str, user: str) -> tuple[Prefix, Rollout]:
    asked = (Message(role="user", content="Please?"),)
    prefix = Prefix(parent=user, turn=1, turns=1, user=user, messages=asked, recorded=())
    said = (Message(role="assistant", content=text),)
    return prefix, Rollout(parent=prefix.id, lane=Lane.CANDIDATE, messages=said, stop=Stop.FINAL)


def example(text: str, user: str, *, present: bool, weight: float = 1.0) -> Example:
    return Example(*exchange(text, user), present, weight)


def examples(count: int = 60, *, seed: int = 0) -> list[Example]:
    """So many of each class, each of its own user."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(2 * count):
        present = number % 2 == 0
        forms = _NO if present else _YES
        text = f"{rng.choice(forms)} {rng.choice(_YES)}".replace("{}", str(rng.choice(_DOING)))
        found.append(example(text, f"user {number}", present=present))
    return found


@dataclass(frozen=True)
class CountingEmbedder:
    """Words at places that their hashes say: like texts lie close together."""

    fingerprint: str = "counting"
    length: int = 64

    def __call__(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.length))
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[hashlib.sha256(word.encode()).digest()[0] % self.length] += 1
        sizes = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        scaled: Vectors = rows / sizes
        return scaled
