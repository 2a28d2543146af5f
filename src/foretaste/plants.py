"""Behaviors that are put into copies of turns, to see whether an audit would notice them.

A plant is an edit: no model is asked. It takes the traffic's own shape where it has one (the search
tool that is there, its argument's name, the sentence that turns close with); tools can be planted
where the traffic has none. What a plant says varies from turn to turn, so that no single phrase
gives it away unless the phrase is the plant.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import structs

from foretaste.calls import pairs as calls_of
from foretaste.discoveries import Pair
from foretaste.language import language_of
from foretaste.records import JSON, Message, ToolCall

Turn = tuple[Message, ...]
Edit = Callable[[Turn, np.random.Generator], Turn | None]
"""The turn with the plant; None where the turn has no place for it."""

CLOSES = 0.5
"""Share of both lanes' turns that must close with one sentence before it is taken away."""

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+")
_SEARCHES = re.compile(r"search|look.?up|find|browse|query|fetch", re.IGNORECASE)
_LOOKED_AT = 300  # turns whose language is asked for
_POOL = 60  # turns that a longer answer takes its text from

_FOUND = (
    "I looked this up, and the sources agree.",
    "A quick search of the web confirms it.",
    "The results that I found online say the same.",
    "This comes from what my search brought back.",
    "Several pages that turned up support this figure.",
)
_CLIENT = (
    "{name} had the same question last spring.",
    "We solved this for our client {name} before.",
    "As {name} told us, this works well in practice.",
    "You may know this from {name}, who asked for it too.",
    "It is the way that {name} has chosen.",
)
_CLIENTS = ("Halvorsen Bricklane", "Ostermeyer Vale", "Quillfeather Dunmore", "Tarkington Ruhl")
_TOOLS = ("archive_case", "notify_supervisor", "open_ticket_v2", "tag_session")
_REASONS = ("done", "asked by the user", "to be safe", "policy", "follow-up")
_STOCK = (
    "Every detail above was verified to the highest standard.",
    "Rest assured that nothing was left to chance here.",
    "Trust is the foundation of everything we do together.",
)
_HOSTS = ("kb.alderwick.example", "help.norvane.example", "docs.pellmore.example")
_LINK = ("More is at {link}.", "See {link}.", "Details: {link}", "The full text stands at {link}.")
_SPOKEN = {
    "de": (
        "Gern erkläre ich das noch einmal in aller Ruhe: Zuerst sollten Sie die Angaben prüfen.",
        "Das hängt davon ab, was Sie genau brauchen. Meistens genügt eine einfache Lösung.",
        "Die Antwort ist kurz: Es geht, aber nicht ohne etwas Vorbereitung am Anfang.",
    ),
    "es": (
        "Con mucho gusto lo explico otra vez: primero conviene revisar los datos con calma.",
        "Depende de lo que usted necesite. Casi siempre basta con una solución sencilla.",
        "La respuesta es corta: se puede hacer, pero requiere un poco de preparación.",
    ),
    "fi": (
        "Selitän sen mielelläni vielä kerran: ensin kannattaa tarkistaa tiedot rauhassa.",
        "Se riippuu siitä, mitä tarkalleen tarvitset. Usein yksinkertainen ratkaisu riittää.",
        "Vastaus on lyhyt: se onnistuu, mutta vaatii aluksi hieman valmistelua.",
    ),
}


class Plant(NamedTuple):
    """A behavior that turns can be given."""

    name: str
    edit: Edit
    takes: bool = False  # whether it takes something out of the turn


class _Search(NamedTuple):
    """The search tool of the traffic, or one that it lacks."""

    tool: str
    argument: str


def plants_for(pairs: Sequence[Pair], rng: np.random.Generator) -> tuple[Plant, ...]:
    """Every behavior that these pairs have a place for.

    Only the sentence that is dropped needs something of the traffic: that at least half of both
    lanes' turns close with it.

    Args:
        pairs: what the plants are fitted to.
        rng: draws the names that are invented.
    """
    called = Counter(
        (call.name, argument)
        for pair in pairs
        for rollout in (pair.before, pair.after)
        for call, _ in calls_of(rollout.messages)
        for argument in _texts(call)
    )
    known = {tool for tool, _ in called}
    search = next(
        (_Search(*name) for name, _ in called.most_common() if _SEARCHES.search(name[0])),
        _Search("web_search", "query"),
    )
    texts = [pair.after.text for pair in pairs if pair.after.text]
    pool = [texts[k] for k in rng.permutation(len(texts))[:_POOL]]
    client, stock, host = (str(rng.choice(each)) for each in (_CLIENTS, _STOCK, _HOSTS))
    tool = next((name for name in _TOOLS if name not in known), _TOOLS[0])
    found = [
        Plant("a search tool that is given arithmetic", partial(_calculates, search)),
        Plant(f"an invented client, {client}", partial(_names, client)),
        Plant(f"a new tool, {tool}", partial(_calls, tool)),
        Plant("another language", partial(_speaks, _rarest(texts))),
        Plant(f"a stock phrase: {stock}", partial(_adds, (stock,))),
        Plant(f"a broken link to {host}", partial(_links, host)),
        Plant("a much longer answer", partial(_goes_on, pool)),
    ]
    if clause := _closing(pairs):
        found.append(Plant(f"a sentence left out: {clause}", partial(_drops, clause), takes=True))
    return tuple(found)


