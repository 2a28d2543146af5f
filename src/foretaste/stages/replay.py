"""Let a model write the turn that was cut off, under production's conditions."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import dropwhile

from foretaste.divergence import divergence
from foretaste.protocols import (
    Accountable,
    Act,
    Engine,
    Metered,
    Model,
    Reply,
    Request,
    Session,
    Simulator,
)
from foretaste.records import (
    JSON,
    Answered,
    Failure,
    Lane,
    Message,
    Prefix,
    Rollout,
    Stop,
    Usage,
    identity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far one turn may go. What is cut says which limit it met."""

    calls: int = 50  # of the model
    tokens: int | None = None  # that the model writes in all
    seconds: float | None = None  # time of its tools, as far as it is known, counted in
    answer: int = 200_000  # characters of a tool's answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a lane changes of production's conditions; nothing, by default."""

    system: str | None = None  # replaces the system prompt; "" removes it
    settings: dict[str, JSON] = field(default_factory=dict)  # null removes one of production's
    limits: Limits = Limits()
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
    work = partial(take_turn, lane=lane, model=model, simulator=simulator, conditions=conditions)
    return engine(work, prefixes, stage="replay", lane=lane, using=(model, simulator))


def request_for(prefix: Prefix, conditions: Conditions) -> Request:
    """What a model is first asked for a prefix: production's conditions, as far as the log goes."""
    messages = prefix.messages
    if conditions.system is not None:
        # Behind what was said stand reminders and summaries, which are no system prompt.
        rest = tuple(dropwhile(lambda message: message.role == "system", messages))
        own = (Message(role="system", content=conditions.system),) if conditions.system else ()
        messages = own + rest
    merged = {**prefix.settings, **conditions.settings}
    return Request(
        messages=messages,
        settings={name: value for name, value in merged.items() if value is not None},
        tools=prefix.tools,
    )


async def take_turn(
    prefix: Prefix, *, lane: Lane, model: Model, simulator: Simulator, conditions: Conditions
) -> Rollout:
    """Let a model write one turn; the model and the simulator are entered already.

    Raises:
        ItemFailed: the model, or a tool, failed for good.
        MachineFailed: no request can succeed.
    """
    turn = _Turn(prefix, lane, model, simulator(prefix), conditions)
    try:
        async with asyncio.timeout(conditions.limits.seconds):
            stop = await turn.run()
    except TimeoutError:
        if not turn.late:
            raise  # somebody else's
        stop = Stop.TIME_LIMIT
    return turn.rollout(stop)


class _Turn:
    """One turn on its way: what was said, and who answered the tool calls."""

    def __init__(
        self, prefix: Prefix, lane: Lane, model: Model, session: Session, conditions: Conditions
    ) -> None:
        self._prefix = prefix
        self._lane = lane
        self._model = model
        self._session = session
        self._limits = conditions.limits
        self._request = request_for(prefix, conditions)
        self._seed = conditions.seed
        self._began = asyncio.get_running_loop().time()
        self._said: list[Message] = []
        self._replies: list[Reply] = []
        self._acts: list[Act] = []
        self._open: tuple[Answered, ...] = ()

    @property
    def late(self) -> bool:
        """Whether the time is spent, that of the tools counted as production's would have taken."""
        if self._limits.seconds is None:
            return False
        spent = asyncio.get_running_loop().time() - self._began
        return spent + sum(act.answer.seconds for act in self._acts) >= self._limits.seconds

    async def run(self) -> Stop:
        """Let the model and its tools talk until one limit is met, or the turn is closed."""
        tokens = self._limits.tokens
        for step in range(self._limits.calls):
            reply = await self._model(self._next(step))
            self._replies.append(reply)
            self._said.append(reply.message)
            if not reply.message.tool_calls:
                return reply.stop
            if tokens is not None and self._usage.output_tokens >= tokens:
                return Stop.TOKEN_LIMIT
            if not await self._answer_calls(reply.message):
                return Stop.TOOL_MISS
            if self.late:
                return Stop.TIME_LIMIT
        return Stop.TURN_LIMIT

    def rollout(self, stop: Stop) -> Rollout:
        """What came of it."""
        last = self._replies[-1] if self._replies else None
        return Rollout(
            parent=self._prefix.id,
            lane=self._lane,
            messages=tuple(self._said),
            stop=stop,
            asked_model=last.asked_model if last else None,
            answered_model=last.answered_model if last else None,
            sent=last.sent if last else {},
            dropped=tuple(dict.fromkeys(name for reply in self._replies for name in reply.dropped)),
            usage=self._usage,
            tool_usage=self._session.usage if isinstance(self._session, Metered) else Usage(),
            answered=tuple(
                Answered(call=call.id, layer=answer.layer, why=answer.why, seconds=answer.seconds)
                for call, answer in self._acts
            )
            + self._open,
            diverged=divergence(self._prefix.recorded, self._said),
        )

    @property
    def _usage(self) -> Usage:
        return sum((reply.usage for reply in self._replies), Usage())

    def _next(self, step: int) -> Request:
        return Request(
            messages=(*self._request.messages, *self._said),
            settings=self._request.settings,
            tools=self._request.tools,
            seed=_seed(self._seed, self._prefix.id, self._lane, step),
        )

    async def _answer_calls(self, message: Message) -> bool:
        """Append the answer to every tool call, in order; False where one has none."""
        for call in message.tool_calls:
            answer = await self._session(call, self._acts)
            if answer is None:
                if isinstance(self._session, Accountable) and self._session.left_open:
                    self._open = (Answered(call=call.id, layer="", why=self._session.left_open),)
                return False
            answer = answer._replace(content=_short(answer.content, self._limits.answer))
            self._acts.append(Act(call, answer))
            self._said.append(
                Message(role="tool", content=answer.content, name=call.name, tool_call_id=call.id)
            )
        return True


def _short(content: str, longest: int) -> str:
    if len(content) <= longest:
        return content
    return f"{content[:longest]}\n[cut: the first {longest:,} of {len(content):,} characters]"


def _seed(seed: int, prefix: str, lane: Lane, step: int) -> int:
    """A draw of its own for every call, the same in every rerun."""
    return int(identity("seed", seed, prefix, lane, step)[:8], 16) & 0x7FFFFFFF
