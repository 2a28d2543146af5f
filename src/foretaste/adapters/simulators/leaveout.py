"""How often a call database would have given the true answer, each group of calls left out."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from foretaste.adapters.simulators.callbase import CallBase, Pick, StoredCall


class ToolScore(NamedTuple):
    """What the database of all other groups says to the calls of one tool."""

    tool: str
    calls: int
    answered: int  # the same call was made in another group
    exact: int  # and its answer is the true one, to the letter
    near: int  # with fuzzy answers on top: answered
    near_exact: int  # and true, to the letter


def leave_one_group_out(
    calls: Iterable[StoredCall], *, pick: Pick = "frequent", fuzzy: bool = True
) -> list[ToolScore]:
    """Score every call against the calls of all other groups; `source` names the group.

    Returns:
        One row for each tool, by name. Without `fuzzy` the last two columns repeat the two before.
    """
    every = list(calls)
    base = CallBase(every, pick=pick)
    count = {kind: Counter[str]() for kind in ToolScore._fields[1:]}
    for call in every:
        apart = base.numbers([call.source])
        found = base.find(call.tool, call.arguments, apart)
        answer = found.response if found else None
        count["calls"][call.tool] += 1
        count["answered"][call.tool] += answer is not None
        count["exact"][call.tool] += answer == call.response
        if answer is None and fuzzy:
            near = base.similar(call.tool, call.arguments, 1, apart)
            answer = near[0].response if near else None
        count["near"][call.tool] += answer is not None
        count["near_exact"][call.tool] += answer == call.response
    return [
        ToolScore(tool, *(count[kind][tool] for kind in ToolScore._fields[1:]))
        for tool in sorted(count["calls"])
    ]