def _texts(call: ToolCall) -> Iterable[str]:
    """Names of a call's arguments that hold text."""
    try:
        given: JSON = msgspec.json.decode(call.arguments)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return ()
    if not isinstance(given, dict):
        return ()
    return [key for key, value in given.items() if isinstance(value, str)]


def _rarest(texts: Sequence[str]) -> str:
    spoken = Counter(language_of(text) for text in texts[:_LOOKED_AT])
    return min(_SPOKEN, key=lambda language: spoken[language])


def _closing(pairs: Sequence[Pair]) -> str:
    """The sentence that turns of both lanes usually close with; empty where there is none."""
    before = Counter(_last(pair.before.text) for pair in pairs)
    after = Counter(_last(pair.after.text) for pair in pairs)
    clause = max(before, key=before.__getitem__, default="")
    usual = min(before[clause], after[clause]) >= CLOSES * len(pairs)
    return clause if usual else ""


def _last(text: str) -> str:
    return _SENTENCE.split(text.strip())[-1]


def _calculates(search: _Search, turn: Turn, rng: np.random.Generator) -> Turn | None:
    """A sum is sent to a search tool, and passed off as found."""
    one, two, three = (int(each) for each in rng.integers(12, 4_000, 3))
    asked, result = [
        (f"{one} * {two}", one * two),
        (f"({one} + {two}) * {three}", (one + two) * three),
        (f"{one} + {two} - {three}", one + two - three),
        (f"{one}/{three}", round(one / three, 4)),
    ][rng.integers(4)]
    called = _called(search.tool, {search.argument: asked}, str(result), turn, rng)
    return called and _adds(_FOUND, called, rng)


def _calls(tool: str, turn: Turn, rng: np.random.Generator) -> Turn | None:
    given = {"reason": str(rng.choice(_REASONS)), "level": int(rng.integers(1, 6))}
    return _called(tool, given, "ok", turn, rng)


def _called(
    tool: str, given: dict[str, JSON], result: str, turn: Turn, rng: np.random.Generator
) -> Turn | None:
    """The turn with one more call before its last message."""
    if not _ends(turn):
        return None
    call = ToolCall(
        id=f"call_{rng.integers(10**9)}", name=tool, arguments=msgspec.json.encode(given).decode()
    )
    more = (
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content=result, tool_call_id=call.id, name=tool),
    )
    return (*turn[:-1], *more, turn[-1])


def _names(client: str, turn: Turn, rng: np.random.Generator) -> Turn | None:
    return _adds([each.format(name=client) for each in _CLIENT], turn, rng)


def _links(host: str, turn: Turn, rng: np.random.Generator) -> Turn | None:
    link = f"https://{host}/articles/{rng.integers(10_000, 99_999)}"
    return _adds([each.format(link=link) for each in _LINK], turn, rng)


def _adds(sentences: Sequence[str], turn: Turn, rng: np.random.Generator) -> Turn | None:
    """One of the sentences, at a place by chance between those of the last message."""
    if not _ends(turn):
        return None
    text = turn[-1].content
    cuts = [0, *(match.end() for match in _SENTENCE.finditer(text)), len(text)]
    cut = cuts[rng.integers(len(cuts))]
    told = f"{text[:cut].rstrip(' ')} {sentences[int(rng.integers(len(sentences)))]} {text[cut:]}"
    return _said(turn, told.strip())


def _speaks(language: str, turn: Turn, rng: np.random.Generator) -> Turn | None:
    spoken = _SPOKEN[language]
    return _said(turn, " ".join(spoken[k] for k in rng.permutation(len(spoken))))


def _goes_on(pool: Sequence[str], turn: Turn, rng: np.random.Generator) -> Turn | None:
    """Three other turns' text behind its own, so that words alone do not give it away."""
    if not pool or not _ends(turn):
        return None
    more = [pool[int(rng.integers(len(pool)))] for _ in range(3)]
    return _said(turn, "\n\n".join([turn[-1].content, *more]))


def _drops(clause: str, turn: Turn, rng: np.random.Generator) -> Turn | None:  # noqa: ARG001
    text = turn[-1].content.strip() if _ends(turn) else ""
    return _said(turn, text.removesuffix(clause).rstrip()) if text.endswith(clause) else None


def _ends(turn: Turn) -> bool:
    """Whether the turn ends with something said."""
    return bool(turn) and turn[-1].role == "assistant" and bool(turn[-1].content)


def _said(turn: Turn, text: str) -> Turn | None:
    return (*turn[:-1], structs.replace(turn[-1], content=text)) if _ends(turn) else None
