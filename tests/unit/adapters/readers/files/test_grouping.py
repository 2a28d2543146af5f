import tracemalloc
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from foretaste.adapters.readers.files.grouping import Piece, grouped


def piece(group: str, order: str, number: int, data: bytes = b"{}") -> Piece:
    return Piece(group, order, number, "a.jsonl", data)


def test_records_of_a_group_come_together_in_order_and_groups_as_they_first_appear() -> None:
    pieces = [piece("b", "2", 1), piece("a", "1", 2), piece("b", "1", 3), piece("a", "1", 4)]

    found = [[(each.group, each.number) for each in group] for group in grouped(pieces)]
    assert found == [[("b", 3), ("b", 1)], [("a", 2), ("a", 4)]]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=3)), max_size=40))
def test_every_record_comes_out_once_as_it_went_in(made: list[tuple[str, str]]) -> None:
    texts = [(group, order.replace("\x00", "")) for group, order in made]
    pieces = [
        piece(
            group,
            order.encode("utf-8", "replace").decode(),
            number,
            order.encode("utf-8", "replace"),
        )
        for number, (group, order) in enumerate(texts)
    ]

    found = [each for group in grouped(pieces) for each in group]
    assert sorted(found) == sorted(pieces)


def test_no_records_are_no_groups() -> None:
    assert list(grouped([])) == []


def test_memory_does_not_grow_with_the_log() -> None:
    def pieces() -> Iterator[Piece]:
        for number in range(30_000):
            yield piece(str(number % 10_000), f"{number:09}", number, b"x" * 5_000)  # 150 MB

    tracemalloc.start()
    count = sum(len(group) for group in grouped(pieces()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 30_000
    assert peak < 30 << 20
