from dataclasses import replace
from io import StringIO
from typing import Any

from rich.console import Console

from foretaste.findings import Bridge, Change, Direction
from foretaste.records import Lane
from foretaste.report.bridge import bridge_sentence, bridge_table
from unit.report.studies import change

SAME = replace(
    change("alpha", Lane.CANDIDATE, Lane.CANDIDATE, 12, 12),
    both=12,
    only_before=0,
    only_after=0,
    direction=Direction.UNCLEAR,
)


def bridge(*changes: Change, **more: Any) -> Bridge:
    whole = Bridge(
        seal="s",
        at="2027-01-01T00:00:00+00:00",
        pipeline="p",
        code="c" * 32,
        version="0.2.0",
        sealed_code="d" * 32,
        sealed_version="0.1.0",
        regraded=False,
        changes=changes,
        regraders=(),
        absent=(),
    )
    return replace(whole, **more)


def drawn(found: Bridge, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(bridge_table(found))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_no_difference_few_differences_and_a_change_are_told_apart() -> None:
    few = replace(SAME, both=11, only_before=1, only_after=1)
    clear = replace(SAME, both=2, only_before=0, only_after=30, direction=Direction.UP)

    assert "Nothing changed: all 58 verdicts" in bridge_sentence(bridge(SAME))
    assert "Not enough evidence that anything changed: 2 of 58" in bridge_sentence(bridge(few))
    assert "changes alpha (candidate) beyond chance" in bridge_sentence(bridge(SAME, clear))


def test_where_nothing_could_be_graded_again_nothing_is_known() -> None:
    none = replace(SAME, pairs=0, both=0, difference=None, lower=None, upper=None, ratio=None)

    assert bridge_sentence(bridge(none)).startswith("Unknown")


def test_only_behaviors_that_differ_get_a_row_and_each_lane_is_named() -> None:
    few = replace(SAME, behavior="beta", both=11, only_before=1, only_after=1)
    recorded = replace(SAME, before=Lane.RECORDED, after=Lane.RECORDED)
    said = drawn(bridge(recorded, SAME, few))

    assert "recorded, 58 turns graded again\nevery verdict as sealed" in said
    assert "candidate, 58 turns answered and graded again" in said
    assert "+1 -1" in said
    assert "1 behavior more: every verdict as sealed" in said


def test_it_fits_eighty_columns_and_says_what_is_another() -> None:
    few = replace(SAME, behavior="a-behavior-with-a-long-name", only_after=3, only_before=1)
    said = drawn(bridge(few, regraders=("alpha",), absent=("gone",)))

    assert max(map(len, said.splitlines())) <= 80
    assert "another code (0.1.0 dddddddd then, 0.2.0 cccccccc today)" in said
    assert "Other graders today: alpha" in said
    assert "Not graded today: gone" in said
