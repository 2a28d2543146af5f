"""Records that wait until others refer to them."""

from foretaste.adapters.readers.files.shelf import Shelf, shelf


def put(records: Shelf, text: str, thread: str | None = None, time: float = 0.0) -> None:
    data = text.encode()
    records.put(data, number=1, source="log", names=[text], thread=thread, time=time)


def test_records_come_in_their_order_and_by_name() -> None:
    with shelf() as records:
        put(records, "b")
        put(records, "a")

        assert [(each.place, each.data) for each in records] == [(1, b"b"), (2, b"a")]
        found = records.find("a")
        assert found is not None
        assert (found.place, found.number, found.source, found.data) == (2, 1, "log", b"a")
        assert records.find("c") is None


def test_of_two_with_one_name_the_first_keeps_it() -> None:
    with shelf() as records:
        put(records, "a")
        records.put(b"again", number=2, source="log", names=["a"])

        found = records.find("a")
        assert found is not None
        assert found.data == b"a"


def test_the_step_before_is_the_last_earlier_one_of_the_same_thread() -> None:
    with shelf() as records:
        put(records, "third", "t", 3)
        put(records, "first", "t", 1)
        put(records, "second", "t", 1)
        put(records, "other", "u", 2)
        put(records, "alone")

        before = [records.before(place) for place in range(1, 6)]
        assert [each and each.data for each in before] == [b"second", None, b"first", None, None]
