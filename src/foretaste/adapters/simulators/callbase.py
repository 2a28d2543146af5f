"""Earlier tool calls with their answers: exact look-up by hash, fuzzy look-up by BM25."""

from array import array
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from threading import Lock
from typing import Literal, NamedTuple

import numpy as np

from foretaste.adapters.simulators.nearest import Shard
from foretaste.adapters.simulators.texts import Texts, TextWriter
from foretaste.calls import canonical_bytes

Pick = Literal["frequent", "latest"]
RECENT = 64  # answers to one call that are compared; the latest ones
_BYTES = 16  # of a hash: no two calls of any corpus share one
NONE: frozenset[int] = frozenset()


class StoredCall(NamedTuple):
    """One call of a corpus and the answer it got."""

    tool: str
    arguments: str  # JSON text as written
    response: str
    source: str  # whose call it is: what can be left out of a look-up


class Found(NamedTuple):
    """The answer to the same call."""

    response: str
    agree: int  # of the calls compared, how many got this answer
    seen: int  # calls compared


class Similar(NamedTuple):
    """A call that is like the one asked for, with the answer it got."""

    arguments: str  # canonical
    response: str
    score: float  # BM25


class CallBase:
    """Calls and answers of a corpus, by tool.

    Arguments and responses lie on disk, equal ones once. In memory are a hash of 16 bytes for each
    call and each other spelling of it, and a few numbers; after the first fuzzy look-up among a
    tool's calls also its BM25 index (docs/howto/call-database.md has the sizes).

    Args:
        calls: in the order in which they happened.
        pick: of several answers to one call, the most frequent among the latest 64 (of equally
            frequent ones the latest), or simply the latest.
    """

    def __init__(self, calls: Iterable[StoredCall], *, pick: Pick = "frequent") -> None:
        self._pick = pick
        self._sources: dict[str, int] = {}
        self._places: dict[str, dict[bytes, int]] = {}
        self._of_tool: dict[str, array[int]] = {}
        self._arguments = array("I")  # of a distinct call: number of its text
        self._shards: dict[str, Shard] = {}
        self._building = Lock()
        rows = (array("I"), array("I"), array("I"))  # place, source, response of each call
        with TextWriter() as writer:
            for call in calls:
                rows[0].append(self._place(call, writer))
                rows[1].append(self._sources.setdefault(call.source, len(self._sources)))
                rows[2].append(writer.add(call.response.encode("utf-8", "surrogatepass")))
            self._texts: Texts = writer.texts()
        self._group(*rows)

    def __len__(self) -> int:
        """Calls, equal ones counted each."""
        return len(self._response)

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools that were called."""
        return tuple(self._places)

    def numbers(self, sources: Iterable[str]) -> frozenset[int]:
        """What `apart` takes; a source without calls has no number."""
        return frozenset(self._sources[name] for name in sources if name in self._sources)

    def find(self, tool: str, arguments: str, apart: AbstractSet[int] = NONE) -> Found | None:
        """The answer to the same call (canonical arguments) in the sources that count.

        Args:
            tool: its name.
            arguments: JSON text in any spelling, or any other text.
            apart: sources that do not count, by `numbers`.
        """
        places = self._places.get(tool)
        if places is None:
            return None
        # A call is mostly spelled as it was before; parsing it is most of a look-up's time.
        written = arguments.encode("utf-8", "surrogatepass")
        place = places.get(blake2b(written, digest_size=_BYTES).digest())
        if place is None:
            place = places.get(blake2b(canonical_bytes(arguments), digest_size=_BYTES).digest())
        return None if place is None else self._answer(place, apart)

    def similar(
        self, tool: str, arguments: str, count: int, apart: AbstractSet[int] = NONE
    ) -> list[Similar]:
        """Up to `count` distinct calls of the tool that share a word, best first."""
        if tool not in self._places:
            return []
        own = sum(self._calls[source] for source in apart)
        places = self._of_tool[tool]
        found: list[Similar] = []
        for near in self._shard(tool).nearest(arguments, count + own):
            answer = self._answer(places[near.place], apart)
            if answer is not None:
                text = self._texts[self._arguments[places[near.place]]]
                found.append(Similar(text, answer.response, near.score))
            if len(found) == count:
                break
        return found

    def prepare(self) -> None:
        """Make the BM25 index of every tool now, not when it is first asked."""
        for tool in self._places:
            self._shard(tool)

    def _place(self, call: StoredCall, writer: TextWriter) -> int:
        written = call.arguments.encode("utf-8", "surrogatepass")
        arguments = canonical_bytes(call.arguments)
        places = self._places.setdefault(call.tool, {})
        digest = blake2b(arguments, digest_size=_BYTES).digest()
        place = places.setdefault(digest, len(self._arguments))
        if written != arguments:
            places[blake2b(written, digest_size=_BYTES).digest()] = place
        if place == len(self._arguments):
            self._arguments.append(writer.add(arguments))
            self._of_tool.setdefault(call.tool, array("I")).append(place)
        return place

    def _group(self, places: "array[int]", sources: "array[int]", responses: "array[int]") -> None:
        """Order calls by place, equal ones by time, so that a place's calls are neighbors."""
        place = np.frombuffer(places, dtype=np.uintc) if places else np.zeros(0, np.uintc)
        order = np.argsort(place, kind="stable")
        ends = np.cumsum(np.bincount(place, minlength=len(self._arguments)))
        self._starts = array("Q", [0, *ends.tolist()])
        self._source = array("I", np.asarray(sources, np.uintc)[order].tobytes())
        self._response = array("I", np.asarray(responses, np.uintc)[order].tobytes())
        self._calls = np.bincount(np.asarray(sources, np.intp)).tolist()

    def _answer(self, place: int, apart: AbstractSet[int]) -> Found | None:
        start, end = self._starts[place], self._starts[place + 1]
        if end - start == 1:
            if apart and self._source[start] in apart:
                return None
            return Found(self._texts[self._response[start]], 1, 1)
        if apart:
            given = []
            for row in range(end - 1, start - 1, -1):
                if self._source[row] not in apart:
                    given.append(self._response[row])
                    if len(given) == RECENT:
                        break
            if not given:
                return None
        else:
            given = self._response[max(start, end - RECENT) : end].tolist()[::-1]
        best, agree = given[0], given.count(given[0])
        if agree < len(given) and self._pick == "frequent":
            best, agree = Counter(given).most_common(1)[0]  # of equals the first: the latest
        return Found(self._texts[best], agree, len(given))

    def _shard(self, tool: str) -> Shard:
        with self._building:
            if tool not in self._shards:
                texts = (self._texts[self._arguments[place]] for place in self._of_tool[tool])
                self._shards[tool] = Shard(texts)
        return self._shards[tool]
