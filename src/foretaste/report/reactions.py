"""How people went on after production's turns, as a reader sees it."""

from dataclasses import dataclass

from foretaste.discoveries import Reaction, Sign
from foretaste.report.differences import SightingView, also, percent, sighting_view, within
from foretaste.report.visible import one_line
from foretaste.report.wording import chance, of, rounded, some

SHOWN = 20
"""Signs of a reaction that are drawn; `discovery.json` holds all."""

_REACTIONS = {
    "annoyance": "annoyed",
    "correction": "corrected the model",
    "retry": "asked the same again",
    "thanks": "thanked or praised",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignView:
    """One sign of a reaction in words."""

    kind: str
    what: str
    rate: str
    counts: str
    elsewhere: str
    counts_elsewhere: str
    ratio: str
    interval: str
    q_value: str
    evidence: str
    users: str
    also: str
    sightings: tuple[SightingView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionView:
    """One way in which people went on."""

    name: str
    rate: str
    interval: str
    counts: str
    users: str
    sentence: str
    signs: tuple[SignView, ...]


def reaction_view(found: Reaction) -> ReactionView:
    """All that is said of one way to go on."""
    tested = some(found.tested, "feature")
    said = f"{tested} of the turns before were tested"
    if not found.signs:
        said += "; none is more frequent there than before other turns (5 % false discoveries)"
    return ReactionView(
        name=_REACTIONS.get(found.kind, one_line(found.kind, 40)),
        rate=percent(found.rate),
        interval=within(found.lower, found.upper),
        counts=f"{of(found.turns, found.of)} turns",
        users=some(found.users, "user"),
        sentence=f"{said}.",
        signs=tuple(map(_sign, found.signs[:SHOWN])),
    )


def _sign(each: Sign) -> SignView:
    """All that is said of one sign."""
    upper = "no limit" if each.upper is None else f"{rounded(each.upper)}x"
    return SignView(
        kind=one_line(each.kind, 40),
        what=one_line(each.what, 120),
        rate=percent(each.rate),
        counts=of(each.shown, each.of),
        elsewhere=percent(each.rate_elsewhere),
        counts_elsewhere=of(each.elsewhere, each.of_others),
        ratio="never elsewhere" if each.ratio is None else f"{rounded(each.ratio)}x",
        interval=f"{rounded(each.lower)}x to {upper}",
        q_value=f"q {chance(each.q_value)}",
        evidence=f"q {chance(each.q_value)}, p {chance(each.p_value)}",
        users=some(each.users, "user"),
        also=also(each.also),
        sightings=tuple(sighting_view(it, each.what) for it in each.sightings),
    )
