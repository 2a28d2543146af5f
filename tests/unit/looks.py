"""Small turns with tool calls, and pairs of them."""

from typing import Any

from foretaste.contrasts import Contrast, Side
from foretaste.records import Answered, Message, ToolCall
from unit.rows import said, user

ASKED = (user("Where is book 12?"),)


def turn(*calls: tuple[str, str, str | None], last: str = "Done.") -> tuple[Message, ...]:
    """A turn of calls (tool, arguments, result or None), and what is said at the end."""
    messages: list[Message] = []
    for number, (tool, arguments, result) in enumerate(calls):
        call = ToolCall(id=f"c{number}", name=tool, arguments=arguments)
        messages.append(Message(role="assistant", content="", tool_calls=(call,)))
        if result is not None:
            messages.append(Message(role="tool", content=result, tool_call_id=call.id))
    return (*messages, said(last))


def contrast(
    real: tuple[Message, ...],
    simulated: tuple[Message, ...],
    *,
    name: str = "p",
    cluster: str = "t",
    layers: tuple[str, ...] = (),
    **more: Any,
) -> Contrast:
    answered = tuple(Answered(call=f"c{k}", layer=each, why="") for k, each in enumerate(layers))
    return Contrast(
        id=name,
        cluster=cluster,
        source=more.pop("source", name),
        real=Side(ASKED, real),
        simulated=Side(ASKED, simulated),
        answered=answered,
        **more,
    )
