import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from foretaste.adapters.simulators.layered import Layered, ToolPolicy
from foretaste.errors import ItemFailed, PlanError, UnknownName
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Prefix, ToolCall
from unit.adapters.simulators.asking import call
from unit.rows import prefix


@dataclass(frozen=True)
class Knows:
    """A layer that answers the tools it knows, and keeps what it was told."""

    tools: tuple[str, ...] = ()
    told: list[tuple[str, int]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.events.append("entered")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.events.append("left")

    def __call__(self, prefix: Prefix) -> Session:
        async def session(call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
            self.told.append((call.name, len(before)))
            if call.name not in self.tools:
                return None
            return ToolAnswer(f"{call.name}!", "own name", "why")

        return session


def answered(policy: Layered, *names: str) -> list[str | None]:
    async def run() -> list[str | None]:
        session = policy(prefix())
        before: list[Act] = []
        found: list[str | None] = []
        for name in names:
            answer = await session(call(name), before)
            found.append(answer.layer if answer else None)
            if answer:
                before.append(Act(call(name), answer))
        return found

    return asyncio.run(run())


def layered(**more: Any) -> Layered:
    layers = {"first": Knows(("a",)), "second": Knows(("a", "b")), "model": Knows(("a", "b", "c"))}
    return Layered(**{"layers": layers} | more)


def test_the_first_layer_that_can_answer_does_and_the_answer_names_it() -> None:
    assert answered(layered(), "a", "b", "c", "d") == ["first", "second", "model", None]


def test_a_miss_stops_where_there_is_no_model_or_the_plan_says_so() -> None:
    assert answered(layered(miss="stop"), "a", "b", "c") == ["first", "second", None]
    assert answered(Layered(layers={"first": Knows(("a",))}), "a", "b") == ["first", None]


def test_a_miss_can_fail_the_rollout() -> None:
    with pytest.raises(ItemFailed, match="no layer of first, second answers 'c'"):
        answered(layered(miss="fail"), "c")


def test_a_tool_can_have_an_order_and_a_miss_of_its_own() -> None:
    by_tool = {"a": ("second", "first"), "c*": ToolPolicy(miss="stop"), "b": ("first",)}
    policy = layered(by_tool=by_tool)

    assert answered(policy, "a", "b", "c", "cc") == ["second", "model", None, None]
    assert policy.order("other") == (("first", "second", "model"), "model")


def test_every_layer_is_told_of_what_others_answered() -> None:
    first, second = Knows(("a",)), Knows(("b",))
    answered(Layered(layers={"first": first, "second": second}), "a", "a", "b")

    assert second.told == [("b", 2)]


def test_layers_are_entered_and_left_together() -> None:
    one, two = Knows(), Knows()

    async def run() -> list[str]:
        async with Layered(layers={"one": one, "two": two}):
            return [*one.events, *two.events]

    assert asyncio.run(run()) == ["entered", "entered"]
    assert one.events == two.events == ["entered", "left"]


def test_a_policy_about_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'first'"):
        layered(by_tool={"a": ("frist",)})
    with pytest.raises(PlanError, match="needs a layer named `model`"):
        Layered(layers={"one": Knows()}, miss="model")
    with pytest.raises(PlanError, match="need `layers`"):
        Layered(layers={})
