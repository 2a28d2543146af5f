"""Pairs of a real and a simulated turn, and what discriminators make of them.

A win rate is the share of pairs in which the simulated turn was taken for the real one: 0.5 where
nobody can tell them apart, 0 where everybody can. A value that the data cannot give is None.
"""

from dataclasses import dataclass
from typing import NamedTuple

from foretaste.records import Answered, Lane, Message, Usage


class Side(NamedTuple):
    """One turn, or one call with its result, and all that was said before it."""

    before: tuple[Message, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A real turn and a simulated one, of which a discriminator says which is real."""

    id: str
    cluster: str  # task, user or conversation: what must not be on both sides of a training
    source: str  # conversation that the real one is from
    real: Side
    simulated: Side
    answered: tuple[Answered, ...] = ()  # who gave the simulated results, in order
    tool: str = ""  # of a single call; empty: whole turns

    @property
    def same(self) -> bool:
        """Whether there is nothing to tell apart: a tie, whoever looks."""
        return told(self.real.messages) == told(self.simulated.messages)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that answered, as often as they did."""
        return tuple(each.layer for each in self.answered)


def told(messages: tuple[Message, ...]) -> tuple[object, ...]:
    """What the messages say, ids of calls aside."""
    return tuple(
        (m.role, m.content, tuple((c.name, c.arguments) for c in m.tool_calls)) for m in messages
    )


class Taken(NamedTuple):
    """How far a simulated turn was taken for the real one: 1 it was, 0 not, 0.5 a tie.

    None: it could not be said.
    """

    first: float | None  # where the real one was shown first
    second: float | None  # where it was shown second
    why: str = ""

    @property
    def both(self) -> float | None:
        """Over both orders; None unless both could be said."""
        if self.first is None or self.second is None:
            return None
        return (self.first + self.second) / 2

    @property
    def bias(self) -> float:
        """How much more it was taken where the real one came first."""
        return (self.first or 0.0) - (self.second or 0.0)


class Judged(NamedTuple):
    """What a judge said of one pair."""

    id: str  # of the pair
    taken: Taken
    usage: Usage


TIE = Taken(0.5, 0.5, "nothing to tell apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """Share of pairs in which the simulated one was taken for the real one."""

    pairs: int  # that could be said, ties included
    ungraded: int
    ties: int
    rate: float | None
    lower: float | None  # 95 % Wilson, as if pairs were independent
    upper: float | None
    clusters: int
    effective_n: float | None  # independent pairs that say as much
    clustered_lower: float | None  # 95 % Wilson on effective_n
    clustered_upper: float | None
    margin: float  # equivalence: within 0.5 +/- this
    p_equivalence: float | None  # of the two one-sided tests, the larger, on effective_n
    equivalent: bool | None  # shown to be within the margin; False: not shown
    position_bias: float | None  # rate with the real one first, minus that with it second
    needed: int | None  # pairs for 90 % power to show equivalence, were they indistinguishable


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """How real the answers of one layer look."""

    layer: str
    calls: int
    share: float  # of all answered calls
    any: WinRate  # of the pairs in which it answered a call
    most: WinRate  # of the pairs in which it answered more than any other
    call: WinRate | None  # of its single answers; None where nobody looked


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """How real the answers of one tool look."""

    tool: str
    calls: int
    call: WinRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Pairs whose truth is known, so that a discriminator can be read."""

    name: str  # `trials`: must be 0.5 within the interval; `shuffled`: must be well below
    win: WinRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminated:
    """What one discriminator makes of the pairs."""

    discriminator: str
    win: WinRate
    layers: tuple[LayerRow, ...] = ()
    tools: tuple[ToolRow, ...] = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The recorded calls answered again by some of the layers; only the answers are simulated."""

    name: str
    layers: tuple[str, ...] = ()  # that answered
    calls: int = 0
    answered: int = 0  # up to the first miss of each turn
    failed: int = 0  # turns at which the simulator failed
    win: WinRate | None = None  # of turns with an answer, each cut at its first miss
    call: WinRate | None = None  # of the single answers
    error: str = ""  # why these layers could not be tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Realism:
    """How well a discriminator tells a run's simulated turns from the real ones."""

    seal: str  # of the run
    at: str  # UTC, ISO 8601
    lane: Lane
    group: str  # what clusters are: a tag's name, or user
    margin: float
    pairs: int
    without_calls: int  # turns in which one of the two called no tool: not compared
    missing: int  # prefixes without a rollout in one of the two lanes
    missed: int  # pairs whose simulated turn ended at a call that nothing answered
    discriminators: tuple[Discriminated, ...]
    ablation: tuple[Setting, ...] = ()
    warnings: tuple[str, ...] = ()
