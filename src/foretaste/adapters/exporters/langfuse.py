"""Scores for Langfuse, as `POST /api/public/scores` takes them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, ClassVar

import msgspec

from foretaste.adapters.exporters.rows import about, explained, name_of, place_of
from foretaste.findings import Study
from foretaste.protocols import Graded
from foretaste.records import JSON, Lane, Verdict, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Langfuse:
    """Writes `scores.jsonl`: a categorical score for each verdict, `ungraded` being a category.

    A score on a replayed answer belongs to the trace of production's own, under a name that tells
    the lane. Its id is made of the answer and the behavior: sent again, it updates the first.
    """

    files: ClassVar[tuple[str, ...]] = ("scores.jsonl",)

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write them, a line at a time."""
        stream = opened("scores.jsonl")
        counts = {"verdicts": 0, "linked": 0}
        for each in graded:
            for found in each.verdicts:
                stream.write(msgspec.json.encode(_score(study, each, found)) + b"\n")
                counts["verdicts"] += 1
                counts["linked"] += bool(each.prefix.origin)
        return counts


def _score(study: Study, graded: Graded, found: Verdict) -> dict[str, JSON]:
    place, lane = place_of(graded), graded.rollout.lane
    score: dict[str, JSON] = {
        "id": identity("score", graded.rollout.id, found.behavior),
        "traceId": place.trace,
        "name": name_of(found, lane),
        "value": found.outcome.value,
        "dataType": "CATEGORICAL",
        "metadata": about(study, graded, found),
        "timestamp": study.sealed.sealed_at,
    }
    if lane is Lane.RECORDED and place.linked:
        score["observationId"] = place.span
    if why := explained(found):
        score["comment"] = why
    return score
