"""Ask several simulators in order, and say what happens where none of them knows."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, Self

from foretaste.adapters.simulators.entering import entered
from foretaste.errors import ItemFailed, PlanError, UnknownName
from foretaste.protocols import Accountable, Act, Metered, Session, Simulator, Timing, ToolAnswer
from foretaste.records import Prefix, ToolCall, Usage, identity

Miss = Literal["model", "fail", "stop"]
MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPolicy:
    """Who answers certain tools; what is left out is as for all others."""

    layers: tuple[str, ...] | None = None
    miss: Miss | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """Simulators in order: the first that can answer does, and the answer names it.

    Every layer is told of all calls so far, whoever answered them, so one that keeps state knows
    what was written. A layer named `model` can always answer something: it is asked where no other
    knows, and only then. Nothing else is ever asked: what no layer answers reaches no live tool.
    Where a layer refused a call or could not reach its server, the answer of the next one says so.
    An answer without a time gets one from the first layer that knows how long production's took.

    Args:
        layers: by name, in the order in which they are asked.
        by_tool: other layers, or another end, for tools by shell pattern; the first that fits.
        miss: what happens where no layer knows: `model` asks that layer (the default where there
            is one), `stop` ends the rollout there, which says so, and `fail` makes it a failure.

    Raises:
        PlanError: no layers, or a policy that names one which is not there.
    """

    layers: Mapping[str, Simulator]
    by_tool: Mapping[str, tuple[str, ...] | ToolPolicy] = field(default_factory=dict)
    miss: Miss | None = None
    _open: list[AsyncExitStack] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        if not self.layers:
            raise PlanError("layered tools need `layers`: simulators in order")
        for policy in self.by_tool.values():
            for name in _policy(policy).layers or ():
                if name not in self.layers:
                    raise UnknownName("layer", name, self.layers, "layered tools")
        wanted = (self.miss, *(_policy(each).miss for each in self.by_tool.values()))
        if MODEL in wanted and MODEL not in self.layers:
            raise PlanError("layered tools: `miss: model` needs a layer named `model`")

    async def __aenter__(self) -> Self:
        """Enter every layer that holds something open."""
        self._open.append(await entered(self.layers.values()))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave them."""
        await self._open.pop().aclose()

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session of every layer."""
        sessions = {name: layer(prefix) for name, layer in self.layers.items()}
        return _LayeredSession(self, sessions, prefix.id)

    def order(self, tool: str) -> tuple[tuple[str, ...], Miss]:
        """Layers that are asked for a tool, in order, and what a miss does."""
        fitting = (each for each in self.by_tool if fnmatchcase(tool, each))
        policy = _policy(self.by_tool.get(next(fitting, ""), ()))
        miss = policy.miss or self.miss or ("model" if MODEL in self.layers else "stop")
        named = policy.layers or tuple(name for name in self.layers if name != MODEL)
        if miss == MODEL and MODEL not in named:
            named += (MODEL,)
        return named, miss


class _LayeredSession:
    def __init__(self, policy: Layered, sessions: Mapping[str, Session], prefix: str) -> None:
        self.left_open = ""
        self._policy = policy
        self._sessions = sessions
        self._prefix = prefix

    @property
    def usage(self) -> Usage:
        """Tokens of all layers that ask a model."""
        metered = (each for each in self._sessions.values() if isinstance(each, Metered))
        return sum((each.usage for each in metered), Usage())

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        names, miss = self._policy.order(call.name)
        told: list[str] = []
        for name in names:
            session = self._sessions[name]
            answer = await session(call, before)
            if answer is not None:
                seconds = answer.seconds or self._latency(call, len(before))
                why = "; ".join((answer.why, *told))
                return answer._replace(layer=name, why=why, seconds=seconds)
            if isinstance(session, Accountable) and session.left_open:
                told.append(f"{name}: {session.left_open}")
        self.left_open = "; ".join(told)
        if miss == "fail":
            tried = "; ".join((", ".join(names), *told))
            raise ItemFailed(f"no layer of {tried} answers {call.name!r}")
        return None

    def _latency(self, call: ToolCall, step: int) -> float:
        seed = int(identity("latency", self._prefix, call.name, call.arguments, step)[:8], 16)
        for layer in self._policy.layers.values():
            if isinstance(layer, Timing) and (seconds := layer.latency(call.name, seed)):
                return seconds
        return 0.0


def _policy(given: Sequence[str] | ToolPolicy) -> ToolPolicy:
    return given if isinstance(given, ToolPolicy) else ToolPolicy(layers=tuple(given) or None)
