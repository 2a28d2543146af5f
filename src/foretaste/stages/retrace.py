"""Ask simulators what a trajectory's tools really said, and count how often they are right.

No model is asked: the calls are the recorded ones, in their order, and only the answers are
simulated. So what is counted is the simulator's truth, not a candidate's route.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from foretaste.protocols import Act, Engine, Session, Simulator, ToolAnswer
from foretaste.records import Failure, Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A recorded trajectory whose answers are known, to be retraced.

    `prefix.recorded` is what simulators may know of it: another trial of the same task, or nothing.
    """

    prefix: Prefix
    acts: tuple[Act, ...]  # what was really called and answered, in order
    reads: tuple[Act, ...] = ()  # those of them that change nothing

    @property
    def id(self) -> str:
        """The prefix's."""
        return self.prefix.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one layer said to one call."""

    layer: str
    tool: str
    answered: bool
    exact: bool  # the true answer, to the character


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a layer knows at the end: every reading call of the trajectory, asked again."""

    layer: str
    answered: bool  # all of them
    agree: bool  # and all are true


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraced:
    """One trajectory, retraced by every layer."""

    parent: str  # Prefix.id
    given: tuple[Given, ...]
    states: tuple[State, ...]


def retrace(
    trajectories: Iterable[Trajectory],
    *,
    layers: Mapping[str, Simulator],
    engine: Engine,
    truth: str | None = None,
) -> Iterator[Retraced | Failure]:
    """Ask every layer for every call of each trajectory, in the order in which they finish.

    A layer is told what really happened before each call.

    Args:
        trajectories: what really happened.
        layers: simulators by name.
        engine: runs them.
        truth: name of the layer whose answers are true: the others are held to it, and at the end
            their state. Left out, the recorded answers are true, and of states nothing is known.
    """
    work = partial(_retraced, layers=layers, truth=truth)
    return engine(work, trajectories, stage="retrace", using=tuple(layers.values()))


async def _retraced(
    trajectory: Trajectory, *, layers: Mapping[str, Simulator], truth: str | None
) -> Retraced:
    sessions = {name: layer(trajectory.prefix) for name, layer in layers.items()}
    judge = sessions.pop(truth) if truth else None
    given: list[Given] = []
    before: list[Act] = []
    for act in trajectory.acts:
        true: ToolAnswer | None = act.answer
        if judge is not None and truth is not None:
            true = await judge(act.call, before)
            given.append(_given(truth, act, true, act.answer))
        for layer, session in sessions.items():
            given.append(_given(layer, act, await session(act.call, before), true))
        before.append(Act(act.call, true or act.answer))
    states = await _states(trajectory, sessions, judge, before) if judge is not None else ()
    return Retraced(parent=trajectory.id, given=tuple(given), states=tuple(states))


async def _states(
    trajectory: Trajectory, sessions: Mapping[str, Session], judge: Session, before: list[Act]
) -> list[State]:
    reads = {(act.call.name, act.call.arguments): act for act in trajectory.reads}
    right: dict[str, list[Given]] = {layer: [] for layer in sessions}
    for act in reads.values():
        true = await judge(act.call, before)
        for layer, session in sessions.items():
            right[layer].append(_given(layer, act, await session(act.call, before), true))
        before.append(Act(act.call, true or act.answer))
    return [
        State(
            layer=layer,
            answered=all(each.answered for each in found),
            agree=all(each.exact for each in found),
        )
        for layer, found in right.items()
        if found
    ]


def _given(layer: str, act: Act, answer: ToolAnswer | None, true: ToolAnswer | None) -> Given:
    exact = answer is not None and true is not None and answer.content == true.content
    return Given(layer=layer, tool=act.call.name, answered=answer is not None, exact=exact)
