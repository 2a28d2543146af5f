"""What a run will cost and what it can show, before anything is spent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from foretaste.errors import InsufficientData
from foretaste.findings import Limit, TrafficShift
from foretaste.records import JSON, Message, Prefix
from foretaste.stats.power import (
    minimum_detectable_ratio,
    paired_minimum_difference,
    rate_for_equal,
    releasable_rate,
    turns_without_sighting,
)
from foretaste.stats.proportion import detection_floor

CHARACTERS_PER_TOKEN = 4
DEFAULT_ANSWER_TOKENS = 300
JUDGE_PROMPT_TOKENS = 600
JUDGE_ANSWER_TOKENS = 120
TOOL_PROMPT_TOKENS = 3000  # a model that answers a tool call is told so much at most, about
RATES = (0.001, 0.01, 0.1)
PER = 100_000
DISCORDANT = (0.02, 0.1, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Estimated calls and tokens of one model."""

    what: str  # a lane, `tools`, or the judge
    model: str
    calls: int
    input_tokens: int  # characters / 4
    output_tokens: int
    usd: float | None  # None: no price is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a sample of this size can show, at 80 % power and a 5 % level."""

    prefixes: int
    users: int | None
    floor: float  # a behavior at this rate is seen at least once with 95 % chance
    ratios: dict[str, float | None]  # rate today -> smallest ratio that can be told from no change
    differences: dict[str, float | None]  # share of pairs that differ -> smallest difference


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPower:
    """Whether a limit can be kept at this size, in 95 of 100 runs, turns taken as independent."""

    limit: Limit
    rate: float | None  # per_100k: highest true rate that keeps it; None: no run of this size does
    equal_from: float | None  # increase: today's rate from which an equal model keeps it
    needed: int | None  # prefixes that keep it where none shows the behavior; None: an increase


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan's price and power."""

    conversations: int
    population: int
    costs: tuple[Cost, ...]
    usd: float | None  # of all; None where any price is unknown
    power: Power
    behaviors: tuple[str, ...]
    skipped: dict[str, str]
    traffic: TrafficShift | None = None  # None: forecast for traffic like that of the log
    limits: tuple[LimitPower, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One model that a plan asks."""

    what: str
    model: str
    times: int  # calls for each prefix
    settings: Mapping[str, JSON]
    usd_input: float | None  # per million tokens
    usd_output: float | None
    most: int | None = None  # calls in all, where not every prefix is asked about
    judges: bool = False
    simulates: bool = False  # answers tool calls: as many as production's turn had, by estimate


def costs(prefixes: Iterable[Prefix], asked: Iterable[Asked]) -> tuple[Cost, ...]:
    """Estimated cost of asking each model about every prefix."""
    asked = tuple(asked)
    count = 0
    shown = [0] * len(asked)
    written = [0] * len(asked)
    for prefix in prefixes:
        count += 1
        context = tokens(prefix.messages)
        told = _told(context, prefix.recorded)
        answer = tokens(prefix.recorded) or DEFAULT_ANSWER_TOKENS
        calls = sum(len(message.tool_calls) for message in prefix.recorded)
        results = tokens(message for message in prefix.recorded if message.role == "tool")
        for number, each in enumerate(asked):
            if each.simulates:
                shown[number] += calls * TOOL_PROMPT_TOKENS * each.times
                written[number] += results * each.times
                continue
            most = each.settings.get("max_tokens", prefix.settings.get("max_tokens"))
            own = min(answer, most) if isinstance(most, int) and most > 0 else answer
            prompt = context + answer + JUDGE_PROMPT_TOKENS if each.judges else told
            shown[number] += prompt * each.times
            written[number] += (JUDGE_ANSWER_TOKENS if each.judges else own) * each.times
    return tuple(
        _cost(each, count, shown[number], written[number]) for number, each in enumerate(asked)
    )


def _told(context: int, recorded: Iterable[Message]) -> int:
    """Tokens that a model is told in a turn: all that stands before each of production's calls."""
    found = 0
    for message in recorded:
        found += context if message.role == "assistant" else 0
        context += tokens((message,))
    return found or context


def _cost(asked: Asked, prefixes: int, shown: int, written: int) -> Cost:
    calls = prefixes * asked.times
    if asked.most is not None and asked.most < calls:  # drawn among all: so many of their tokens
        shown, written = shown * asked.most // calls, written * asked.most // calls
        calls = asked.most
    return Cost(
        what=asked.what,
        model=asked.model,
        calls=calls,
        input_tokens=shown,
        output_tokens=written,
        usd=_usd(asked, shown, written),
    )


def tokens(messages: Iterable[Message]) -> int:
    """About how many tokens these messages hold, tool calls included."""
    characters = sum(
        len(message.content) + sum(len(call.arguments) for call in message.tool_calls)
        for message in messages
    )
    return characters // CHARACTERS_PER_TOKEN


def _usd(asked: Asked, shown: int, written: int) -> float | None:
    if asked.usd_input is None or asked.usd_output is None:
        return None
    return (shown * asked.usd_input + written * asked.usd_output) / 1_000_000


def power(prefixes: int, users: int | None) -> Power:
    """What so many prefixes can show (method.md 11.6), turns taken as independent."""
    return Power(
        prefixes=prefixes,
        users=users,
        floor=detection_floor(prefixes),
        ratios={f"{rate:.1%}": _ratio(rate, prefixes) for rate in RATES},
        differences={
            f"{share:.0%}": _shown(paired_minimum_difference, prefixes, share)
            for share in DISCORDANT
        },
    )


def limit_power(limits: Iterable[Limit], prefixes: int) -> tuple[LimitPower, ...]:
    """What so many prefixes can say of each limit."""
    return tuple(
        LimitPower(
            limit=each,
            rate=None
            if each.per_100k is None
            else _shown(releasable_rate, each.per_100k / PER, prefixes),
            equal_from=None
            if each.increase is None
            else _shown(rate_for_equal, each.increase, prefixes),
            needed=None if not each.per_100k else turns_without_sighting(each.per_100k / PER),
        )
        for each in limits
    )


def _ratio(rate: float, prefixes: int) -> float | None:
    """The smallest ratio, or None where it would take a rate above one."""
    found = _shown(minimum_detectable_ratio, rate * prefixes)
    return found if found is not None and found * rate <= 1 else None


def _shown(smallest: Callable[..., float], *given: float) -> float | None:
    """The smallest effect, or None where a sample of this size shows none."""
    try:
        return smallest(*given)
    except InsufficientData:
        return None
