"""Answer tool calls with a Python class that is the tools, over a state of its own."""

import importlib
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from foretaste.adapters.simulators.state import State, read_state
from foretaste.adapters.simulators.worker import Worker
from foretaste.calls import pairs, storable
from foretaste.errors import ItemFailed, PlanError
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import JSON, Prefix, ToolCall

_ERROR = "{error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Tools that are the methods of a Python class: exact answers, and writes that stay inside.

    Each rollout has an object of its own, made with its own copy of the state. Before its first
    answer the tool calls of the turns before it are done in order, so that it starts where
    production was. A public method is a tool; it gets the arguments by name and returns text, or
    anything that JSON can hold. What it raises is an answer too, and so is a call with wrong
    arguments. A tool that the class lacks stays open. What another layer answered in between is
    done here too, so that the state is that of the rollout. The class runs in this process: it must
    not touch anything live.

    Args:
        tools: `module:Class`, importable as other plug-ins are.
        state: a JSON file, or a folder of JSON files that becomes a mapping by file name, or a
            SQLite file of which the class gets the path of a private copy.
        error: what a model reads of an exception; `{error}` stands for its text.
        seconds: one call may take; a tool that hangs ends the rollout as failed.

    Raises:
        PlanError: the class or the state is not there, or `error` lacks `{error}`.
    """

    tools: str
    state: str
    error: str = f"Error: {_ERROR}"
    seconds: float = 30.0
    _kind: type = field(init=False, repr=False, compare=False)
    _state: State = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if _ERROR not in self.error:
            raise PlanError(f"environment, error: {self.error!r} does not hold {_ERROR}")
        object.__setattr__(self, "_kind", _class(self.tools))
        object.__setattr__(self, "_state", read_state(self.state))

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session; nothing is copied before its first call."""
        worker = Worker(self._kind.__name__, self.seconds)
        return _EnvironmentSession(self._kind, self._state, self.error, prefix, worker)


def _class(place: str) -> type:
    module, _, name = place.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise PlanError(f"environment, tools: cannot load {place!r}: {error}") from error
    if not isinstance(found, type):
        raise PlanError(f"environment, tools: {place!r} is no class")
    return found


class _EnvironmentSession:
    """One object of the user's class, made when it is first needed."""

    def __init__(
        self, kind: type, state: State, error: str, prefix: Prefix, worker: Worker
    ) -> None:
        self._kind = kind
        self._state = state
        self._error = error
        self._prefix = prefix
        self._worker = worker
        self._tools: object | None = None
        self._since = ""
        self._done = 0  # calls of this rollout that this object has seen

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        if self._tool_of(call.name) is None:
            return None
        content = await self._worker(f"{call.name!r}", lambda: self._next(call, before))
        why = f"{self._kind.__name__}.{call.name}, {self._since}"
        return ToolAnswer(content, "environment", why)

    def _next(self, call: ToolCall, before: Sequence[Act]) -> str:
        if self._tools is None:
            self._tools = self._made()
            self._since = self._catch_up()
        for act in before[self._done :]:  # answered by others
            if act.answer.done:
                self._said(act.call)
        self._done = len(before) + 1
        return self._said(call) or ""

    def _made(self) -> object:
        """An object of the user's class.

        Raises:
            ItemFailed: the class raised something, an exit of the program included.
        """
        state = self._state(self)
        try:
            return self._kind(state)
        except BaseException as error:
            name, kind = self._kind.__name__, type(error).__name__
            raise ItemFailed(f"{name} cannot be made: {kind}: {error}") from error

    def _catch_up(self) -> str:
        """Do what was done before the cut; says how much, and how it went."""
        before = pairs(self._prefix.messages)
        differing = 0
        for call, result in before:
            said = self._said(call)
            differing += result is not None and said != result.content
        told = f"after {len(before)} earlier calls" if before else "from the start"
        return told + (f", {differing} of them answered otherwise than recorded" * bool(differing))

    def _said(self, call: ToolCall) -> str | None:
        """The tool's text, or its error's; None where there is no such tool."""
        if self._tool_of(call.name) is None:
            return None
        tool: Callable[..., JSON] = getattr(self._tools, call.name)
        try:
            text = _text(tool(**_arguments(call)))
        except BaseException as error:  # noqa: BLE001 - the user's code may raise anything; no signal ends up in its thread
            text = self._error.replace(_ERROR, str(error) or type(error).__name__)
        return storable(text)

    def _tool_of(self, name: str) -> object | None:
        """A public method that the class defines: what it inherits from built-in types is none."""
        found = inspect.getattr_static(self._kind, name, None)
        known = isinstance(found, FunctionType | staticmethod | classmethod)
        return found if known and not name.startswith("_") else None


def _text(said: JSON) -> str:
    """What a model reads: text as it is, bytes as far as they are text, anything else as JSON."""
    if isinstance(said, bytes | bytearray):
        return said.decode(errors="replace")
    return said if isinstance(said, str) else json.dumps(said)


def _arguments(call: ToolCall) -> dict[str, Any]:
    parsed = json.loads(call.arguments or "{}")
    if not isinstance(parsed, dict):
        raise TypeError("the arguments are no JSON object")
    return parsed
