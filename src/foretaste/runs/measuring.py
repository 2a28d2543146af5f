"""How well a behavior's grader agrees with a labelled log, with length alone beside it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from foretaste.errors import InsufficientData, LogError
from foretaste.plan import LogPlan, Plan
from foretaste.records import (
    Conversation,
    Failure,
    Label,
    Outcome,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Verdict,
)
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.runs.trying import Bench, judged
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.ingest import ingest
from foretaste.stages.replay import recorded
from foretaste.stages.sample import sample
from foretaste.stages.scrub import scrub
from foretaste.stats.discrimination import Accuracy, Auc, accuracy, auc
from foretaste.usable import usable

_WORDS = {
    **dict.fromkeys(("present", "true", "yes", "1"), 1),
    **dict.fromkeys(("absent", "false", "no", "0"), 0),
}
_HALF = 0.5
_SHOWN = 40  # characters of a value that is no verdict


class Length(NamedTuple):
    """What the length of the answer says alone."""

    auc: Auc
    longer: bool  # whether a longer answer is the likelier one; the better way of the two


class Measured(NamedTuple):
    """A grader held against labels; what cannot be said is None."""

    graded: int  # labelled turns with a verdict and a truth
    present: int  # of them by their labels
    absent: int
    ungraded: dict[str, int]  # reason -> labelled turns without a verdict; in no figure below
    outside: int  # labelled turns that the behavior is not defined for
    left_out: dict[str, int]  # reason -> turns whose label says neither; and unreadable records
    scored: bool  # whether the AUC is of a score; else of the verdicts, 1 and 0
    auc: Auc | None
    accuracy: Accuracy | None
    length: Length | None
    lacking: str  # why there is no AUC or accuracy; empty where there is


def measure(
    on: Bench,
    log: str,
    *,
    use: str | None = None,
    called: str | None = None,
    where: Mapping[str, str | int | bool] | None = None,
    watch: Watch = quiet,
) -> Measured:
    """Grade the labelled turns of a log, scrubbed as in a run, and hold verdicts against labels.

    A label about a message belongs to its turn; one about the whole conversation counts only where
    that has one turn. Several people's labels of a turn count by majority.

    Args:
        on: the behavior and its grader.
        log: file, folder or glob in any format that can be read.
        use: the log's format; found by content if left out.
        called: the labels' name, where it is not the behavior's.
        where: keep only records with these tags.
        watch: told of progress.

    Raises:
        LogError: the log cannot be read, or no turn in it has a label of that name.
        MachineFailed: the judge does not answer.
    """
    turns, truth, lost = labelled(log, called or on.behavior.name, use=use, where=where)
    return _held(judged(on, turns, watch), [rollout for _, rollout in turns], truth, lost)


class Labelled(NamedTuple):
    """The turns of a log of which people say whether they show a behavior."""

    turns: list[tuple[Prefix, Rollout]]
    truth: list[int]  # 1 or 0
    left_out: Counter[str]  # reason -> turns whose label says neither; and unreadable records


def labelled(
    log: str,
    name: str,
    *,
    use: str | None = None,
    where: Mapping[str, str | int | bool] | None = None,
) -> Labelled:
    """The labelled turns of a log, scrubbed as in a run.

    Args:
        log: as for `measure`.
        name: the labels' name.
        use: as for `measure`.
        where: the same.

    Raises:
        LogError: the log cannot be read, or no turn in it has a label of that name.
    """
    lost: Counter[str] = Counter()
    known: list[tuple[Prefix, Rollout]] = []
    truth: list[int] = []
    for prefix, rollout in _turns(log, use, name, dict(where or {}), lost):
        said = [label for label in prefix.labels if label.name == name]
        if not said:
            continue
        found = _truth(said)
        if isinstance(found, str):
            lost[found] += 1
            continue
        known.append((prefix, rollout))
        truth.append(found)
    if not known:
        raise LogError(f"{log}: no turn has a label {name!r} of present or absent{_lost(lost)}")
    return Labelled(known, truth, lost)


def _lost(lost: Mapping[str, int]) -> str:
    return "; " + ", ".join(f"{count} {why}" for why, count in lost.items()) if lost else ""


def _turns(
    log: str, use: str | None, name: str, where: dict[str, str | int | bool], lost: Counter[str]
) -> Iterator[tuple[Prefix, Rollout]]:
    """The turns of conversations with a label of this name."""

    def lose(failure: Failure) -> None:
        lost[f"unreadable: {failure.reason}"] += 1

    reader = open_log(log, LogPlan(path=log, use=use, where=where))[1]
    raw = (
        each
        for each in usable(ingest(reader), Conversation, lose)
        if any(label.name == name for label in each.dialogue.labels)
    )
    scrubber = scrubber_of(Plan(log=LogPlan(path=log), candidate={}))
    corpus = list(usable(scrub(raw, scrubber=scrubber), ScrubbedConversation, lose))
    drawn = sample(corpus, unit="turn", rng=np.random.default_rng(0))
    reached: Counter[str] = Counter()
    for prefix in drawn.prefixes:
        reached[prefix.parent] += any(label.name == name for label in prefix.labels)
        yield prefix, next(recorded([prefix]))
    stray = sum(not reached[each.id] for each in corpus)
    if stray:
        lost["labelled conversations whose label is about no one turn"] += stray


def _truth(labels: Sequence[Label]) -> int | str:
    """1 or 0, or why the labels say neither."""
    said = [_read(label.value) for label in labels]
    votes = [each for each in said if isinstance(each, int)]
    if not votes:
        return str(said[0])
    present = sum(votes)
    if 2 * present == len(votes):
        return "labels in two minds"
    return int(2 * present > len(votes))


def _read(value: str | float | bool) -> int | str:  # noqa: FBT001  # a label's value
    """What one label says. A share is taken for the chance that it is present."""
    if isinstance(value, str):
        word = value.strip().casefold()
        return _WORDS.get(word, f"labelled {word[:_SHOWN]!r}")
    number = float(value)
    if number == _HALF or not 0 <= number <= 1:
        return "labelled by a number that is neither"
    return int(number > _HALF)


def _held(
    verdicts: Sequence[Verdict | Failure],
    rollouts: Sequence[Rollout],
    truth: Sequence[int],
    lost: Counter[str],
) -> Measured:
    ungraded: Counter[str] = Counter()
    outside = 0
    graded: list[Verdict] = []
    shows: list[int] = []
    lengths: list[int] = []
    for verdict, rollout, label in zip(verdicts, rollouts, truth, strict=True):
        if isinstance(verdict, Failure) or verdict.outcome is Outcome.UNGRADED:
            ungraded[verdict.reason or "no reason given"] += 1
        elif verdict.outcome is Outcome.OUTSIDE:
            outside += 1
        else:
            graded.append(verdict)
            shows.append(label)
            lengths.append(len(rollout.text))
    scored = bool(graded) and all(each.score is not None for each in graded)
    flagged = [int(each.outcome is Outcome.PRESENT) for each in graded]
    score = [float(each.score or 0.0) for each in graded] if scored else flagged
    area, right, length, lacking = None, None, None, ""
    try:
        right = accuracy(flagged, shows)
        area, length = auc(score, shows), length_alone(lengths, shows)
    except InsufficientData as error:
        lacking = str(error)
    return Measured(
        graded=len(graded),
        present=sum(shows),
        absent=len(shows) - sum(shows),
        ungraded=dict(ungraded),
        outside=outside,
        left_out=dict(lost),
        scored=scored,
        auc=area,
        accuracy=right,
        length=length,
        lacking=lacking,
    )


def length_alone(lengths: Iterable[int], shows: Sequence[int]) -> Length:
    """AUC of the number of characters, taken the way round that looks better."""
    longer = auc(list(lengths), shows)
    if longer.auc >= _HALF:
        return Length(longer, longer=True)
    return Length(auc([-each for each in lengths], shows), longer=False)
