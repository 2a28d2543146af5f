"""What a run shows for itself: its report, with examples and with every later scoring."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from foretaste.awareness import Awareness
from foretaste.contrasts import Realism
from foretaste.discoveries import Discovery
from foretaste.errors import StoreUnavailable
from foretaste.findings import Example, Study
from foretaste.forecasts import Scorecard
from foretaste.protocols import Store
from foretaste.records import Lane, Outcome, Prefix, Rollout, Verdict
from foretaste.report.html import render
from foretaste.runs.reviewing import reviewed_of, verdicts_of

Kept = TypeVar("Kept")

VALIDATIONS = "validations.json"
"""Document with every scoring of a run's forecasts."""

REALISM = "realism.json"
"""Document with how real the simulated turns look, for each lane that was compared."""

DISCOVERY = "discovery.json"
"""Document with what nobody listed, for each two lanes that were compared."""

AWARENESS = "awareness.json"
"""Document with whether the models notice that they are tested, for each replayed lane."""

EXAMPLES = 400
"""Flagged prefixes of each behavior that a report is given; it says how many more there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One scoring of a sealed forecast on a later log."""

    log: str  # as the reader knows it: file name and tags
    fingerprint: str  # of the log's content and of what was taken from it
    at: str  # UTC, ISO 8601
    seal: str  # of the forecast that was scored
    scorecard: Scorecard


def read_validations(store: Store) -> list[Validation]:
    """Every scoring of this run's forecasts, oldest first.

    Raises:
        StoreUnavailable: `validations.json` is there and cannot be read.
    """
    return _kept(store, VALIDATIONS, Validation)


def keep_validation(store: Store, new: Validation) -> None:
    """Add a scoring; it replaces one of the same forecast on the same log."""
    same = (new.fingerprint, new.seal)
    kept = [v for v in read_validations(store) if (v.fingerprint, v.seal) != same]
    store.write_document(VALIDATIONS, msgspec.json.format(msgspec.json.encode([*kept, new])))


def read_realism(store: Store) -> list[Realism]:
    """How real this run's simulated turns look, a finding a lane, oldest first.

    Raises:
        StoreUnavailable: `realism.json` is there and cannot be read.
    """
    return _kept(store, REALISM, Realism)


def keep_realism(store: Store, new: Realism) -> None:
    """Add a finding; it replaces one of the same lane."""
    kept = [each for each in read_realism(store) if (each.seal, each.lane) != (new.seal, new.lane)]
    store.write_document(REALISM, msgspec.json.format(msgspec.json.encode([*kept, new])))


def read_discoveries(store: Store) -> list[Discovery]:
    """What was found between this run's lanes, an audit for each two lanes, oldest first.

    Raises:
        StoreUnavailable: `discovery.json` is there and cannot be read.
    """
    return _kept(store, DISCOVERY, Discovery)


def keep_discovery(store: Store, new: Discovery) -> None:
    """Add an audit; it replaces one of the same lanes."""
    kept = [each for each in read_discoveries(store) if _compared(each) != _compared(new)]
    store.write_document(DISCOVERY, msgspec.json.format(msgspec.json.encode([*kept, new])))


def _compared(found: Discovery) -> tuple[str, Lane, Lane]:
    return found.seal, found.features.before, found.features.after


def read_awareness(store: Store) -> list[Awareness]:
    """What was found of evaluation awareness, a finding a lane, oldest first.

    Raises:
        StoreUnavailable: `awareness.json` is there and cannot be read.
    """
    return _kept(store, AWARENESS, Awareness)


def keep_awareness(store: Store, new: Awareness) -> None:
    """Add a finding; it replaces one of the same lane."""
    same = (new.seal, new.lane)
    kept = [each for each in read_awareness(store) if (each.seal, each.lane) != same]
    store.write_document(AWARENESS, msgspec.json.format(msgspec.json.encode([*kept, new])))


def _kept(store: Store, name: str, kind: type[Kept]) -> list[Kept]:
    found = store.read_document(name)
    try:
        return msgspec.json.decode(found, type=list[kind]) if found is not None else []  # type: ignore[valid-type]
    except msgspec.DecodeError as error:
        raise StoreUnavailable(f"{name} cannot be read: {error}") from error


def write_report(store: Store, study: Study) -> None:
    """Draw `report.html` from what the store holds."""
    scored = [
        (each.log, each.scorecard)
        for each in read_validations(store)
        if each.seal == study.sealed.seal
    ]
    real = [each for each in read_realism(store) if each.seal == study.sealed.seal]
    found = [each for each in read_discoveries(store) if each.seal == study.sealed.seal]
    reviewed = reviewed_of(store, study.sealed.graders, study.behaviors, study.screened)
    aware = [each for each in read_awareness(store) if each.seal == study.sealed.seal]
    examples = examples_of(store, study.sealed.graders)
    page = render(study, examples, scored, real, reviewed, found, aware)
    store.write_document("report.html", page.encode())


def examples_of(store: Store, graders: Mapping[str, str]) -> Iterator[Example]:
    """Flagged prefixes with all their lanes: those on which the lanes differ come first.

    Args:
        store: of the run.
        graders: behaviors to give examples of, each with the content hash of its grader.
    """
    place = {rollout.id: (rollout.parent, rollout.lane) for rollout in store.read(Rollout)}
    found: dict[str, dict[str, dict[Lane, Verdict]]] = {name: {} for name in graders}
    for verdict in verdicts_of(store, graders):
        if verdict.parent in place:
            prefix, lane = place[verdict.parent]
            found[verdict.behavior].setdefault(prefix, {})[lane] = verdict
    flagged = {name: _flagged(verdicts) for name, verdicts in found.items()}
    wanted = {prefix for chosen in flagged.values() for prefix in chosen}
    prefixes = {each.id: each for each in store.read(Prefix) if each.id in wanted}
    rollouts: dict[str, dict[Lane, Rollout]] = {}
    for rollout in store.read(Rollout):
        if rollout.parent in wanted:
            rollouts.setdefault(rollout.parent, {})[rollout.lane] = rollout
    for name, chosen in flagged.items():
        for prefix in chosen:
            yield Example(
                behavior=name,
                prefix=prefixes[prefix],
                rollouts=rollouts[prefix],
                verdicts=found[name][prefix],
            )


def _flagged(verdicts: dict[str, dict[Lane, Verdict]]) -> list[str]:
    def outcome(prefix: str, lane: Lane) -> bool:
        verdict = verdicts[prefix].get(lane)
        return verdict is not None and verdict.outcome is Outcome.PRESENT

    seen = [p for p in verdicts if any(outcome(p, lane) for lane in Lane)]
    differ = {p: outcome(p, Lane.INCUMBENT) != outcome(p, Lane.CANDIDATE) for p in seen}
    return sorted(seen, key=lambda p: not differ[p])[:EXAMPLES]
