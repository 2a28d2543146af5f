"""Who answered the tool calls, and where a lane left the recorded route, as text."""

from dataclasses import dataclass

from foretaste.findings import LaneAccount, Study
from foretaste.records import Lane
from foretaste.report.wording import of, tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """The tool calls of one lane."""

    lane: str
    calls: str
    answered: str
    route: str


def tool_rows(study: Study) -> tuple[ToolRow, ...]:
    """A row for each lane; none where no lane calls a tool."""
    lanes = study.account.lanes
    if not any(each.calls for each in lanes):
        return ()
    return tuple(
        ToolRow(
            lane=each.lane.value,
            calls=f"{each.calls:,}",
            answered="production" if each.lane is Lane.RECORDED else tally(each.layers),
            route=_route(each),
        )
        for each in lanes
    )


def _route(lane: LaneAccount) -> str:
    if lane.lane is Lane.RECORDED:
        return "is the record"
    if not lane.calling:
        return "no turn with tool calls"
    kept = lane.calling - sum(lane.diverged.values())
    told = f"{of(kept, lane.calling)} turns with tool calls make the recorded ones"
    if lane.left_at is None:
        return told
    return f"{told}; the others part at call {lane.left_at:g} (median): {tally(lane.diverged)}"
