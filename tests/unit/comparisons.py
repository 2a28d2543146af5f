"""Old beside new, not flagged yet: one line each where they are used."""

from foretaste.pairs import SideBySide
from foretaste.records import Lane, Message, Prefix, Rollout, Stop
from unit.rows import said, user

Turn = str | tuple[Message, ...]


def beside(
    recorded: Turn,
    new: Turn | None,
    again: Turn | None = None,
    *,
    asked: str = "What is it?",
    parent: str = "c",
    stop: Stop = Stop.FINAL,
) -> SideBySide:
    """One turn; `stop` is how the new answer ended."""

    def messages(turn: Turn) -> tuple[Message, ...]:
        return (said(turn),) if isinstance(turn, str) else turn

    def rollout(turn: Turn, lane: Lane, ended: Stop = Stop.FINAL) -> Rollout:
        return Rollout(parent=prefix.id, lane=lane, messages=messages(turn), stop=ended)

    prefix = Prefix(
        parent=parent,
        turn=1,
        turns=1,
        user=parent,
        messages=(user(asked),),
        recorded=messages(recorded),
    )

    return SideBySide(
        prefix=prefix,
        recorded=rollout(recorded, Lane.RECORDED),
        again=rollout(again, Lane.INCUMBENT) if again is not None else None,
        new=rollout(new, Lane.CANDIDATE, stop) if new is not None else None,
    )
