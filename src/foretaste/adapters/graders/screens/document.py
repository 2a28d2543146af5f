"""A trained screen as a file: JSON with plain numbers, of which nothing is ever run.

A screen may come from anybody: every number is checked, and so is that it was trained for this
behavior, as it is defined now, on features as they are made now.
"""

from typing import Annotated, Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from foretaste.adapters.graders.screens.learning import Floats, Labels, Regression
from foretaste.errors import PlanError
from foretaste.records import Behavior, identity

Cells = npt.NDArray[np.intp]

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]

_FORMAT = "foretaste screen 1"


class ScreenDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was learned. Arrays are little-endian bytes, in base64."""

    behavior: str
    definition: str  # content hash of what the examples were labelled for
    features: str  # what the weights are of, and in which version
    present: Count  # examples that showed it
    absent: Count
    users: Count
    intercept: float
    slope: float  # above 0
    offset: float
    cells: bytes = b""  # int32; empty: all, in order
    rarity: bytes = b""  # float32, of the cells
    weights: bytes = b""  # float32, of the cells; last that of what `features` has beside them
    format: str = _FORMAT

    @classmethod
    def of(cls, behavior: Behavior, features: str, labels: Labels, found: Regression) -> Self:
        """What was learned of a behavior, with all weights."""
        return cls(
            behavior=behavior.name,
            definition=definition_of(behavior),
            features=features,
            present=int(labels.present.sum()),
            absent=int((~labels.present).sum()),
            users=len(set(labels.user)),
            intercept=found.intercept,
            slope=found.slope,
            offset=found.offset,
            weights=packed(found.weights),
        )

    @classmethod
    def read(cls, document: bytes, behavior: Behavior, *features: str) -> Self:
        """Read a screen's document, trained for this very behavior on one of these features.

        Raises:
            PlanError: it is no screen, is damaged, or was trained for something else.
        """
        try:
            found = msgspec.json.decode(document, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PlanError(f"this is no trained screen: {error}") from error
        if found.format != _FORMAT:
            raise PlanError(f"this screen's format is {found.format[:40]!r}, not {_FORMAT!r}")
        if found.behavior != behavior.name:
            raise PlanError(
                f"this screen was trained for {found.behavior[:80]!r}, not for {behavior.name!r}"
            )
        if found.definition != definition_of(behavior):
            raise PlanError(
                f"this screen was trained when {behavior.name!r} was defined in other words: "
                "train it again"
            )
        if found.features not in features:
            raise PlanError(
                f"this screen goes by {found.features[:160]!r}, not by {features[0]!r}: train it "
                "again, or use what it was trained with"
            )
        line = np.array([found.intercept, found.slope, found.offset])
        if not (np.all(np.isfinite(line)) and found.slope > 0):
            raise PlanError("this screen is damaged: its line is none")
        return found

    def regression(self, weights: Floats) -> Regression:
        """The regression, with weights in their places."""
        return Regression(weights, self.intercept, self.slope, self.offset)

    def floats(self, name: str, count: int) -> Floats:
        """An array of so many finite numbers.

        Raises:
            PlanError: it is another.
        """
        found = _array(getattr(self, name), "<f4", count, name).astype(np.float64)
        if not np.all(np.isfinite(found)):
            raise PlanError(f"this screen is damaged: {name} that are no numbers")
        return found

    def places(self, below: int) -> Cells:
        """The cells, ascending, each below a limit.

        Raises:
            PlanError: they are not.
        """
        found = _array(self.cells, "<i4", len(self.cells) // 4, "cells").astype(np.intp)
        if np.any(np.diff(found) <= 0) or np.any((found < 0) | (found >= below)):
            raise PlanError("this screen is damaged: its cells are not in order")
        return found


def definition_of(behavior: Behavior) -> str:
    """Content hash of what a behavior means; who grades it is no part of that."""
    return identity(behavior.name, behavior.description, behavior.rubric)


def packed(values: npt.NDArray[Any], kind: str = "<f4") -> bytes:
    """An array as a document holds it."""
    return values.astype(kind).tobytes()


def _array(data: bytes, kind: str, count: int, name: str) -> npt.NDArray[Any]:
    if len(data) != count * np.dtype(kind).itemsize:
        raise PlanError(f"this screen is damaged: {name} of another length")
    return np.frombuffer(data, dtype=kind)
