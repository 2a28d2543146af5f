"""Let a simulator answer the calls that production's model made, in their order.

Only the answers are simulated, so what tells the turn from the real one is the answers alone. No
model is asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from msgspec import structs

from foretaste.calls import pairs
from foretaste.contrasts import Contrast, Side
from foretaste.protocols import Act, Engine, Simulator
from foretaste.records import Answered, Failure, Message, Prefix, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Reanswered:
    """A recorded turn, and the same with other answers; both cut where there is none."""

    parent: str  # Prefix.id
    real: tuple[Message, ...]
    simulated: tuple[Message, ...]
    answered: tuple[Answered, ...]
    calls: int  # that the recorded turn has an answer to


def reanswer(
    prefixes: Iterable[Prefix], *, simulator: Simulator, engine: Engine, skip: bool = False
) -> Iterator[Reanswered | Failure]:
    """Answer the recorded calls of each prefix again, in the order in which they finish.

    The simulator does not see the recorded turn. At the first call that it cannot answer, both
    sides end before the message that makes it; with `skip` only that answer is left out, on both
    sides.
    """
    work = partial(reanswered, simulator=simulator, skip=skip)
    return engine(work, prefixes, stage="reanswer", using=(simulator,))


async def reanswered(prefix: Prefix, *, simulator: Simulator, skip: bool = False) -> Reanswered:
    """One recorded turn with the simulator's answers to its own calls."""
    session = simulator(replace(prefix, recorded=()))
    made = [(call, result) for call, result in pairs(prefix.recorded) if result is not None]
    given: dict[int, str | None] = {}  # by identity of the recorded result; None: no answer
    acts: list[Act] = []
    for call, result in made:
        answer = await session(call, acts)
        given[id(result)] = answer.content if answer is not None else None
        if answer is not None:
            acts.append(Act(call, answer))
        elif not skip:
            break
    end = len(prefix.recorded) if skip else _end(prefix.recorded, given)
    kept = [m for m in prefix.recorded[:end] if given.get(id(m), "") is not None]
    simulated = [
        structs.replace(m, content=given[id(m)] or "") if id(m) in given else m for m in kept
    ]
    counted = sum(id(m) in given for m in kept)
    return Reanswered(
        parent=prefix.id,
        real=tuple(kept),
        simulated=tuple(simulated),
        answered=tuple(
            Answered(call=act.call.id, layer=act.answer.layer, why=act.answer.why)
            for act in acts[:counted]
        ),
        calls=len(made),
    )


def _end(messages: tuple[Message, ...], given: dict[int, str | None]) -> int:
    """Where the message begins whose call got no answer; all of them where each got one."""
    begin = 0
    for place, message in enumerate(messages):
        if message.tool_calls:
            begin = place
        if given.get(id(message), "") is None:
            return begin
    return len(messages)


def contrasted(prefix: Prefix, found: Reanswered, cluster: str) -> Contrast:
    """The pair that a discriminator is shown."""
    return Contrast(
        id=identity("reanswered", prefix.id, found.simulated),
        cluster=cluster,
        source=prefix.parent,
        real=Side(prefix.messages, found.real),
        simulated=Side(prefix.messages, found.simulated),
        answered=found.answered,
    )
