"""What every store must keep."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from foretaste.adapters.stores.files import Files
from foretaste.protocols import Store
from foretaste.records import Failure, Lane, Prefix, Rollout, Stop

Opener = Callable[[], AbstractContextManager[Store]]

STORES: list[Callable[[Path], AbstractContextManager[Store]]] = [
    lambda folder: Files(path=str(folder / "run"))
]


@pytest.fixture(params=STORES, ids=["files"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return lambda: request.param(tmp_path)


def a_rollout(number: int, lane: Lane) -> Rollout:
    return Rollout(parent=f"prefix-{number}", lane=lane, messages=(), stop=Stop.UNKNOWN)


def test_what_was_appended_is_there_when_the_store_is_opened_again(opener: Opener) -> None:
    rows = [a_rollout(number, Lane.CANDIDATE) for number in range(200)]
    with opener() as store:
        for row in rows:
            store.append(row)
    with opener() as store:
        assert list(store.read(Rollout)) == rows


def test_reading_can_be_repeated(opener: Opener) -> None:
    with opener() as store:
        store.append(a_rollout(1, Lane.CANDIDATE))
        rows = store.read(Rollout)

        assert list(rows) == list(rows) == [a_rollout(1, Lane.CANDIDATE)]


def test_what_is_left_to_do_is_a_set_difference(opener: Opener) -> None:
    with opener() as store:
        store.append(*(a_rollout(number, Lane.CANDIDATE) for number in range(0, 10, 2)))
    with opener() as store:
        wanted = {(f"prefix-{number}", "candidate") for number in range(10)}
        left = wanted - store.keys(Rollout)

    assert left == {(f"prefix-{number}", "candidate") for number in range(1, 10, 2)}


def test_kinds_do_not_mix(opener: Opener) -> None:
    with opener() as store:
        store.append(a_rollout(1, Lane.CANDIDATE), Failure(stage="replay", item="p", reason="r"))

        assert len(list(store.read(Rollout))) == 1
        assert list(store.read(Prefix)) == []
        assert store.keys(Failure) == {("p", "")}


def test_appending_a_record_twice_keeps_one(opener: Opener) -> None:
    with opener() as store:
        store.append(a_rollout(1, Lane.CANDIDATE))
        store.append(a_rollout(1, Lane.CANDIDATE))

        assert len(list(store.read(Rollout))) == 1
