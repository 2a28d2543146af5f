from collections.abc import Sequence
from dataclasses import dataclass

from foretaste.adapters.engines.local import Local
from foretaste.protocols import Act, Session, Simulator, ToolAnswer
from foretaste.records import Failure, Prefix, ToolCall
from foretaste.stages.retrace import Given, Retraced, State, Trajectory, retrace
from unit.rows import prefix

GET = ToolCall(id="1", name="get", arguments='{"key": "k"}')
PUT = ToolCall(id="2", name="put", arguments='{"key": "k", "value": "new"}')


@dataclass(frozen=True)
class Memory:
    """A layer whose one value is what it starts with, until something puts another."""

    value: str
    sees_writes: bool = True
    knows_put: bool = True

    def __call__(self, prefix: Prefix) -> Session:
        async def session(call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
            put = self.sees_writes and any(act.call.name == "put" for act in before)
            if call.name == "put":
                return ToolAnswer("done", "own", "") if self.knows_put else None
            return ToolAnswer("new" if put else self.value, "own", "")

        return session


def act(call: ToolCall, content: str) -> Act:
    return Act(call, ToolAnswer(content, "recorded", ""))


def one(layers: dict[str, Simulator], truth: str | None = None) -> Retraced:
    acts = (act(GET, "old"), act(PUT, "done"), act(GET, "new"))
    real = Trajectory(prefix=prefix(), acts=acts, reads=(acts[0], acts[2]))
    (found,) = retrace([real], layers=layers, truth=truth, engine=Local())
    assert isinstance(found, Retraced)
    return found


def exact(found: Retraced, layer: str) -> list[tuple[bool, bool]]:
    return [(each.answered, each.exact) for each in found.given if each.layer == layer]


def test_each_layer_is_told_what_really_happened_and_held_to_what_was_recorded() -> None:
    found = one(
        {
            "right": Memory("old"),
            "stale": Memory("old", sees_writes=False),
            "wrong": Memory("x", knows_put=False),
        }
    )

    assert exact(found, "right") == [(True, True)] * 3
    assert exact(found, "stale") == [(True, True), (True, True), (True, False)]
    assert exact(found, "wrong") == [(True, False), (False, False), (True, True)]
    assert found.given[0] == Given(layer="right", tool="get", answered=True, exact=True)
    assert found.states == ()  # nothing says what is true at the end


def test_with_a_truth_that_is_held_to_the_record_and_others_to_it() -> None:
    found = one({"real": Memory("other"), "like": Memory("other"), "log": Memory("old")}, "real")

    assert exact(found, "real") == [(True, False), (True, True), (True, True)]
    assert exact(found, "like") == [(True, True)] * 3
    assert exact(found, "log") == [(True, False), (True, True), (True, True)]


def test_the_state_at_the_end_is_what_reads_give_then() -> None:
    found = one(
        {"real": Memory("old"), "like": Memory("old"), "stale": Memory("old", sees_writes=False)},
        "real",
    )

    assert set(found.states) == {
        State(layer="like", answered=True, agree=True),
        State(layer="stale", answered=True, agree=False),
    }


def test_a_layer_that_breaks_is_a_failure_of_its_trajectory() -> None:
    def broken(prefix: Prefix) -> Session:
        raise RuntimeError("no tables")

    (found,) = retrace([Trajectory(prefix=prefix(), acts=())], layers={"x": broken}, engine=Local())

    assert isinstance(found, Failure)
    assert "no tables" in found.reason
