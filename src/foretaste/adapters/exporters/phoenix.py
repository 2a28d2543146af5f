"""Annotations of spans for Phoenix, as its client takes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, ClassVar

import msgspec

from foretaste.adapters.exporters.rows import (
    NUMBERS,
    Place,
    about,
    explained,
    judged,
    name_of,
    place_of,
)
from foretaste.adapters.exporters.spreadsheet import cells
from foretaste.findings import Study
from foretaste.protocols import Graded
from foretaste.records import JSON

_COLUMNS = (
    *("span_id", "name", "annotator_kind", "label", "score", "explanation", "metadata"),
    "identifier",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phoenix:
    """Writes `annotations.jsonl` and the same as a data frame, `annotations.csv`.

    A finding on a replayed answer is put on the span of production's own, under a name that tells
    the lane. `identifier` is the answer's id: logged again, an annotation is replaced.
    """

    files: ClassVar[tuple[str, ...]] = ("annotations.jsonl", "annotations.csv")

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write both, a line at a time."""
        lines = opened("annotations.jsonl")
        counts = {"verdicts": 0, "linked": 0}
        models = judged(study)
        with cells(opened("annotations.csv"), _COLUMNS) as row:
            for each in graded:
                place = place_of(each, w3c=True)
                for found in _annotations(study, each, place, models):
                    lines.write(msgspec.json.encode(found) + b"\n")
                    more = {"metadata": msgspec.json.encode(found["metadata"]).decode()}
                    whole = found | found["result"] | more
                    row([whole.get(name) for name in _COLUMNS])
                    counts["verdicts"] += 1
                    counts["linked"] += place.linked
        return counts


def _annotations(
    study: Study, graded: Graded, place: Place, models: frozenset[str]
) -> Iterator[dict[str, JSON]]:
    span = graded.prefix.origin.partition("/")[2] if place.linked else place.span
    for found in graded.verdicts:
        result: dict[str, JSON] = {"label": found.outcome.value}
        if found.outcome in NUMBERS:
            result["score"] = NUMBERS[found.outcome]
        if why := explained(found):
            result["explanation"] = why
        yield {
            "span_id": span,
            "name": name_of(found, graded.rollout.lane),
            "annotator_kind": "LLM" if found.behavior in models else "CODE",
            "result": result,
            "metadata": about(study, graded, found),
            "identifier": f"foretaste:{graded.rollout.id}",
        }
