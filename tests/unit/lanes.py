"""Pairs of turns, one line each where they are used."""

from typing import Any

from foretaste.discoveries import Pair
from foretaste.records import Lane, Message, Prefix, Rollout, Stop, ToolCall
from unit.rows import said, user


def asked(text: str = "What is it?", **more: Any) -> Prefix:
    return Prefix(
        parent="c", turn=1, turns=1, user="u", messages=(user(text),), recorded=(), **more
    )


def call(tool: str, arguments: str) -> Message:
    made = ToolCall(id="1", name=tool, arguments=arguments)
    return Message(role="assistant", content="", tool_calls=(made,))


def pair(
    before: str | tuple[Message, ...],
    after: str | tuple[Message, ...],
    *,
    prefix: Prefix | None = None,
    first: Lane = Lane.INCUMBENT,
) -> Pair:
    at = prefix or asked()
    turns = (
        Rollout(
            parent=at.id,
            lane=lane,
            messages=(said(said_so),) if isinstance(said_so, str) else said_so,
            stop=Stop.FINAL,
        )
        for lane, said_so in ((first, before), (Lane.CANDIDATE, after))
    )
    return Pair(at, *turns)
