"""A run's verdicts and people's labels, as its store holds them."""

from collections.abc import Iterable, Iterator, Mapping

from foretaste.columns import Columns
from foretaste.protocols import Store
from foretaste.records import Behavior, Lane, Prefix, Rollout, Verdict
from foretaste.reviews import Reviewed, ReviewItem, ReviewLabel
from foretaste.stages.estimate import tabulate
from foretaste.stages.review import review


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
    store: Store, graders: Mapping[str, str], behaviors: Iterable[Behavior]
) -> tuple[Reviewed, ...]:
    """What people's labels make of the judges' rates: nothing where there are no labels."""
    labels = list(store.read(ReviewLabel))
    wanted = {label.behavior for label in labels}
    for prefix in store.read(Prefix):
        wanted.update(each.name for each in prefix.labels if each.by == "human")
    wanted &= graders.keys()
    if not wanted:
        return ()
    lanes = {lane for _, lane in store.keys(Rollout)}
    return review(
        columns_of(store, graders, [lane for lane in Lane if lane in lanes], sorted(wanted)),
        list(store.read(Prefix)),
        store.read(Rollout),
        versions={each.name: each.version for each in behaviors},
        items=store.read(ReviewItem),
        labels=labels,
    )
