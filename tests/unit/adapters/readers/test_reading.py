"""What every reader does around its own format."""

from datetime import UTC, datetime

import pytest

from foretaste.adapters.readers.reading import as_tag, tags_of, time_of
from foretaste.dialects.said import Unreadable

MOMENT = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        MOMENT.timestamp(),
        str(int(MOMENT.timestamp())),
        MOMENT.timestamp() * 1000,
        "2026-10-01T12:30:00Z",
        "2026-10-01 12:30:00",
        "2026-10-01T14:30:00+02:00",
    ],
)
def test_a_time_is_read_in_any_of_the_usual_forms(value: float | str) -> None:
    assert time_of(value) == MOMENT


def test_a_time_has_always_a_zone() -> None:
    found = time_of("2026-10-01 12:30:00")

    assert found is not None
    assert found.tzinfo is UTC


def test_no_time_is_none() -> None:
    assert time_of(None) is None


@pytest.mark.parametrize("value", ["", "soon", "9" * 400, -1e300, float("inf"), "0001-01-01T00+14"])
def test_what_is_no_time_is_refused_without_being_quoted(value: float | str) -> None:
    with pytest.raises(Unreadable, match=r"^the time is neither Unix seconds nor ISO 8601$"):
        time_of(value)


def test_tags_compare_as_strings() -> None:
    assert (as_tag(0), as_tag("0"), as_tag(value=True)) == ("0", "0", "true")


def test_tags_come_in_one_order() -> None:
    assert list(tags_of({"b": 1, "a": 2})) == ["a", "b"]
