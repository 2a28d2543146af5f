"""Open a finished run for labelling, and say what the labels make of it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from foretaste.after.desk import Desk, Task
from foretaste.after.release import behavior_of, open_study
from foretaste.errors import InsufficientData, PlanError
from foretaste.findings import Study
from foretaste.protocols import Store
from foretaste.records import Behavior, Lane, Outcome, Prefix, Rollout
from foretaste.registry import build
from foretaste.reviews import Reviewed, ReviewItem
from foretaste.runs.presentation import write_report
from foretaste.runs.reviewing import columns_of, reviewed_of, screening_of, verdicts_of
from foretaste.stages.queue import Frame, queue
from foretaste.stages.review import unlabelled


@contextmanager
def opened(
    path: str, *, behavior: str | None = None, size: int = 100, lanes: Sequence[Lane] = ()
) -> Iterator[Desk]:
    """Open a finished run for labelling, and draw what is to be labelled.

    The report is drawn anew when the desk closes. Nobody else can write to the run meanwhile.

    Args:
        path: the run's folder.
        behavior: the one to label; None where the run has but one.
        size: turns of each lane; a queue that was drawn before is kept, and made longer if need be.
        lanes: which; none: all of the run.

    Raises:
        PlanError: the run is not finished, or the behavior has to be named.
        InsufficientData: no turn of these lanes was judged.
        SealBroken: the run is not what was sealed.
        StoreUnavailable: somebody else has the run open, or it cannot be written.
    """
    study = open_study(path)
    wanted = behavior_of(study, behavior)
    with build("stores", {"use": "files", "path": path}) as store:
        items = list(_drawn(store, study, wanted, size, lanes))
        yield Desk(store, wanted, list(_tasks(store, items)))
        write_report(store, study)


def figures(path: str) -> tuple[Study, tuple[Reviewed, ...]]:
    """A finished run's study, and what the labels up to now make of it.

    Raises:
        PlanError: the run is not finished.
        SealBroken: the run is not what was sealed.
    """
    study = open_study(path)
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        return study, reviewed_of(store, study.sealed.graders, study.behaviors, study.screened)


def _drawn(
    store: Store, study: Study, behavior: Behavior, size: int, lanes: Sequence[Lane]
) -> Iterator[ReviewItem]:
    """The queue of every lane; what is new in it is kept first."""
    rollouts = list(store.read(Rollout))
    present = [lane for lane in Lane if any(each.lane is lane for each in rollouts)]
    missing = set(lanes) - set(present)
    if missing:
        raise PlanError(f"the run has no {', '.join(sorted(missing))} lane")
    rates = {each.lane: each for each in study.screened if each.behavior == behavior.name}
    columns = columns_of(store, study.sealed.graders, present, [behavior.name])
    prefixes = list(store.read(Prefix))
    verdicts = {
        each.parent: each
        for each in verdicts_of(store, study.sealed.graders)
        if each.behavior == behavior.name and each.outcome in (Outcome.PRESENT, Outcome.ABSENT)
    }
    before = list(store.read(ReviewItem))
    found: dict[str, ReviewItem] = {}
    for lane in lanes or present:
        thin: Collection[str] | None = None
        if lane in rates:
            regone = screening_of(store, study.sealed.graders, behavior, rates[lane])
            names, thin = list(regone.judged), regone.thin
        else:
            names = unlabelled(columns, prefixes, rollouts, behavior.name, lane)
        frame = Frame(
            behavior=behavior.name,
            version=behavior.version,
            lane=lane,
            verdicts={name: verdicts[name] for name in names},
            thin=thin,
        )
        kept = [each for each in before if each.frame == frame.name and each.lane is lane]
        new = list(queue(frame, size, kept)) if names else []
        store.append(*new)
        found |= {each.id: each for each in (*kept, *new)}
    store.flush()
    if not found:
        raise InsufficientData(
            f"no turn was judged for {behavior.name}, or the log labels them all"
        )
    yield from found.values()


def _tasks(store: Store, items: Sequence[ReviewItem]) -> Iterator[Task]:
    wanted = {item.parent: item for item in items}
    rollouts = {each.id: each for each in store.read(Rollout) if each.id in wanted}
    parents = {each.parent for each in rollouts.values()}
    prefixes = {each.id: each for each in store.read(Prefix) if each.id in parents}
    for name, item in wanted.items():
        rollout = rollouts[name]
        yield Task(item=item, prefix=prefixes[rollout.parent], answer=rollout.messages)
