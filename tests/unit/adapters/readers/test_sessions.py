import tracemalloc
from collections.abc import Iterator

from foretaste.adapters.readers.reading import failed
from foretaste.adapters.readers.sessions import Record, sessions
from foretaste.records import Failure


def record(trace: str, session: str = "", order: str = "", n: int = 1) -> Record:
    return Record(trace, session, order, n, "log", b'{"n": %d}' % n)


def names(records: list[Record | Failure]) -> list[tuple[str, list[int]]]:
    found = [each for each in sessions(records) if not isinstance(each, Failure)]
    return [(name, [row.data["n"] for row in rows]) for name, rows in found]


def test_one_record_of_a_trace_that_names_the_session_is_enough() -> None:
    rows: list[Record | Failure] = [
        record("t2", "", "2", 1),
        record("t1", "s", "1", 2),
        record("t2", "s", "3", 3),
        record("", "s", "", 4),
        record("t1", "", "", 5),
    ]

    assert names(rows) == [("s", [4, 5, 2, 1, 3])]


def test_a_trace_without_a_session_is_one_of_its_own() -> None:
    rows: list[Record | Failure] = [record("a", n=1), record("b", n=2), record("a", n=3)]

    assert names(rows) == [("a", [1, 3]), ("b", [2])]


def test_a_session_and_a_trace_of_one_name_stay_apart() -> None:
    assert len(names([record("a"), record("b", "a")])) == 2


def test_failures_come_where_they_lie() -> None:
    lost = failed("log", 2, "bad")

    found = list(sessions([record("a", n=1), lost, record("b", n=3)]))

    assert found[1] == lost
    assert len(found) == 3


def test_memory_does_not_grow_with_the_log() -> None:
    def many() -> Iterator[Record | Failure]:
        for n in range(3000):
            yield Record(f"t{n % 1500}", "", "", n, "log", b'"' + b"x" * 20_000 + b'"')

    tracemalloc.start()
    try:
        count = sum(1 for _ in sessions(many()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 1500
    assert peak < 40 << 20  # the log has 60 MB
