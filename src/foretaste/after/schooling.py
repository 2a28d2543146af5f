"""Train a screen on what a run's judge and people said, or on a labelled log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.trained import trainer_of
from foretaste.after.release import behavior_of, open_study
from foretaste.findings import Study
from foretaste.protocols import Store
from foretaste.records import Behavior, Lane, Outcome, Prefix, Rollout
from foretaste.registry import build
from foretaste.reviews import ReviewItem, ReviewLabel, latest, log_label, truth
from foretaste.runs.measuring import Length, labelled, length_alone
from foretaste.runs.reviewing import verdicts_of
from foretaste.screenings import Asked
from foretaste.stats.clusters import clustered_rate
from foretaste.stats.discrimination import Auc, auc
from foretaste.stats.proportion import wilson
from foretaste.training import Example, Held, Screen

Teacher = Literal["all", "judge", "people"]
"""Who says what shows the behavior: judge and people, whose word counts more; or one of them."""

_EDGES = (0.0, 0.01, 0.1, 0.5, 0.9, 1.0)  # chances between which calibration is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of examples with chances in one range: how many were to show the behavior, and how many do.

    Both shares are weighted by the inverse of each example's chance of having been looked at.
    """

    lower: float  # chances from here
    upper: float  # to here
    examples: int
    promised: float  # mean chance
    shown: float  # share that shows it
    shown_lower: float  # 95 %, by user
    shown_upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A trained screen, and how good it is on users that it never saw."""

    behavior: str
    file: str
    present: int  # examples
    absent: int
    users: int
    by_judge: int  # examples that the judge alone speaks of
    by_people: int
    left_out: Mapping[str, int]  # reason -> turns that say neither
    auc: Auc  # of scores by fits on other users; examples count as independent
    length: Length  # what the answer's length alone comes to
    calibration: tuple[Kept, ...]


def train_on_run(
    path: str, behavior: str | None = None, *, out: str | None = None, teacher: Teacher = "all"
) -> tuple[Lesson, bytes]:
    """Train on what was said of a finished run's turns, in all lanes.

    A label that people gave takes the place of the judge's verdict. A turn's weight is the inverse
    of the chance with which it was drawn, and then read by the judge; taught by people alone, of
    the chance with which it was put before them.

    Args:
        path: the run's folder.
        behavior: which; None where the run has but one.
        out: where the screen is kept; None: in the run, as `screen-<behavior>.json`.
        teacher: whose word counts.

    Raises:
        PlanError: the run is not finished, or the behavior has to be named.
        InsufficientData: too few examples, or they teach nothing.
        SealBroken: the run is not what was sealed.
    """
    study = open_study(path)
    defined = behavior_of(study, behavior)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        examples, by_people, left_out = _taught(store, study, defined, teacher)
    screen = trainer_of(defined)(examples)
    name = f"screen-{defined.name}.json"
    if out is None:
        with build("stores", {"use": "files", "path": path}) as store:
            store.write_document(name, screen.document)
    return _lesson(defined, screen, out or f"{path}/{name}", by_people, left_out), screen.document


def train_on_labels(
    log: str,
    behavior: str,
    *,
    out: str,
    use: str | None = None,
    called: str | None = None,
    where: Mapping[str, str | int | bool] | None = None,
) -> tuple[Lesson, bytes]:
    """Train on a labelled log, scrubbed as in a run; every labelled turn counts alike.

    Args:
        log: file, folder or glob in any format that can be read.
        behavior: its name, or the path of its file.
        out: where the screen will be kept.
        use: the log's format; found by content if left out.
        called: the labels' name, where it is not the behavior's.
        where: keep only records with these tags.

    Raises:
        LogError: the log cannot be read, or no turn in it has a label of that name.
        PlanError: there is no such behavior.
        InsufficientData: too few examples, or they teach nothing.
    """
    defined = load_behavior(behavior)
    found = labelled(log, called or defined.name, use=use, where=where)
    pairs = zip(found.turns, found.truth, strict=True)
    examples = [Example(prefix, rollout, shows == 1) for (prefix, rollout), shows in pairs]
    screen = trainer_of(defined)(examples)
    people = {each.rollout.id for each in examples}
    return _lesson(defined, screen, out, people, found.left_out), screen.document


def _taught(
    store: Store, study: Study, behavior: Behavior, teacher: Teacher
) -> tuple[list[Example], set[str], dict[str, int]]:
    """The examples, which of them people speak of, and what was left out for what reason."""
    prefixes = {each.id: each for each in store.read(Prefix)}
    rollouts = {each.id: each for each in store.read(Rollout)}
    said: dict[str, tuple[bool, float]] = {}  # shows it, chance of having been looked at
    left_out = {"the judge's verdict says neither": 0, "people are in two minds": 0}
    if teacher != "people":
        chance = _asked(store, study, behavior)
        for verdict in verdicts_of(store, study.sealed.graders):
            if verdict.behavior != behavior.name or verdict.outcome is Outcome.OUTSIDE:
                continue
            if verdict.outcome is Outcome.UNGRADED:
                left_out["the judge's verdict says neither"] += 1
                continue
            shows = verdict.outcome is Outcome.PRESENT
            said[verdict.parent] = shows, chance.get(verdict.parent, 1.0)
    people: set[str] = set()
    if teacher != "judge":
        for rollout, told in _told(store, rollouts, prefixes, behavior).items():
            if told[0] is None:
                left_out["people are in two minds"] += 1
                said.pop(rollout, None)
                continue
            known = said.get(rollout)
            said[rollout] = told[0], told[1] if known is None else known[1]
            people.add(rollout)
    examples = []
    for name, (shows, looked) in said.items():
        prefix = prefixes[rollouts[name].parent]
        weight = 1 / (prefix.probability * looked)
        examples.append(Example(prefix, rollouts[name], shows, weight))
    return examples, people, {why: count for why, count in left_out.items() if count}


def _asked(store: Store, study: Study, behavior: Behavior) -> dict[str, float]:
    """With what chance the judge of a screened behavior was asked about each rollout."""
    mine = behavior.name, study.sealed.graders[behavior.name]
    return {
        each.parent: each.probability
        for each in store.read(Asked)
        if (each.behavior, each.grader) == mine
    }


def _told(
    store: Store,
    rollouts: Mapping[str, Rollout],
    prefixes: Mapping[str, Prefix],
    behavior: Behavior,
) -> dict[str, tuple[bool | None, float]]:
    """What people say of each rollout, None where it is neither, and its chance of being asked."""
    found: dict[str, tuple[bool | None, float]] = {}
    for rollout in rollouts.values():
        if rollout.lane is Lane.RECORDED:
            shows = log_label(prefixes[rollout.parent].labels, behavior.name)
            if shows is not None:
                found[rollout.id] = shows == 1, 1.0
    chance = {
        each.parent: each.probability
        for each in store.read(ReviewItem)
        if each.behavior == behavior.name
    }
    for (parent, name, version), by in latest(store.read(ReviewLabel)).items():
        if (name, version) == (behavior.name, behavior.version) and parent in chance:
            known = truth({who: each.value for who, each in by.items()})
            if known.shows is not None or known.open:
                shown = None if known.shows is None else known.shows == 1
                found[parent] = shown, chance[parent]
    return found


def _lesson(
    behavior: Behavior, screen: Screen, file: str, people: set[str], left_out: Mapping[str, int]
) -> Lesson:
    held = screen.held_out
    shows = [int(each.example.present) for each in held]
    by_people = sum(each.example.rollout.id in people for each in held)
    return Lesson(
        behavior=behavior.name,
        file=file,
        present=sum(shows),
        absent=len(held) - sum(shows),
        users=len({each.example.prefix.user for each in held}),
        by_judge=len(held) - by_people,
        by_people=by_people,
        left_out=dict(left_out),
        auc=auc([each.chance for each in held], shows),
        length=length_alone([len(each.example.rollout.text) for each in held], shows),
        calibration=tuple(_calibration(held)),
    )


def _calibration(held: Sequence[Held]) -> list[Kept]:
    users = {name: code for code, name in enumerate({each.example.prefix.user for each in held})}
    found = []
    for lower, upper in pairwise(_EDGES):
        rows = [e for e in held if lower <= e.chance < upper or e.chance == upper == 1]
        if not rows:
            continue
        weight = np.array([each.example.weight for each in rows])
        shown = np.array([each.example.present for each in rows])
        cluster = np.array([users[each.example.prefix.user] for each in rows])
        rate = clustered_rate(shown, cluster, weight)
        limits = wilson(rate.rate * rate.effective_n, rate.effective_n)
        found.append(
            Kept(
                lower=lower,
                upper=upper,
                examples=len(rows),
                promised=float(np.average([each.chance for each in rows], weights=weight)),
                shown=rate.rate,
                shown_lower=limits.lower,
                shown_upper=limits.upper,
            )
        )
    return found
