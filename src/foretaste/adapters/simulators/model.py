"""Answer a tool call with what a language model takes for the tool's answer."""

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from foretaste.adapters.simulators.briefing import Briefing, output_of
from foretaste.adapters.simulators.callbase import Similar
from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.entering import entered
from foretaste.adapters.simulators.entities import parsed
from foretaste.adapters.simulators.facts import ERRORS, Errors, Ledger
from foretaste.adapters.simulators.pairing import acts
from foretaste.adapters.simulators.shapes import complaint, schema_of, writer
from foretaste.calls import canonical, storable
from foretaste.errors import PlanError
from foretaste.protocols import Act, Model, Reply, Request, Simulator, ToolAnswer
from foretaste.records import JSON, Prefix, Stop, ToolCall, Usage, identity

_LAYER = "model"
_SETTINGS: dict[str, JSON] = {"temperature": 0.0, "max_tokens": 2000}
_ERROR_LENGTH = 200  # characters that an error may have where a schema is kept


@runtime_checkable
class Exemplary(Protocol):
    """A session that can show earlier calls of a tool."""

    def examples(self, call: ToolCall, count: int = 3) -> list[Similar]:
        """Up to `count` calls, the nearest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """A language model plays the tools. Its answers are invented, however well they fit.

    It gets the tool's definition, the calls of the recorded turn, the nearest earlier calls, and a
    ledger of what this conversation has read and changed so far. An answer counts only if it has
    the form of the tool's other answers and contradicts nothing in the ledger; else the model is
    told what was wrong and asked again. When no attempt is left the call stays open. A read that
    was made before, with no write since, gets the same answer without asking. A tool of which there
    is no definition, no record and no example stays open.

    Args:
        model: the model, as `candidate:` has it, with its `price`.
        examples: a part that finds earlier calls: `{use: database, path: ...}`.
        count: earlier calls to show.
        retries: attempts after the first.
        settings: of the model's requests; null removes one of ours.
        context: characters of what it is told beside the call and the tool's definition.
        longest: characters of an answer.
        schema: hold the model to the form of the answers seen, where it can be. For models in this
            process and servers that take any JSON schema; OpenAI's own takes only some.
        reads: tools that change nothing, by shell patterns; see `recorded`.
        writes: tools that may change something.
        errors: how answers begin that say that a call failed, by shell patterns, in any case.

    Raises:
        PlanError: a number is out of range.
    """

    model: Model
    examples: Simulator | None = None
    count: int = 3
    retries: int = 2
    settings: dict[str, JSON] = field(default_factory=dict)
    context: int = 24_000
    longest: int = 20_000
    schema: bool = False
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ERRORS
    _open: list[AsyncExitStack] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        for name, least in (("count", 0), ("retries", 0), ("context", 1), ("longest", 1)):
            if getattr(self, name) < least:
                raise PlanError(f"model of tools: {name} must be at least {least}")

    async def __aenter__(self) -> Self:
        """Open the model and the examples, where they are such that open."""
        self._open.append(await entered((self.model, self.examples)))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await self._open.pop().aclose()

    def __call__(self, prefix: Prefix) -> "ModelSession":
        """Open a session with a ledger of its own.

        Raises:
            PlanError: the part named in `examples` has no earlier calls to show.
        """
        session = self.examples(prefix) if self.examples is not None else None
        if session is not None and not isinstance(session, Exemplary):
            raise PlanError("model of tools, examples: this simulator shows no earlier calls")
        return ModelSession(self, prefix, session)


class ModelSession:
    """The tools of one rollout, as a model imagines them."""

    def __init__(self, tools: ModelTools, prefix: Prefix, examples: Exemplary | None) -> None:
        self._tools = tools
        self._prefix = prefix
        self._examples = examples
        self._recorded = acts(prefix.recorded)
        self._history = acts(prefix.messages)
        self._is_error = Errors(patterns=tools.errors)
        effects = Effects(reads=tools.reads, writes=tools.writes)
        self._ledger = Ledger(effects, self._is_error)
        self._seen = -1  # acts of this rollout that the ledger holds; -1: not opened yet
        self.usage = Usage()  # of all attempts, those included that came to nothing

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        """What the model says the tool says, or None where no attempt was fit to be believed."""
        self._catch_up(before)
        again = self._ledger.repeated(call)
        if again is not None:
            content, step = again
            why = f"the same call got this answer at step {step}, and nothing was written since"
            return ToolAnswer(content, _LAYER, why)
        briefing = self._briefing(call, before)
        seen = self._answers(briefing)
        if not seen and briefing.definition is None:
            return None
        refused: list[tuple[str, str]] = []
        for _ in range(self._tools.retries + 1):
            reply = await self._tools.model(self._request(briefing, seen, len(before), refused))
            self.usage += reply.usage
            content, wrong = self._judged(reply, call, seen)
            if wrong is None:
                return ToolAnswer(content, _LAYER, self._why(briefing, refused))
            refused.append((content, wrong))
        return None

    def _catch_up(self, before: Sequence[Act]) -> None:
        if self._seen < 0:
            for act in self._history:
                self._ledger.add(act, "history")
            self._ledger.opening(self._recorded)
            self._seen = 0
        for act in before[self._seen :]:  # whoever answered
            self._ledger.add(act, "rollout")
        self._seen = len(before)

    def _briefing(self, call: ToolCall, before: Sequence[Act]) -> Briefing:
        shown = self._examples.examples(call, self._tools.count) if self._examples else []
        return Briefing(
            call=call,
            definition=_definition(self._prefix.tools, call.name),
            recorded=self._recorded,
            so_far=(*self._history, *before),
            examples=shown,
            ledger=self._ledger,
        )

    def _answers(self, known: Briefing) -> list[str]:
        """Answers of the tool, the nearest first: what its answers look like."""
        others = (*known.recorded, *known.so_far)
        own = [act.answer.content for act in others if act.call.name == known.call.name]
        return [each.response for each in known.examples] + own

    def _request(
        self,
        briefing: Briefing,
        seen: Sequence[str],
        step: int,
        refused: Sequence[tuple[str, str]],
    ) -> Request:
        name = identity("tool", self._prefix.id, canonical(briefing.call), step, len(refused))
        merged = _SETTINGS | self._tools.settings
        return Request(
            messages=briefing.messages(self._tools.context, refused),
            settings={key: value for key, value in merged.items() if value is not None},
            schema=self._schema(briefing.call, seen) if self._tools.schema and seen else None,
            seed=int(name[:8], 16) & 0x7FFFFFFF,
        )

    def _schema(self, call: ToolCall, seen: Sequence[str]) -> JSON:
        samples = [text if parsed(text) is None else parsed(text) for text in seen]
        if self._ledger.is_gone(call):
            samples.append(" " * _ERROR_LENGTH)  # it may have to say so
        return {
            "type": "object",
            "properties": {"output": schema_of(samples)},
            "required": ["output"],
            "additionalProperties": False,
        }

    def _judged(self, reply: Reply, call: ToolCall, seen: Sequence[str]) -> tuple[str, str | None]:
        """The answer in a reply, and what is wrong with it."""
        said = reply.message.content
        if reply.stop in (Stop.LENGTH, Stop.FILTERED):
            return said, f"the reply was cut off ({reply.stop}): answer more briefly"
        try:
            output = output_of(said)
        except ValueError as error:
            return said, str(error)
        content = _text(output, seen)
        if len(content) > self._tools.longest:
            return content, f"the output is longer than {self._tools.longest:,} characters"
        gone = self._ledger.is_gone(call)
        wrong = complaint(content, seen, self._is_error, may_fail=gone)
        return content, wrong or self._ledger.complaint(call, content)

    def _why(self, briefing: Briefing, refused: Sequence[tuple[str, str]]) -> str:
        told = f"{len(briefing.examples)} like calls, {len(self._ledger.effects)} effects so far"
        again = f"; {len(refused)} refused first: {refused[-1][1][:200]}" if refused else ""
        return f"invented by a model that was shown {told}{again}"


def _text(output: JSON, seen: Sequence[str]) -> str:
    """An output as the tool writes it."""
    if isinstance(output, str):
        text = output
    elif isinstance(output, dict | list):
        text = writer(seen)(output)
    else:
        text = json.dumps(output)
    return storable(text)


def _definition(tools: Sequence[JSON], name: str) -> JSON:
    """A tool's definition in OpenAI's form or any other that has a `name`; None without one."""
    for each in tools:
        inner = each.get("function", each) if isinstance(each, dict) else None
        if isinstance(inner, dict) and inner.get("name") == name:
            return inner
    return None
