"""A grader that was trained elsewhere: a screen from its file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foretaste.adapters.graders.rule import Rule
from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.adapters.graders.screens.probe import Probe
from foretaste.errors import PlanError
from foretaste.records import Behavior, Prefix, Rollout, Verdict
from foretaste.training import Embedder, Screen, Trainer

_LARGEST = 64_000_000  # bytes; a screen has a few hundred thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Grades with a trained screen, whose file may come from anybody: nothing in it is run.

    Args:
        behavior: what the screen was trained for, in the words of then.
        file: path of the screen.
        threshold: chance from which on the behavior counts as present.
        embedder: that the screen was trained with; None for a screen of n-grams.

    Raises:
        PlanError: there is no such file, it is no screen for this behavior, or is damaged.
    """

    behavior: Behavior
    file: str
    threshold: float = 0.5
    embedder: Embedder | None = None
    fingerprint: str = field(init=False, repr=False, compare=False, default="")
    _screen: Screen = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        trainer = trainer_of(self.behavior, threshold=self.threshold, embedder=self.embedder)
        screen = trainer.load(_read(Path(self.file).expanduser()))
        object.__setattr__(self, "_screen", screen)
        object.__setattr__(self, "fingerprint", screen.fingerprint)

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout."""
        return await self._screen(prefix, rollout)


def trainer_of(
    behavior: Behavior, *, threshold: float = 0.5, embedder: Embedder | None = None
) -> Trainer:
    """Who trains and loads a behavior's screens.

    Of words, beside the behavior's own rule where that is a function, which may give a score; or of
    an embedder's vectors.

    Raises:
        PlanError: the behavior's rule cannot be built, or the threshold is none.
    """
    if embedder is not None:
        return Probe(behavior=behavior, threshold=threshold, embedder=embedder)
    own: dict[str, Any] = dict(behavior.grader)
    if own.pop("use", None) != "rule" or "function" not in own:
        return Ngram(behavior=behavior, threshold=threshold)
    return Ngram(behavior=behavior, threshold=threshold, beside=Rule(behavior=behavior, **own))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise PlanError(f"{path.name} is no trained screen: it is larger than any")
        return path.read_bytes()
    except OSError as error:
        raise PlanError(f"{path.name} cannot be read: {error.strerror}") from error
