from dataclasses import replace
from typing import Any

from foretaste.records import Lane
from foretaste.report.html import render
from foretaste.report.tools import ToolRow, tool_rows
from unit.report.studies import study


def with_tools(**more: Any) -> Any:
    whole = study()
    told: dict[str, Any] = {
        "calls": 1203,
        "layers": {"recorded": 1000, "model": 200},
        "calling": 40,
        "diverged": {"another tool": 9, "ended earlier": 1},
        "left_at": 2.5,
    } | more
    lanes = tuple(
        replace(each, **told) if each.lane is Lane.CANDIDATE else each
        for each in whole.account.lanes
    )
    return replace(whole, account=replace(whole.account, lanes=lanes))


def candidate(of: Any) -> ToolRow:
    (row,) = [row for row in tool_rows(of) if row.lane == "candidate"]
    return row


def test_a_lane_says_who_answered_its_calls_and_where_it_left_the_record() -> None:
    row = candidate(with_tools())

    assert (row.calls, row.answered) == ("1,203", "recorded (1,000); model (200)")
    assert row.route == (
        "30 of 40 turns with tool calls make the recorded ones; the others part at call 2.5 "
        "(median): another tool (9); ended earlier (1)"
    )


def test_a_lane_that_never_leaves_the_record_says_so() -> None:
    row = candidate(with_tools(diverged={}, left_at=None))

    assert row.route == "40 of 40 turns with tool calls make the recorded ones"


def test_chat_has_no_section_of_tools() -> None:
    assert tool_rows(study()) == ()
    assert "h-tools" not in render(study(), ())


def test_names_of_layers_are_text_on_the_page() -> None:
    told = render(with_tools(layers={"<script>": 3}), ())

    assert "h-tools" in told
    assert "<script>" not in told.split('id="h-tools"')[1].split("</section>")[0]
