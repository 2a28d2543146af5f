"""One turn of one history, written again by a model: for agent frameworks, tests and notebooks."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from foretaste.adapters.simulators.database import Database
from foretaste.adapters.simulators.functions import Functions
from foretaste.adapters.simulators.layered import Layered
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.calls import pairs
from foretaste.errors import ItemFailed, PlanError, UnknownName
from foretaste.plan import LogPlan, Part, Plan
from foretaste.planfile import model_part
from foretaste.protocols import Model, Reply, Request, Scrubber, Simulator
from foretaste.records import (
    JSON,
    Conversation,
    Failure,
    Gap,
    Lane,
    Message,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Stop,
    ToolCall,
)
from foretaste.runs.histories import conversation_of
from foretaste.runs.sources import model_of, scrubber_of
from foretaste.runs.tooling import simulator_of
from foretaste.stages.replay import Conditions, Limits, recorded, take_turn
from foretaste.stages.sample import prefix_at
from foretaste.stages.scrub import scrub as scrubbed
from foretaste.turns import turns

Writer = str | Mapping[str, Any] | Callable[[Request], Awaitable[Reply | Message | str]]
"""A model: `plugin/model`, a plan's part, or whatever takes a request and answers it."""

Tools = str | Mapping[str, Any]
"""Who answers tool calls: a simulator by name, a plan's part, or functions by the tool's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A turn that was written again, and what it was written from.

    All of it is as the model saw it: with stand-ins where people could be identified.
    """

    prefix: Prefix  # what was said before, and under which conditions
    recorded: Rollout | None  # the turn that was replayed; None: the history ended before one
    rollout: Rollout  # the new turn
    replaced: dict[str, int]  # kind of identifier -> how many got stand-ins

    @property
    def text(self) -> str:
        """The new turn's final message; empty where the turn ended without one."""
        return self.rollout.text

    @property
    def messages(self) -> tuple[Message, ...]:
        """The new turn: tool calls with their results, and the final message."""
        return self.rollout.messages

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the new turn, in order."""
        return tuple(call for message in self.messages for call in message.tool_calls)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What the history did not hold, and the model therefore did not see."""
        return self.prefix.gaps


