"""A run's verdicts and people's labels, as its store holds them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from foretaste.columns import Columns
from foretaste.protocols import Store
from foretaste.records import Behavior, Lane, Prefix, Rollout, Verdict
from foretaste.reviews import Reviewed, ReviewItem, ReviewLabel, latest, log_label
from foretaste.screenings import ScreenedRate, Screening
from foretaste.stages.estimate import tabulate
from foretaste.stages.rectify import Regone, rectify
from foretaste.stages.review import review
from foretaste.stages.screen import scored, waves


def verdicts_of(store: Store, graders: Mapping[str, str]) -> Iterator[Verdict]:
    """What these graders found; a store may hold what earlier ones found, too."""
    for verdict in store.read(Verdict):
        if graders.get(verdict.behavior) == verdict.grader:
            yield verdict


def columns_of(
    store: Store, graders: Mapping[str, str], lanes: Iterable[Lane], only: Iterable[str] = ()
) -> Columns:
    """The verdicts of these graders as columns; of some behaviors, or of all."""
    return tabulate(
        store.read(Prefix),
        store.read(Rollout),
        verdicts_of(store, graders),
        behaviors=tuple(only) or graders,
        lanes=lanes,
    )


def reviewed_of(
    store: Store,
    graders: Mapping[str, str],
    behaviors: Iterable[Behavior],
    screened: Iterable[ScreenedRate],
) -> tuple[Reviewed, ...]:
    """What people's labels make of the judges' rates: nothing where there are no labels."""
    labels = list(store.read(ReviewLabel))
    prefixes = list(store.read(Prefix))
    wanted = {label.behavior for label in labels}
    for prefix in prefixes:
        wanted.update(each.name for each in prefix.labels if each.by == "human")
    wanted &= graders.keys()
    if not wanted:
        return ()
    lanes = {lane for _, lane in store.keys(Rollout)}
    defined = {each.name: each for each in behaviors}
    items, rates = list(store.read(ReviewItem)), list(screened)
    plain = wanted - {each.behavior for each in rates}
    found = (
        review(
            columns_of(store, graders, [lane for lane in Lane if lane in lanes], sorted(plain)),
            prefixes,
            store.read(Rollout),
            versions={each.name: each.version for each in behaviors},
            items=items,
            labels=labels,
        )
        if plain
        else ()
    )
    by, counts = latest(labels), _in_log(prefixes)
    corrected = (
        rectify(
            screening_of(store, graders, defined[each.behavior], each),
            version=defined[each.behavior].version,
            items=items,
            labels=by,
            in_log=counts[each.behavior] if each.lane is Lane.RECORDED else 0,
        )
        for each in rates
        if each.behavior in wanted
    )
    return (*found, *(each for each in corrected if each is not None))


def screening_of(
    store: Store, graders: Mapping[str, str], behavior: Behavior, rate: ScreenedRate
) -> Regone:
    """A screened grading of a finished run, gone through again."""
    rows = scored(
        store.read(Prefix),
        store.read(Rollout),
        store.read(Screening),
        behavior=behavior.name,
        lane=rate.lane,
        seed=rate.course.seed,
        screens=rate.course.screens,
        applies=behavior.applies,
    )
    verdicts = {
        each.parent: each.outcome
        for each in verdicts_of(store, graders)
        if each.behavior == behavior.name
    }
    return Regone(rows, waves(rows, verdicts, calls=rate.course.calls), rate)


def _in_log(prefixes: Iterable[Prefix]) -> Counter[str]:
    """Behaviors and how many turns people labelled for each in the log."""
    return Counter(
        name
        for prefix in prefixes
        for name in {each.name for each in prefix.labels if each.by == "human"}
        if log_label(prefix.labels, name) is not None
    )
