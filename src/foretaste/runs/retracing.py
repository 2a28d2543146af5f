"""How true a simulator is: recorded trajectories, their tools asked again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.database import Database
from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.environment import Environment
from foretaste.adapters.simulators.layered import Layered
from foretaste.adapters.simulators.pairing import acts
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.errors import LogError, PlanError
from foretaste.plan import LogPlan
from foretaste.protocols import Simulator
from foretaste.records import Conversation, Failure, Prefix, ScrubbedConversation
from foretaste.runs.sources import open_log
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.ingest import ingest
from foretaste.stages.retrace import Retraced, Trajectory, retrace
from foretaste.usable import usable

ENVIRONMENT = "environment"


class Count(NamedTuple):
    """How many of `n` were answered, and how many of those exactly as they should be."""

    n: int
    answered: int
    exact: int


class LayerScore(NamedTuple):
    """What one layer answers."""

    calls: Count
    tools: dict[str, Count]
    states: Count | None  # trajectories whose end it knows; None where nothing says what is true


class Truth(NamedTuple):
    """How true simulated tools are."""

    trajectories: int
    groups: int  # values of the field that was left out
    failures: dict[str, int]  # reason -> trajectories that could not be retraced, and records
    truth: str  # what answers were held to: `environment`, or `recorded`
    layers: dict[str, LayerScore]


def score_simulator(
    path: str,
    *,
    leave_out: str,
    environment: str | None = None,
    state: str | None = None,
    error: str = "Error: {error}",
    where: Mapping[str, str | int | bool] | None = None,
    watch: Watch = quiet,
) -> Truth:
    """Score what is known without a model against what the tools really said.

    Each trajectory is retraced by the layers `recorded` (the record of another trial: the next one
    with the same value of the field), `database` (the calls of all trajectories with other values),
    `layered` (both, in this order), and `nearest` (the database with fuzzy answers). With an
    environment, that is held to the recorded results, and the others to it.

    Nothing is scrubbed, so that answers can be compared to the letter: no model is asked, and no
    text leaves this function, only counts.

    Args:
        path: log of trajectories.
        leave_out: tag that says what belongs together, like a task.
        environment: `module:Class`.
        state: what the environment starts from.
        error: how the environment words an exception.
        where: keep only records with these tags.
        watch: told of progress.

    Raises:
        LogError: the log cannot be read, or holds no tool call with an answer.
        PlanError: the environment or its state is not there, or no record has the tag.
    """
    lost: Counter[str] = Counter()
    talks = _conversations(path, dict(where or {}), lost)
    groups = _groups(talks, leave_out)
    known: dict[str, Simulator] = {
        "recorded": RecordedTools(),
        "database": Database(conversations=lambda: talks, leave_out=leave_out),
    }
    layers: dict[str, Simulator] = {
        **known,
        "layered": Layered(layers=known),
        "nearest": Database(conversations=lambda: talks, leave_out=leave_out, fuzzy=True),
    }
    if environment is not None:
        if state is None:
            raise PlanError("an environment needs a state to start from: --state PATH")
        real = Environment(tools=environment, state=state, error=error)
        layers = {ENVIRONMENT: real, **layers}
    truth = ENVIRONMENT if environment is not None else None
    every = list(_trajectories(groups))
    found: list[Retraced] = []
    for record in retrace(every, layers=layers, truth=truth, engine=Local()):
        if isinstance(record, Failure):
            lost[record.reason] += 1
        else:
            found.append(record)
        watch("retrace", len(found), len(every))
    return Truth(len(every), len(groups), dict(lost), truth or "recorded", _scores(found))


def _conversations(
    path: str, where: dict[str, str | int | bool], lost: Counter[str]
) -> list[ScrubbedConversation]:
    def lose(failure: Failure) -> None:
        lost[failure.reason] += 1

    _, reader = open_log(path, LogPlan(path=path, where=where))
    found = [
        ScrubbedConversation(parent=each.id, dialogue=each.dialogue)
        for each in usable(ingest(reader), Conversation, lose)
    ]
    if not any(acts(each.dialogue.messages) for each in found):
        raise LogError(f"{path}: no tool call with an answer")
    return found


def _groups(
    talks: Iterable[ScrubbedConversation], tag: str
) -> dict[str, list[ScrubbedConversation]]:
    groups: dict[str, list[ScrubbedConversation]] = {}
    known: set[str] = set()
    for each in talks:
        known |= each.dialogue.tags.keys()
        if tag in each.dialogue.tags:
            groups.setdefault(each.dialogue.tags[tag], []).append(each)
    if not groups:
        raise PlanError(f"no record has the field {tag!r}; there are: {', '.join(sorted(known))}")
    return groups


def _trajectories(groups: Mapping[str, list[ScrubbedConversation]]) -> Iterator[Trajectory]:
    for trials in groups.values():
        for place, trial in enumerate(trials):
            other = trials[(place + 1) % len(trials)]
            real = tuple(acts(trial.dialogue.messages))
            start, recorded = _start(trial), other.dialogue.messages[_start(other) :]
            yield Trajectory(
                prefix=Prefix(
                    parent=trial.id,
                    turn=start,
                    turns=1,
                    user=trial.id,
                    messages=trial.dialogue.messages[:start],
                    recorded=recorded if other is not trial else (),
                    tags=trial.dialogue.tags,
                ),
                acts=real,
                reads=tuple(act for act in real if not Effects().may_write(act.call.name)),
            )


def _start(talk: ScrubbedConversation) -> int:
    """Where the agent begins to act."""
    roles = [message.role for message in talk.dialogue.messages]
    return roles.index("assistant") if "assistant" in roles else len(roles)


def _scores(found: Iterable[Retraced]) -> dict[str, LayerScore]:
    calls: dict[str, dict[str, Count]] = {}
    states: dict[str, Count] = {}
    for record in found:
        for each in record.given:
            own = calls.setdefault(each.layer, {})
            own[each.tool] = _more(own.get(each.tool), each.answered, each.exact)
        for end in record.states:
            states[end.layer] = _more(states.get(end.layer), end.answered, end.agree)
    return {
        layer: LayerScore(_sum(tools.values()), dict(sorted(tools.items())), states.get(layer))
        for layer, tools in calls.items()
    }


def _more(count: Count | None, answered: bool, exact: bool) -> Count:  # noqa: FBT001
    n, before, right = count or Count(0, 0, 0)
    return Count(n + 1, before + answered, right + exact)


def _sum(counts: Iterable[Count]) -> Count:
    return Count(*map(sum, zip(*counts, strict=True)))
