"""Let a model write the turn that was cut off, under production's conditions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from foretaste.protocols import Engine, Model, Session, Simulator
from foretaste.records import (
    JSON,
    Answered,
    Failure,
    Lane,
    Message,
    Prefix,
    Reply,
    Request,
    Rollout,
    Stop,
    Usage,
    identity,
)

MAX_CALLS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a lane changes of production's conditions; nothing, by default."""

    system: str | None = None  # replaces the system prompt; "" removes it
    settings: dict[str, JSON] = field(default_factory=dict)  # null removes one of production's
    max_calls: int = MAX_CALLS  # model calls in one turn
    seed: int = 0


def recorded(prefixes: Iterable[Prefix]) -> Iterator[Rollout]:
    """The recorded lane: what production said after each prefix. Asks no model."""
    for prefix in prefixes:
        yield Rollout(
            parent=prefix.id,
            lane=Lane.RECORDED,
            messages=prefix.recorded,
            stop=prefix.recorded_stop,
            answered_model=prefix.recorded_model,
        )


def replay(
    prefixes: Iterable[Prefix],
    *,
    lane: Lane,
    model: Model,
    simulator: Simulator,
    engine: Engine,
    conditions: Conditions = Conditions(),
) -> Iterator[Rollout | Failure]:
    """One rollout for each prefix, in the order in which they finish."""
    work = partial(_turn, lane=lane, model=model, simulator=simulator, conditions=conditions)
    return engine(work, prefixes, stage="replay", lane=lane, using=(model, simulator))


def request_for(prefix: Prefix, conditions: Conditions) -> Request:
    """What a model is first asked for a prefix: production's conditions, as far as the log goes."""
    messages = prefix.messages
    if conditions.system is not None:
        rest = tuple(m for m in messages if m.role != "system")
        own = (Message(role="system", content=conditions.system),) if conditions.system else ()
        messages = own + rest
    merged = {**prefix.settings, **conditions.settings}
    return Request(
        messages=messages,
        settings={name: value for name, value in merged.items() if value is not None},
        tools=prefix.tools,
    )


async def _turn(
    prefix: Prefix, *, lane: Lane, model: Model, simulator: Simulator, conditions: Conditions
) -> Rollout:
    request = request_for(prefix, conditions)
    session = simulator(prefix)
    said: list[Message] = []
    replies: list[Reply] = []
    answered: list[Answered] = []
    stop = Stop.TURN_LIMIT
    for step in range(conditions.max_calls):
        reply = await model(
            Request(
                messages=(*request.messages, *said),
                settings=request.settings,
                tools=request.tools,
                seed=_seed(conditions.seed, prefix.id, lane, step),
            )
        )
        replies.append(reply)
        said.append(reply.message)
        if not reply.message.tool_calls:
            stop = reply.stop
            break
        if not await _answer_calls(reply.message, session, said, answered):
            stop = Stop.TOOL_MISS
            break
    last = replies[-1]
    return Rollout(
        parent=prefix.id,
        lane=lane,
        messages=tuple(said),
        stop=stop,
        asked_model=last.asked_model,
        answered_model=last.answered_model,
        sent=last.sent,
        dropped=tuple(dict.fromkeys(name for reply in replies for name in reply.dropped)),
        usage=sum((reply.usage for reply in replies), Usage()),
        answered=tuple(answered),
    )


async def _answer_calls(
    message: Message, session: Session, said: list[Message], answered: list[Answered]
) -> bool:
    """Append the answer to every tool call; False where one has none."""
    for call in message.tool_calls:
        answer = await session(call)
        if answer is None:
            return False
        said.append(
            Message(role="tool", content=answer.content, name=call.name, tool_call_id=call.id)
        )
        answered.append(Answered(call=call.id, layer=answer.layer, why=answer.why))
    return True


def _seed(seed: int, prefix: str, lane: Lane, step: int) -> int:
    """A draw of its own for every call, the same in every rerun."""
    return int(identity("seed", seed, prefix, lane, step)[:8], 16) & 0x7FFFFFFF
