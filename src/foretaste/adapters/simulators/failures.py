"""Let simulated tools fail in passing as often as production's did, and take as long."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import NamedTuple, Self

from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.production import Experience, Failed, learn
from foretaste.adapters.simulators.recorded import RecordedTools
from foretaste.calls import canonical
from foretaste.errors import LogError, PlanError
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Prefix, ScrubbedConversation, ToolCall, identity

_DIGITS = 13  # hexadecimal ones: as fine as a float


class Risk(NamedTuple):
    """How often a tool fails, how, and how that is known."""

    share: float
    failures: Sequence[Failed]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The layer that stands first: timeouts and overload, as rare as in production.

    It answers a share of the calls of each tool, with a failure that production's tool had, and
    leaves all others open. The draw hangs on the prefix, the call and the step, so a rerun fails
    alike, both lanes fail alike where they do the same, and a second try has a chance of its own. A
    call that the recorded turn made in the same state never fails here: what came of it is known.
    A call that fails counts as not done, a write too. It also knows how long production's tools
    took: layered tools ask it where an answer comes without a time.

    Args:
        conversations: yields the scrubbed conversations; called once, on entry.
        rates: shares of the plan's own, by shell pattern; the first that fits. A tool without
            failures in the log then gets the texts of all others.
        least: calls in the log below which a tool never fails.
        seed: another one draws other calls.
        reads: tools that change nothing, by shell patterns; see `recorded`.
        writes: tools that may change something.

    Raises:
        PlanError: a rate is not between 0 and 1.
    """

    conversations: Callable[[], Iterable[ScrubbedConversation]]
    rates: dict[str, float] = field(default_factory=dict)
    least: int = 20
    seed: int = 0
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    _learned: list[dict[str, Experience]] = field(
        init=False, repr=False, compare=False, default_factory=list
    )

    def __post_init__(self) -> None:
        for tool, rate in self.rates.items():
            if not 0 <= rate <= 1:
                raise PlanError(f"failures, rates: {tool!r} has {rate:g}, which is not in 0 to 1")

    async def __aenter__(self) -> Self:
        """Read the conversations, once.

        Raises:
            LogError: no tool call in them has a result; or the plan wants failures, and the log
                has no text of one.
        """
        if not self._learned:
            effects = Effects(reads=self.reads, writes=self.writes)
            found = await asyncio.to_thread(lambda: learn(self.conversations(), effects))
            if not found:
                raise LogError("failures: no tool call with a result in their log")
            if any(self.rates.values()) and not any(each.failures for each in found.values()):
                raise LogError("failures: `rates` are given, but no failure in the log to tell")
            self._learned.append(found)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held open."""

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session.

        Raises:
            LogError: it was not entered, so it knows nothing.
        """
        if not self._learned:
            raise LogError("production's failures were not read: enter the layer first")
        recorded = RecordedTools(reads=self.reads, writes=self.writes)(prefix)

        async def session(call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
            risk = self.risk(call.name)
            if not risk.share or await recorded(call, before) is not None:
                return None
            drawn = self._draw(prefix, call, len(before))
            if drawn >= risk.share:
                return None
            failed = risk.failures[int(drawn / risk.share * len(risk.failures))]
            return ToolAnswer(failed.content, "failures", risk.why, failed.seconds or 0.0, False)

        return session

    def risk(self, tool: str) -> Risk:
        """What a call of the tool is up against; share 0 where nothing is known of it."""
        known = self._learned[0]
        own = known.get(tool, Experience())
        said = next((self.rates[each] for each in self.rates if fnmatchcase(tool, each)), None)
        if said is not None:
            others = [failed for each in known.values() for failed in each.failures]
            why = f"the plan's share of transient failures of this tool: {said:g}"
            return Risk(said, own.failures or others, why)
        if own.calls < self.least or not own.failures:
            return Risk(0.0, (), "")
        low, high = own.interval()
        why = (
            f"production's share of transient failures of this tool: {len(own.failures):,} of "
            f"{own.calls:,} ({low:.1%} to {high:.1%})"
        )
        return Risk(own.share, own.failures, why)

    def latency(self, tool: str, seed: int) -> float | None:
        """Seconds that a call of the tool took in production; None where the log does not say."""
        own = self._learned[0].get(tool) if self._learned else None
        return None if own is None else own.latency(tool, seed)

    def _draw(self, prefix: Prefix, call: ToolCall, step: int) -> float:
        name = identity("failure", self.seed, prefix.id, canonical(call), step)
        return int(name[:_DIGITS], 16) / float(16**_DIGITS)
