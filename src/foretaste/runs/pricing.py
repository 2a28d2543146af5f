"""What tokens cost: the price that a plan states for a model, or the one on a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from foretaste.adapters.prices import list_price
from foretaste.errors import PlanError, UnknownName
from foretaste.plan import Part
from foretaste.records import Usage

FREE = frozenset({"embedded", "recorded", "scripted"})
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float

    def of(self, usage: Usage) -> float:
        """Cost of these tokens in US dollars."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


class Priced(NamedTuple):
    """A model that is asked, and its price; None where nobody knows it."""

    name: str
    price: Price | None


def name_of(part: Part) -> str:
    """A model as a plan names it."""
    return f"{part['use']}/{part['model']}" if part.get("model") else str(part["use"])


def price_of(part: Part) -> Price | None:
    """The price that the plan states, or the list price; models without a bill cost nothing.

    Raises:
        PlanError: the plan's price is none.
    """
    if part.get("price") is None:
        if part["use"] in FREE:
            return Price(input=0.0, output=0.0)
        found = list_price(str(part.get("model")), str(part.get("base_url", OPENAI_URL)))
        return Price(input=found[0], output=found[1]) if found else None
    if isinstance(part["price"], dict):
        for name in part["price"].keys() - {"input", "output"}:
            raise UnknownName("key", str(name), ("input", "output"), "price")
    try:
        return msgspec.convert(part["price"], Price)
    except msgspec.ValidationError as error:
        raise PlanError(f"price: {error}; say price: {{input: 1.0, output: 3.0}}") from error


def dearest(prices: Iterable[Price | None]) -> Price | None:
    """The highest of several models' prices, for input and for output; None where one is unknown.

    A verdict of several judges says what tokens they took together, not who took them.
    """
    found = list(prices)
    known = [price for price in found if price is not None]
    if not known or len(known) < len(found):
        return None
    return Price(input=max(p.input for p in known), output=max(p.output for p in known))
