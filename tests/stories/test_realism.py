"""Real against real, real against shuffled, and a simulator in between; no key, nothing sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from foretaste.adapters.discriminators.trained import Trained
from foretaste.adapters.engines.local import Local
from foretaste.adapters.simulators.callbase import CallBase
from foretaste.adapters.simulators.database import DatabaseSession, answered
from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.layered import Layered
from foretaste.adapters.simulators.pairing import acts
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.contrasts import Contrast, Side, WinRate
from foretaste.protocols import Session, Simulator
from foretaste.records import Message, Prefix
from foretaste.stages.control import shuffled, trials
from foretaste.stages.realism import Read, win_rate
from foretaste.stages.reanswer import Reanswered, contrasted, reanswer
from foretaste.turns import spans
from stories.airline import needed, trajectories
from stories.places import REPOSITORY

pytestmark = needed
WRITES = ("book_*", "cancel_*", "send_*", "update_*")


@dataclass(frozen=True)
class OtherTrial:
    """Takes the next trial of the same task for the record."""

    record: Mapping[str, tuple[Message, ...]]

    def __call__(self, prefix: Prefix) -> Session:
        return RecordedTools()(replace(prefix, recorded=self.record[prefix.parent]))


@dataclass(frozen=True)
class OtherTasks:
    """The call database of the 29 other tasks, that answers anything like the nearest call."""

    calls: CallBase

    def __call__(self, prefix: Prefix) -> Session:
        apart = self.calls.numbers([prefix.user])
        earlier = acts(prefix.messages)
        return DatabaseSession(self.calls, apart, Effects(), fuzzy=True, earlier=earlier)


def turns() -> list[Prefix]:
    """Every assistant turn of all trajectories that called a tool; the task is the cluster."""
    return [
        Prefix(
            parent=played.id,
            turn=start,
            turns=1,
            user=played.id.split("-")[0],
            messages=played.messages[:start],
            recorded=played.messages[start:end],
        )
        for played in trajectories()
        for start, end in spans(played.messages)
        if any(message.role == "tool" for message in played.messages[start:end])
    ]


def layers() -> dict[str, Simulator]:
    """A record of another trial, and calls of other tasks."""
    played = {each.id: each.messages for each in trajectories()}
    following = {}
    for name in played:
        task, trial = name.split("-")
        following[name] = played[f"{task}-{(int(trial) + 1) % 4}"]
    calls = CallBase(
        call for name, messages in played.items() for call in answered(messages, name.split("-")[0])
    )
    return {"record": OtherTrial(following), "database": OtherTasks(calls)}


@pytest.fixture(scope="module")
def real() -> list[Contrast]:
    """The real turns; nothing is simulated yet."""
    found = []
    for each in turns():
        side = Side(each.messages, each.recorded)
        found.append(
            Contrast(id=each.id, cluster=each.user, source=each.parent, real=side, simulated=side)
        )
    return found


@pytest.fixture(scope="module")
def trained() -> Trained:
    return Trained(seed=0)


def told(trained: Trained, contrasts: Sequence[Contrast]) -> WinRate:
    return win_rate(Read(contrasts=contrasts, taken=trained(contrasts), margin=0.05))


def again(trained: Trained, **simulators: Simulator) -> WinRate:
    """The recorded calls, answered by these layers; each turn ends where none knows."""
    prefixes = {each.id: each for each in turns()}
    found = [
        each
        for each in reanswer(
            prefixes.values(), simulator=Layered(layers=simulators), engine=Local()
        )
        if isinstance(each, Reanswered)
    ]
    ordered = sorted(found, key=lambda one: one.parent)
    pairs = [(prefixes[each.parent], each) for each in ordered if each.answered]
    return told(trained, [contrasted(cut, each, cut.user) for cut, each in pairs])


def test_real_turns_cannot_be_told_from_real_turns_of_other_trials(
    real: list[Contrast], trained: Trained
) -> None:
    found = told(trained, list(trials(real, rng=np.random.default_rng(0))))

    assert found.pairs > 150
    assert found.clustered_lower is not None
    assert found.clustered_upper is not None
    assert found.clustered_lower < 0.5 < found.clustered_upper


def test_a_layered_simulator_is_between_shuffled_results_and_the_real_thing(
    real: list[Contrast], trained: Trained
) -> None:
    parts = layers()
    mixed = told(trained, list(shuffled(real, rng=np.random.default_rng(0))))
    both = again(trained, **parts)
    guessed = again(trained, database=parts["database"])

    assert rate(mixed) < 0.25
    assert rate(mixed) < rate(guessed) < rate(both) < 0.45
    assert both.clustered_upper is not None
    assert both.clustered_upper < 0.5
    assert both.equivalent is False
    for name, found in (
        ("shuffled results", mixed),
        ("record + database", both),
        ("database alone", guessed),
    ):
        pairs, percent = on_the_page(name)
        assert pairs == found.pairs
        assert percent == pytest.approx(100 * rate(found), abs=3)


def on_the_page(name: str) -> tuple[int, int]:
    """Pairs and win rate that the docs state."""
    page = (REPOSITORY / "docs" / "howto" / "realism.md").read_text("utf-8")
    stated = re.search(rf"\| {re.escape(name)} \| (\d+) \| (\d+) % \|", page)
    assert stated is not None, name
    return int(stated[1]), int(stated[2])


def rate(found: WinRate) -> float:
    assert found.rate is not None
    return found.rate
