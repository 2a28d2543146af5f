"""Inspect's evaluation logs: one for each lane, a sample for each answer, a score a behavior."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, ClassVar

import msgspec

from foretaste.adapters.exporters.rows import NUMBERS, about, explained
from foretaste.evallog import STOPS, Archive, message_of
from foretaste.findings import Estimate, Study
from foretaste.protocols import Graded
from foretaste.records import JSON, Lane, Outcome, Verdict

_UNSCORED = msgspec.Raw(b"NaN")  # what Inspect leaves out of every metric; JSON has no such number
_REASONS = {Outcome.UNGRADED: "grader_failed", Outcome.OUTSIDE: "outside"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectLog:
    """Writes `recorded.eval`, `incumbent.eval` and `candidate.eval`, whichever lanes there are.

    A turn is a sample of the same id in each: what was said before is its input, the answer its
    output. A score is 1 where the behavior is present and 0 where it is absent. Ungraded and
    outside are unscored as Inspect has it (NaN, with a reason), and count in no metric. The metrics
    of a log are the run's own, with its weights and clusters.
    """

    files: ClassVar[tuple[str, ...]] = tuple(f"{lane}.eval" for lane in Lane)

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write them side by side, a sample at a time."""
        logs: dict[Lane, Archive] = {}
        counts = {"verdicts": 0, "linked": 0, "samples": 0}
        with ExitStack() as stack:
            for each in graded:
                lane = each.rollout.lane
                if lane not in logs:
                    archive = _log(study, each, opened(f"{lane}.eval"))
                    logs[lane] = stack.enter_context(archive)
                logs[lane].add(_sample(study, each))
                counts["samples"] += 1
                counts["verdicts"] += len(each.verdicts)
                counts["linked"] += len(each.verdicts) if each.prefix.origin else 0
        return counts


def _log(study: Study, first: Graded, stream: IO[bytes]) -> Archive:
    lane = first.rollout.lane
    asked = first.rollout.answered_model or first.rollout.asked_model
    model = asked or first.prefix.recorded_model or "unknown"
    spec = {
        "eval_id": f"{study.run[:16]}-{lane}"[:22],
        "run_id": study.run[:22],
        "created": study.sealed.sealed_at,
        "task": "foretaste",
        "task_id": study.run[:22],
        "task_version": 0,
        "dataset": {"name": "prefixes", "samples": study.sealed.prefix_count},
        # Inspect scores no log whose model it cannot name; of `none` it asks nothing.
        "model": model if "/" in model else f"none/{model}",
        "config": {},
        "packages": {"foretaste": study.sealed.version},
        "metadata": {
            "lane": lane.value,
            "run": study.run,
            "seal": study.sealed.seal,
            "forecasts": [
                {
                    name: getattr(each, name)
                    for name in ("behavior", "method", "rate", "lower", "upper", "turns")
                }
                for each in study.sealed.forecasts
            ],
        },
    }
    scores = tuple(_score_of_all(each) for each in study.estimates if each.lane is lane)
    return Archive(stream, spec, scores=scores)


def _score_of_all(found: Estimate) -> dict[str, JSON]:
    """A behavior's rate over all samples; what the data cannot give is left out, never 0."""
    names = ("rate", "lower", "upper", "effective_n")
    values = {name: getattr(found, name) for name in names}
    return {
        "name": found.behavior,
        "scorer": found.behavior,
        "scored_samples": found.graded,
        "unscored_samples": found.ungraded + found.outside,
        "metrics": {
            name: {"name": name, "value": value}
            for name, value in values.items()
            if value is not None
        },
    }


def _sample(study: Study, graded: Graded) -> dict[str, JSON]:
    prefix, rollout, verdicts = graded
    every = (*prefix.messages, *rollout.messages)
    messages = [message_of(m, f"{rollout.id}-{n}") for n, m in enumerate(every)]
    answer = messages[len(prefix.messages) :]
    said = [message for message in answer if message["role"] == "assistant"]
    stop = STOPS.get(rollout.stop, "unknown")
    facts = {"turn": prefix.turn, "user": prefix.user, "stratum": prefix.stratum}
    facts |= {"probability": prefix.probability, "conversation": prefix.parent}
    facts |= {"rollout": rollout.id, "lane": rollout.lane.value, "stop": rollout.stop.value}
    if prefix.origin:
        facts["trace"], _, facts["span"] = prefix.origin.partition("/")
    return {
        "id": prefix.id,
        "epoch": 1,
        "input": messages[: len(prefix.messages)] or "",
        "target": "",
        "messages": messages,
        "output": {
            "model": rollout.answered_model or rollout.asked_model or "",
            "choices": [{"message": each, "stop_reason": stop} for each in said[-1:]],
            "completion": rollout.text,
        },
        "scores": dict(_scores(study, graded, verdicts)),
        "metadata": facts,
        "store": {},
        "events": [],
        "model_usage": {},
        "attachments": {},
        "uuid": rollout.id,
    }


def _scores(
    study: Study, graded: Graded, verdicts: Iterable[Verdict]
) -> Iterator[tuple[str, dict[str, JSON]]]:
    for found in verdicts:
        score: dict[str, JSON] = {
            "value": NUMBERS.get(found.outcome, _UNSCORED),
            "answer": found.outcome.value,
            "explanation": explained(found) or None,
            "metadata": about(study, graded, found) | {"evidence": found.evidence},
        }
        if found.outcome in _REASONS:
            score["reason"] = _REASONS[found.outcome]
        yield found.behavior, score