def replay(
    history: object,
    *,
    model: Writer,
    tools: Tools | None = None,
    schemas: Sequence[JSON] = (),
    turn: int | None = None,
    system: str | None = None,
    settings: Mapping[str, JSON] | None = None,
    scrub: str | Mapping[str, Any] = "patterns",
    seed: int = 0,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    use: str | None = None,
) -> Replayed:
    """Let a model write one assistant turn of a history again; nothing live is touched.

    Args:
        history: chat messages; a session, state, result or message list of a framework; or the
            path of a log that holds one conversation.
        model: `plugin/model` as in a plan, a plan's part, or a callable that takes a `Request` and
            gives a `Reply`, a `Message` or a text.
        tools: a simulator as a plan names it; or functions by tool name, which get the arguments
            by name. What no function answers, and all calls where this is left out, is answered as
            the history answered the same call. A call without an answer ends the turn.
        schemas: of the tools, as chat completions have them, where the history holds none.
        turn: which assistant turn, from 0, or from the end if negative. Left out, it is the last,
            or the next one where the history ends with a user's message.
        system: another system prompt; "" for none. It is sent as it is, unscrubbed.
        settings: other sampling settings; None removes one.
        scrub: a scrubber as a plan names it. What a model sees is always scrubbed.
        seed: of all that is drawn.
        limits: how far the turn may go.
        use: kind of the history; found by itself where left out.

    Raises:
        PlanError: the history is of no known kind or has no such turn, a part is misnamed, or an
            event loop runs here already.
        LogError: the log cannot be read.
        ItemFailed: the model failed, or the history cannot be scrubbed whole.
        ModelUnavailable: no request can succeed.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise PlanError("an event loop runs here: write `await foretaste.areplay(...)`")
    return asyncio.run(
        areplay(
            history,
            model=model,
            tools=tools,
            schemas=schemas,
            turn=turn,
            system=system,
            settings=settings,
            scrub=scrub,
            seed=seed,
            limits=limits,
            use=use,
        )
    )


async def areplay(
    history: object,
    *,
    model: Writer,
    tools: Tools | None = None,
    schemas: Sequence[JSON] = (),
    turn: int | None = None,
    system: str | None = None,
    settings: Mapping[str, JSON] | None = None,
    scrub: str | Mapping[str, Any] = "patterns",
    seed: int = 0,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    use: str | None = None,
) -> Replayed:
    """`replay` for those who are in an event loop already; see there."""
    part: Part = {"use": scrub} if isinstance(scrub, str) else dict(scrub)
    plan = Plan(log=LogPlan(path="-"), candidate={}, scrub=part)
    scrubber = scrubber_of(plan)
    raw = _with_schemas(await conversation_of(history, use), schemas)
    (clean,) = scrubbed([raw], scrubber=scrubber)
    if isinstance(clean, Failure):
        raise ItemFailed(clean.reason)
    prefix = _prefix(clean, turn)
    own: Part = {}
    writer: Model
    if isinstance(model, str | Mapping):
        own = model_part(model if isinstance(model, str) else dict(model), "model")
        writer = model_of(plan, own, scrubber)
    else:
        writer = _Spoken(model)
    simulator = _simulator(plan, tools, prefix, clean, scrubber)
    conditions = Conditions(
        system=own.get("system") if system is None else system,
        settings={**own.get("settings", {}), **(settings or {})},
        limits=limits,
        seed=seed,
    )
    async with AsyncExitStack() as stack:
        for each in (model if isinstance(writer, _Spoken) else writer, simulator):
            if isinstance(each, AbstractAsyncContextManager):
                await stack.enter_async_context(each)
        rollout = await take_turn(
            prefix, lane=Lane.CANDIDATE, model=writer, simulator=simulator, conditions=conditions
        )
    said = next(recorded([prefix])) if prefix.recorded else None
    if said is None:
        rollout = replace(rollout, diverged=None)  # there is no route to leave
    return Replayed(prefix=prefix, recorded=said, rollout=rollout, replaced=clean.replaced)


def _with_schemas(conversation: Conversation, schemas: Sequence[JSON]) -> Conversation:
    if not schemas:
        return conversation
    dialogue = conversation.dialogue
    gaps = tuple(gap for gap in dialogue.gaps if gap is not Gap.TOOLS)
    return replace(conversation, dialogue=replace(dialogue, tools=tuple(schemas), gaps=gaps))


def _prefix(clean: ScrubbedConversation, turn: int | None) -> Prefix:
    """What stood before the wanted turn.

    Raises:
        PlanError: there is no such turn.
    """
    dialogue = clean.dialogue
    spoken = [message.role for message in dialogue.messages if message.role != "system"]
    if turn is None and spoken[-1:] == ["user"]:
        blank = Message(role="assistant", content="")
        longer = replace(clean, dialogue=replace(dialogue, messages=(*dialogue.messages, blank)))
        every = turns(longer.dialogue)
        return replace(prefix_at(longer, every, len(every) - 1), recorded=(), labels=())
    every = turns(dialogue)
    at = -1 if turn is None else turn
    if not -len(every) <= at < len(every):
        asked = "" if turn is None else f"; there is none with the number {turn}"
        raise PlanError(f"the history holds {len(every)} turns that answer a user{asked}")
    return prefix_at(clean, every, at % len(every))


def _simulator(
    plan: Plan, tools: Tools | None, prefix: Prefix, clean: ScrubbedConversation, scrubber: Scrubber
) -> Simulator:
    """Who answers tool calls.

    Raises:
        PlanError: a function that is none, or of a tool that the history does not have.
    """
    if isinstance(tools, str):
        return simulator_of(plan, {"use": tools}, scrubber)
    if tools is not None and isinstance(tools.get("use"), str):
        return simulator_of(plan, dict(tools), scrubber)
    layers: dict[str, Simulator] = {}
    if tools:
        _check(tools, prefix)
        layers["functions"] = Functions(functions=tools)
    layers["recorded"] = RecordedTools()
    known = (*prefix.messages, *prefix.recorded)  # nothing of what came after the turn
    if any(result is not None for _, result in pairs(known)):
        until = replace(clean, dialogue=replace(clean.dialogue, messages=known))
        layers["earlier"] = Database(conversations=lambda: (until,), own=True)
    return Layered(layers=layers)


def _check(functions: Mapping[str, Any], prefix: Prefix) -> None:
    named = set(_names(prefix.tools))
    for name, function in functions.items():
        if not callable(function):
            raise PlanError(f"tools: what answers {name!r} is no function")
        if named and name not in named:
            raise UnknownName("tool", name, named, "the history")


def _names(schemas: Sequence[JSON]) -> Iterator[str]:
    for schema in schemas:
        inner = schema.get("function", schema) if isinstance(schema, Mapping) else {}
        if isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            yield inner["name"]


class _Spoken:
    """A model that the caller wrote; it may answer with a message, or a text alone."""

    def __init__(self, model: Callable[[Request], Any]) -> None:
        self._model = model
        self._name = str(getattr(model, "__name__", type(model).__name__))

    async def __call__(self, request: Request) -> Reply:
        said = self._model(request)
        said = await said if inspect.isawaitable(said) else said
        if isinstance(said, Reply):
            return said
        message = Message(role="assistant", content=said) if isinstance(said, str) else said
        if not isinstance(message, Message) or message.role != "assistant":
            wrong = type(said).__name__
            raise PlanError(f"model {self._name} gave a {wrong}, no Reply, Message or text")
        return Reply(message=message, stop=Stop.FINAL, asked_model=self._name)
