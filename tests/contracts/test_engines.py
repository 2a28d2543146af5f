"""What every engine must keep."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.errors import ItemFailed, ModelUnavailable
from foretaste.protocols import Engine
from foretaste.records import Failure, Lane

ENGINES: list[Callable[[], Engine]] = [Local, lambda: Local(concurrency=1)]


@dataclass(frozen=True)
class Item:
    id: str


ITEMS = [Item(str(number)) for number in range(50)]


@pytest.fixture(params=ENGINES, ids=["local", "local, one at a time"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def test_results_and_failures_together_are_the_items(engine: Engine) -> None:
    async def work(item: Item) -> str:
        if item.id.endswith("7"):
            raise ItemFailed("unlucky")
        return item.id

    results = list(engine(work, ITEMS, stage="replay", lane=Lane.CANDIDATE))
    failures = [result for result in results if isinstance(result, Failure)]

    assert {failure.item for failure in failures} == {"7", "17", "27", "37", "47"}
    assert {(f.stage, f.lane, f.reason) for f in failures} == {
        ("replay", Lane.CANDIDATE, "unlucky")
    }
    assert {*results, *failures} - {*failures} == {i.id for i in ITEMS if i.id[-1] != "7"}
    assert len(results) == len(ITEMS)


def test_a_failing_machine_is_raised(engine: Engine) -> None:
    async def work(item: Item) -> str:
        raise ModelUnavailable("nobody there")

    with pytest.raises(ModelUnavailable, match="nobody there"):
        list(engine(work, ITEMS, stage="replay"))


def test_an_engine_can_be_used_again(engine: Engine) -> None:
    async def work(item: Item) -> str:
        return item.id

    first = sorted(map(str, engine(work, ITEMS, stage="replay")))
    second = sorted(map(str, engine(work, ITEMS, stage="grade")))

    assert first == second == sorted(item.id for item in ITEMS)
