"""A card as Hugging Face metadata: the `model-index` of a model card's front matter."""

from collections.abc import Iterator
from typing import Any

import yaml

from foretaste.cards import Card, CardBehavior
from foretaste.report.wording import UNKNOWN

KEY = "model-index"
_TASK = {"type": "text-generation", "name": "Deployment simulation"}


def model_index(card: Card) -> list[dict[str, Any]]:
    """What `model-index` holds: one result, with a metric for each behavior and error.

    Rates are shares of turns between 0 and 1. A value that nobody knows is the word `unknown`, as
    the form has no place for nothing.
    """
    found, sealed = card.prefixes, card.sealed
    window = f"{found.since[:10]} to {found.until[:10]}" if found.since and found.until else UNKNOWN
    name = next((each.model for each in card.models if each.lane == "candidate"), UNKNOWN)
    arguments: dict[str, Any] = {
        "seal": sealed.seal,
        "sealed_at": sealed.sealed_at,
        "plan": sealed.plan,
        "foretaste": sealed.version,
        "prefixes": found.prefixes,
        "users": UNKNOWN if found.users is None else found.users,
        "window": window,
        "ledger": f"{card.basis.ledger_lines}:{card.basis.ledger}",
        "found": ",".join(card.basis.found),
    }
    dataset = {
        "type": "production-conversations",
        "name": f"Production conversations, {found.prefixes:,} prefixes",
        "revision": sealed.seal,  # what keeps results of two forecasts apart
        "args": arguments,
    }
    return [
        {
            "name": name,
            "results": [{"task": _TASK, "dataset": dataset, "metrics": list(_metrics(card))}],
        }
    ]


def front_matter(card: Card) -> str:
    """The same as YAML between its two lines of dashes."""
    dumped = yaml.safe_dump(
        {KEY: model_index(card)}, sort_keys=False, allow_unicode=True, width=10_000
    )
    return f"---\n{dumped}---\n"


def _metrics(card: Card) -> Iterator[dict[str, Any]]:
    for each in card.behaviors:
        yield from _rates(each)
    fidelity = {"chance_alone": _told(card.fidelity_noise)}
    name = "fidelity: median multiplicative error of the incumbent's replay"
    yield _metric("multiplicative-error", name, card.fidelity_error, fidelity)
    past = card.past
    arguments: dict[str, Any] = {}
    if past is not None:
        arguments = {"forecasts": past.forecasts, "chance_alone": _told(past.noise)}
    name = "past forecasts: median multiplicative error"
    yield _metric("multiplicative-error", name, past.median if past else None, arguments)
    for scored in card.scored:
        name = f"this forecast on {scored.log}: median multiplicative error"
        beside = {"chance_alone": _told(scored.noise), "behaviors": scored.behaviors}
        yield _metric("multiplicative-error", name, scored.median, beside)


def _rates(each: CardBehavior) -> Iterator[dict[str, Any]]:
    found, change = each.forecast, each.change
    arguments: dict[str, Any] = {}
    if found is not None:
        arguments = {
            "lower": found.lower,
            "upper": found.upper,
            "seen": found.events,
            "graded": found.graded,
            "ungraded": found.ungraded,
            "missing": found.missing,
            "floor": _told(found.floor),
            "today": _told(found.today),
        }
    if change is not None:
        arguments |= {"ratio": _told(change.ratio), "q_value": _told(change.q_value)}
    arguments |= {"definition": each.definition, "graded_by": each.graded_by}
    name = f"{each.name}: forecast share of turns"
    yield _metric("forecast-rate", name, found.rate if found is not None else None, arguments)


def _metric(kind: str, name: str, value: float | None, arguments: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind, "name": name, "value": _told(value)}
    return made | {"args": arguments} if arguments else made


def _told(value: float | None) -> float | str:
    return UNKNOWN if value is None else value
