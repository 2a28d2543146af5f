"""Look-up among stored tool calls: exact, fuzzy, and the same fuzzy queries through SQLite FTS5.

`python benchmarks/toolcalls.py [calls] [queries]`. 20 tools of equal use, 6 arguments of 1 to 6
words each; words as common as in prose (Zipf), one value of each call its own. A query is a stored
call with a fifth of its words replaced. SQLite has an index for each tool, so that both search the
same shard, and gets the words of the values in an OR query: less than ours, which also looks at
keys. CPU is the process's.
"""

import os

# Before NumPy is imported, or its threads would be counted as one.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from foretaste.adapters.simulators.callbase import CallBase, StoredCall

TOOLS = 20
KEYS = ("origin", "destination", "note", "status", "reference", "query")
TOP = 10
EXACT = 200_000
PEER = 40  # queries of SQLite


class Took(NamedTuple):
    median: float  # ms of wall time
    tail: float  # ms, 99th percentile
    cpu: float  # ms a query
    hit: float  # share of queries whose call was among the ten found


class Words:
    """Words of a language of 20,000 words, in the frequencies of one."""

    def __init__(self) -> None:
        self._rng = random.Random(7)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        words = ["".join(self._rng.choices(letters, k=self._rng.randint(3, 9)))
                 for _ in range(20_000)]  # fmt: skip
        weights = [1 / rank for rank in range(1, len(words) + 1)]
        self._prose = self._rng.choices(words, weights, k=1_000_000)

    def some(self, count: int) -> str:
        start = self._rng.randrange(len(self._prose) - count)
        return " ".join(self._prose[start : start + count])

    def arguments(self, number: int) -> dict[str, str]:
        given = {key: self.some(self._rng.randint(1, 6)) for key in KEYS}
        return given | {"reference": f"ref{number:07d}"}

    def changed(self, arguments: dict[str, str]) -> dict[str, str]:
        return {
            key: " ".join(
                self.some(1) if self._rng.random() < 0.2 else word for word in value.split()
            )
            for key, value in arguments.items()
        }


def calls(count: int) -> Iterator[StoredCall]:
    words = Words()
    for number in range(count):
        text = msgspec.json.encode(words.arguments(number)).decode()
        response = f"{number}: {words.some(20)}"
        yield StoredCall(f"tool{number % TOOLS}", text, response, str(number // 10))


def asked(stored: list[StoredCall], words: Words) -> list[tuple[str, str, str]]:
    """Tool, changed arguments, and the response of the call they were made of."""
    changed = (words.changed(msgspec.json.decode(each.arguments)) for each in stored)
    return [
        (each.tool, msgspec.json.encode(new).decode(), each.response)
        for each, new in zip(stored, changed, strict=True)
    ]


def respelled(arguments: str) -> str:
    """The same arguments with the keys in another order and with white space."""
    return json.dumps(dict(reversed(json.loads(arguments).items())))


def as_written(arguments: str) -> str:
    return arguments


def exact(
    base: CallBase, stored: list[StoredCall], spell: Callable[[str], str] = as_written
) -> list[float]:
    """Microseconds of each look-up, response included, in order of size."""
    took = []
    for call in stored:
        arguments = spell(call.arguments)
        start = time.perf_counter()
        found = base.find(call.tool, arguments)
        took.append((time.perf_counter() - start) * 1e6)
        assert found is not None
        assert found.response == call.response
    return sorted(took)


def fuzzy(find: Callable[[str, str], list[str]], queries: list[tuple[str, str, str]]) -> Took:
    walls, hits = [], 0
    cpu = time.process_time()
    for tool, arguments, response in queries:
        start = time.perf_counter()
        found = find(tool, arguments)
        walls.append(time.perf_counter() - start)
        hits += response in found
    cpu = time.process_time() - cpu
    walls.sort()
    return Took(
        walls[len(walls) // 2] * 1e3,
        walls[int(len(walls) * 0.99)] * 1e3,
        cpu / len(walls) * 1e3,
        hits / len(walls),
    )


def sqlite(folder: Path, count: int) -> sqlite3.Connection:
    """FTS5, an index for each tool."""
    database = sqlite3.connect(folder / "calls.sqlite", isolation_level=None)
    for tool in range(TOOLS):
        database.execute(f"CREATE VIRTUAL TABLE tool{tool} USING fts5(text, response UNINDEXED)")
    database.execute("BEGIN")
    for call in calls(count):
        row = (_words(call.arguments), call.response)
        database.execute(f"INSERT INTO {call.tool} VALUES (?, ?)", row)
    database.execute("COMMIT")
    return database


def _words(arguments: str) -> str:
    return " ".join(msgspec.json.decode(arguments).values())


def peer(database: sqlite3.Connection, tool: str, arguments: str) -> list[str]:
    wanted = " OR ".join(f'"{word}"' for word in dict.fromkeys(_words(arguments).split()))
    rows = database.execute(
        f"SELECT response FROM {tool} WHERE {tool} MATCH ? ORDER BY rank LIMIT {TOP}", (wanted,)
    )
    return [row[0] for row in rows]


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    rng = random.Random(1)
    chosen = set(rng.sample(range(count), min(EXACT, count)))
    stored = [call for number, call in enumerate(calls(count)) if number in chosen]
    rng.shuffle(stored)
    held = memory()
    start = time.process_time()
    base = CallBase(calls(count))
    built, kept = time.process_time() - start, memory()
    print(f"{count} calls of {TOOLS} tools read in {built:.0f} CPU s (making them included), "
          f"peak {kept - held:.0f} MB above {held:.0f}")  # fmt: skip
    for name, spell in (("as it was written", as_written), ("in another spelling", respelled)):
        took = exact(base, stored, spell)
        print(f"exact, {name}: p50 {took[len(took) // 2]:.2f} us, "
              f"p99 {took[int(len(took) * 0.99)]:.2f} us, mean {sum(took) / len(took):.2f} us, "
              f"response included ({len(took)} calls in random order; target 5)")  # fmt: skip
    start = time.process_time()
    base.prepare()
    print(f"BM25 indexes: {time.process_time() - start:.0f} CPU s, peak {memory() - held:.0f} MB")
    queries = asked(stored[:wanted], Words())
    ours = fuzzy(lambda tool, text: [s.response for s in base.similar(tool, text, TOP)], queries)
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite(Path(folder), count)
        theirs = fuzzy(lambda tool, text: peer(database, tool, text), queries[:PEER])
        database.close()
    for name, took in (("fuzzy", ours), ("SQLite FTS5", theirs)):
        print(f"{name}: p50 {took.median:.2f} ms, p99 {took.tail:.2f} ms, {took.cpu:.2f} CPU ms "
              f"a query, call found among {TOP}: {took.hit:.2f}")  # fmt: skip
    print(f"SQLite FTS5 takes {theirs.cpu / ours.cpu:.0f} x our CPU time (target 100)")


if __name__ == "__main__":
    main()
