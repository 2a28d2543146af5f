"""The file store against SQLite, on one run's rows: CPU time, size, resume.

`python benchmarks/store.py [rows]`. A row is a 1 KB prompt, a 1.5 KB answer and 20 grades, in one
record. CPU is the process's (user + system), building the rows left out. Ratios are to our store.
"""

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from foretaste.adapters.stores.files import Files
from foretaste.records import identity

BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: str
    parent: str
    prompt: str
    answer: str
    grades: dict[str, int]


def rows(count: int) -> Iterator[list[Row]]:
    """Groups of 1,024 rows of prose-like random words."""
    rng = random.Random(7)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = [
        "".join(rng.choices(letters, range(26, 0, -1), k=rng.randint(2, 9))) for _ in range(5000)
    ]
    weights = [1 / rank for rank in range(1, 5001)]
    prose = rng.choices(words, weights, k=400_000)

    def text(size: int) -> str:
        start = rng.randrange(len(prose) - size)
        return " ".join(prose[start : start + size])[:size]

    for start in range(0, count, 1024):
        yield [
            Row(
                id=identity("row", number),
                parent=identity("prefix", number),
                prompt=text(1000),
                answer=text(1500),
                grades={f"behavior-{grade}": rng.randint(0, 1) for grade in range(20)},
            )
            for number in range(start, min(start + 1024, count))
        ]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def timed(write: Callable[[list[Row]], None], count: int) -> float:
    """CPU seconds of the writes."""
    spent = 0.0
    for group in rows(count):
        start = time.process_time()
        write(group)
        spent += time.process_time() - start
    return spent


def files(folder: Path, count: int) -> float:
    with Files(path=str(folder / "run")) as store:

        def write(group: list[Row]) -> None:
            for start in range(0, len(group), BATCH):
                store.append(*group[start : start + BATCH])
            store.flush()

        spent = timed(write, count)
        start = time.process_time()
        keys = store.keys(Row)
        took = time.process_time() - start
        start = time.process_time()
        read = sum(1 for _ in store.read(Row))
        print(f"files: keys of {len(keys)} rows {took:.2f} CPU s, reading {read} rows "
              f"{(time.process_time() - start) / count * 1e6:.1f} CPU us a row")  # fmt: skip
    return spent


def sqlite(folder: Path, count: int, *, batched: bool) -> float:
    database = sqlite3.connect(folder / "rows.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE rows(id TEXT PRIMARY KEY, parent TEXT, row BLOB)")

    def write(group: list[Row]) -> None:
        step = BATCH if batched else 1
        for start in range(0, len(group), step):
            database.execute("BEGIN")
            for row in group[start : start + step]:
                values = (row.id, row.parent, msgspec.json.encode(row))
                database.execute("INSERT OR IGNORE INTO rows VALUES (?, ?, ?)", values)
            database.execute("COMMIT")

    spent = timed(write, count)
    database.close()
    return spent


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    contestants: dict[str, Callable[[Path], float]] = {
        "files": lambda folder: files(folder, count),
        "sqlite, batched": lambda folder: sqlite(folder, count, batched=True),
        "sqlite, row by row": lambda folder: sqlite(folder, count, batched=False),
    }
    ours: tuple[float, float] | None = None
    for name, run in contestants.items():
        with tempfile.TemporaryDirectory() as folder:
            cpu = run(Path(folder)) / count * 1e6
            held = size(Path(folder)) / count
        ours = ours or (cpu, held)
        print(f"{name}: {cpu:.1f} CPU us a row ({cpu / ours[0]:.2f} x), "
              f"{held:.0f} bytes a row ({held / ours[1]:.2f} x)")  # fmt: skip


if __name__ == "__main__":
    main()
