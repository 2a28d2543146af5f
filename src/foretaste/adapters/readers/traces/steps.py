"""The model calls and tool runs of one trace, each with what the spans around it say of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

import msgspec

from foretaste.adapters.readers.reading import as_tag
from foretaste.adapters.readers.traces.exchange import Dialect, Kind, text
from foretaste.adapters.readers.traces.spans import Span, below
from foretaste.records import Label

_ASSOCIATED = "traceloop.association.properties."
_CONVERSATIONS = (
    "gen_ai.conversation.id",
    *(f"{_ASSOCIATED}{name}_id" for name in ("conversation", "thread", "chat", "session")),
    "session.id",
)
_USERS = (
    *("user.id", "enduser.id", "enduser.pseudo.id", "gen_ai.user.id", "llm.user"),
    *("gen_ai.openai.request.user", f"{_ASSOCIATED}user_id"),
)
_PLACES = {
    "service.name": "service",
    "deployment.environment.name": "environment",
    "deployment.environment": "environment",
}
# Namespaces of conventions: what stands elsewhere was put there for slicing.
_KNOWN = (
    *("gen_ai.", "llm.", "openinference.", "input.", "output.", "traceloop.", "user.", "enduser."),
    *("session.", "server.", "client.", "http.", "url.", "net.", "network.", "error.", "tool."),
    *("exception.", "thread.", "code.", "otel.", "telemetry.", "process.", "host.", "os.", "db."),
    *("rpc.", "peer.", "metadata", "tag.", "annotations", "evaluations", "trace.", "retrieval."),
    *("embedding.", "reranker.", "prompt.", "agent.", "graph.", "logfire.", "events"),
)
_LONGEST_TAG = 64
_PERSONAL = ("user", "mail", "phone", "session", "thread_id", "conversation", "chat_id")

_Found = TypeVar("_Found")


class Placed(NamedTuple):
    """A span, and where it stands."""

    source: str
    number: int
    span: Span


class Step(msgspec.Struct):
    """A model call or a tool run."""

    span: Span
    calls: bool  # the model; otherwise a tool
    conversation: str
    agent: str
    subagent: bool
    user: str | None
    tags: dict[str, str]
    labels: list[Label]  # of message 0: about this answer
    about_all: list[Label]  # of the trace's other spans


def steps(
    trace: Iterable[Placed], dialect: Callable[[Span], Dialect]
) -> Iterator[tuple[Placed, Step]]:
    """Yield the model calls and tool runs of a trace, in the order of its spans.

    A call within a call is the same one, seen by two tracers, and only the outer one is told if it
    holds messages. Where no call holds any, the agents' own do.
    """
    yield from _Trace(trace, dialect).steps()


class _Trace:
    def __init__(self, trace: Iterable[Placed], dialect: Callable[[Span], Dialect]) -> None:
        self._dialect = dialect
        self._places = _joined(trace)
        self._by_id = {place.span.id: place.span for place in self._places if place.span.id}
        self._kinds: dict[int, Kind] = {
            id(place.span): dialect(place.span).kind(place.span) for place in self._places
        }
        ids = {found for place in self._places if (found := _first(place.span, _CONVERSATIONS))}
        users = [found for place in self._places if (found := _first(place.span, _USERS))]
        self._conversation = ids.pop() if len(ids) == 1 else None
        self._user = users[0] if users else None

    def steps(self) -> Iterator[tuple[Placed, Step]]:
        calls = self._calls()
        tools = [place for place in self._places if self._kind(place.span) == "tool"]
        told = {id(place.span) for place in calls}
        others = [
            replace(label, message=None)
            for place in self._places
            if id(place.span) not in told
            for label in self._dialect(place.span).labels(place.span)
        ]
        last = max(calls, key=lambda place: place.span.start or 0, default=None)
        for place in self._places:
            if id(place.span) in told:
                yield place, self._step(place.span, others if place is last else [], calls=True)
        for place in tools if calls else ():
            yield place, self._step(place.span, [], calls=False)

    def _calls(self) -> list[Placed]:
        calls = [place for place in self._places if self._kind(place.span) == "call"]
        if not any(self._speaks(place.span) for place in calls):
            agents = [place for place in self._places if self._kind(place.span) == "agent"]
            calls = [place for place in agents if self._speaks(place.span)] or calls
        spoken = {id(place.span) for place in calls if self._speaks(place.span)}
        return [
            place
            for place in calls
            if not any(id(above) in spoken for above in self._above(place.span))
        ]

    def _step(self, span: Span, about_all: list[Label], *, calls: bool) -> Step:
        agents = [above for above in (span, *self._above(span)) if self._kind(above) == "agent"]
        names = (self._dialect(each).agent(each) for each in (span, *agents))
        agent = next((name for name in names if name), "")
        subagent = len(agents) > 1 and self._dialect(agents[-1]).agent(agents[-1]) != agent
        conversation = self._near(span, lambda each: _first(each, _CONVERSATIONS))
        return Step(
            span=span,
            calls=calls,
            conversation=conversation or self._conversation or "",
            agent=agent,
            subagent=subagent,
            user=self._near(span, lambda each: _first(each, _USERS)) or self._user,
            tags=_tags([*reversed(self._above(span)), span]),
            labels=self._dialect(span).labels(span),
            about_all=about_all,
        )

    def _kind(self, span: Span) -> Kind:
        return self._kinds[id(span)]

    def _speaks(self, span: Span) -> bool:
        return self._dialect(span).speaks(span)

    def _above(self, span: Span) -> list[Span]:
        """The spans around one, from the inside out; a circle ends where it closes."""
        found: list[Span] = []
        seen = {span.id}
        while (parent := self._by_id.get(span.parent)) is not None and parent.id not in seen:
            seen.add(parent.id)
            found.append(parent)
            span = parent
        return found

    def _near(self, span: Span, look: Callable[[Span], _Found | None]) -> _Found | None:
        found = (look(each) for each in (span, *self._above(span)))
        return next((value for value in found if value is not None), None)


def _joined(trace: Iterable[Placed]) -> list[Placed]:
    """Spans with the log records that were written in them; records of no known span are one."""
    places: list[Placed] = []
    by_id: dict[str, Span] = {}
    records: list[Placed] = []
    for place in trace:
        if place.span.loose:
            records.append(place)
        else:
            places.append(place)
            by_id.setdefault(place.span.id, place.span)
    for place in records:
        span = by_id.get(place.span.id) if place.span.id else None
        if span is None:
            place.span.loose = False
            by_id[place.span.id] = place.span
            places.append(place)
        else:
            span.events.extend(place.span.events)
    return places


def _first(span: Span, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = span.attributes.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def _tags(spans: list[Span]) -> dict[str, str]:
    """What slices can go by; the innermost span has the last word."""
    tags: dict[str, str] = {}
    for span in spans:
        for name, tag in _PLACES.items():
            if (found := text(span.resource.get(name))) is not None:
                tags.setdefault(tag, found)
        more = below(span.attributes, "metadata")
        found_tags = {str(k): v for k, v in more.items()} if isinstance(more, dict) else {}
        for name, value in span.attributes.items():
            if name.startswith(_ASSOCIATED):
                found_tags[name.removeprefix(_ASSOCIATED)] = value
            elif not name.startswith(_KNOWN):
                found_tags[name] = value
        tags |= {name: as_tag(value) for name, value in found_tags.items() if _slices(name, value)}
    return tags


def _slices(name: str, value: object) -> bool:
    """Whether it is short, and names no person and no single conversation."""
    short = isinstance(value, str | int) and len(as_tag(value)) <= _LONGEST_TAG
    return short and not any(mark in name.lower() for mark in _PERSONAL)
