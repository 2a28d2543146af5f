"""What tools may spend while the server lives, counted before each request goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from foretaste.errors import BudgetSpent
from foretaste.records import JSON, Usage
from foretaste.runs.pricing import Price

_CHARACTERS_PER_TOKEN = 4
_ANSWER_TOKENS = 1_000  # held back for an answer whose length the request does not limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent, or is left."""

    calls: int | None  # requests that went out, those tried again included; None: no limit
    usd: float | None  # None: no limit, or nobody knows


@dataclass(slots=True, kw_only=True)
class Purse:
    """The server's budget; whoever asks for more gets no more.

    Args:
        usd: US dollars over the server's life; None: not limited by money.
        calls: requests over the server's life; None: not limited by number.
        prices: by model, as the user who started the server states them.
    """

    usd: float | None = None
    calls: int | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _calls: int = 0
    _usd: float = 0.0  # spent or held back

    @property
    def opened(self) -> bool:
        """Whether anything may be spent at all."""
        return self.usd is not None or self.calls is not None

    @property
    def left(self) -> Spent:
        """What may still be spent."""
        with self._lock:
            return Spent(
                calls=max(0, self.calls - self._calls)
                if self.calls is not None
                else (None if self.opened else 0),
                usd=max(0.0, self.usd - self._usd) if self.usd is not None else None,
            )

    def slip(
        self,
        prices: Mapping[str, Price | None],
        *,
        usd: float | None = None,
        calls: int | None = None,
    ) -> "Slip":
        """What one call of a tool may spend: no more than it asks for, nor than is left.

        Args:
            prices: of the models that it may ask.
            usd: it may spend at most.
            calls: it may make at most.
        """
        return Slip(purse=self, prices=prices, usd=usd, calls=calls)

    def take(self, calls: int, usd: float) -> None:
        """Hold something back.

        Raises:
            BudgetSpent: there is not so much left.
        """
        with self._lock:
            if not self.opened:
                raise BudgetSpent(NOT_OPENED)
            if self.calls is not None and self._calls + calls > self.calls:
                raise BudgetSpent(f"the server's budget of {self.calls:,} calls is spent; {_RAISE}")
            if self.usd is not None and self._usd + usd > self.usd:
                raise BudgetSpent(f"the server's budget of ${self.usd:,.2f} is spent; {_RAISE}")
            self._calls += calls
            self._usd += usd

    def correct(self, calls: int, usd: float) -> None:
        """Put right what was held back: it took this much more, or less."""
        with self._lock:
            self._calls += calls
            self._usd += usd


NOT_OPENED = (
    "this server was started without a budget, so only free models may be asked (embedded, "
    "recorded, scripted); whoever starts it allows more with --usd or --calls"
)
_RAISE = "whoever started the server can start it with more; what was paid for is kept"


@dataclass(slots=True, kw_only=True)
class Slip:
    """What one call of a tool may spend; a `Toll`, safe to call from several threads."""

    purse: Purse
    prices: Mapping[str, Price | None]
    usd: float | None = None
    calls: int | None = None
    _lock: Lock = field(default_factory=Lock)
    _calls: int = 0
    _usd: float = 0.0

    @property
    def spent(self) -> Spent:
        """What this call of a tool spent; no US dollars where a price is unknown."""
        with self._lock:
            known = None not in self.prices.values()
            return Spent(calls=self._calls, usd=self._usd if known else None)

    def __call__(self, body: Mapping[str, JSON]) -> "Ticket":
        """Let one request through, or not; see `errand.Toll`."""
        price = self.prices.get(str(body.get("model")))
        if price is None and (self.purse.usd is not None or self.usd is not None):
            raise BudgetSpent(UNPRICED)
        held = price.of(_expected(body)) if price is not None else 0.0
        with self._lock:
            if self.calls is not None and self._calls + 1 > self.calls:
                raise BudgetSpent(f"the {self.calls:,} calls that were asked for are made")
            if self.usd is not None and self._usd + held > self.usd:
                raise BudgetSpent(f"the ${self.usd:,.2f} that were asked for are spent")
            self.purse.take(1, held)
            self._calls += 1
            self._usd += held
        return Ticket(slip=self, price=price, held=held)

    def correct(self, calls: int, usd: float) -> None:
        """Put right what was held back."""
        with self._lock:
            self._calls += calls
            self._usd += usd
        self.purse.correct(calls, usd)


UNPRICED = (
    "the budget is in US dollars, and this server does not know what the model costs; whoever "
    "starts it says so with --price MODEL=IN,OUT per million tokens. A price in a plan does not "
    "count here"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is held back for one request; an `errand.Fare`."""

    slip: Slip
    price: Price | None
    held: float  # US dollars

    def settle(self, usage: Usage | None) -> None:
        """Count what the request took; nobody says: what was held back stays spent."""
        if self.price is not None and usage is not None:
            self.slip.correct(0, self.price.of(usage) - self.held)

    def give_back(self) -> None:
        """Count nothing."""
        self.slip.correct(-1, -self.held)


def _expected(body: Mapping[str, JSON]) -> Usage:
    most = body.get("max_completion_tokens", body.get("max_tokens"))
    known = isinstance(most, int) and most > 0
    return Usage(
        input_tokens=len(str(body.get("messages", ""))) // _CHARACTERS_PER_TOKEN,
        output_tokens=int(most) if known and isinstance(most, int) else _ANSWER_TOKENS,
    )
