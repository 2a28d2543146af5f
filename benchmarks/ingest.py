"""Reading an OpenAI chat log into the store, against what else turns such a log into files.

`python benchmarks/ingest.py [MB ...]`, 40 and 160 MB by default: memory is flat where the larger
log takes no more of it. Conversations are some 3.79 KB of JSON: four turns, settings, metadata.

- foretaste: the reader validates each line and makes the records, whose ids are content hashes; a
  store takes them as durable rows. (A run of a plan puts the scrubber between the two; it is not
  measured here.)
- json, a loop: each line through the standard library's `json.loads` and `json.dumps` into a file;
  no schema, no hash, no compression.
- polars: `scan_ndjson` to `sink_parquet`, zstd-1.
- duckdb: `read_json` to Parquet, zstd-1.

Each runs in a process of its own, start and imports included. CPU is user + system.
"""

import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foretaste.records import Conversation, Failure

MEGABYTE = 1_000_000


def words(rng: random.Random) -> list[str]:
    """Prose-like random words, frequent ones often."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    found = [
        "".join(rng.choices(letters, range(26, 0, -1), k=rng.randint(2, 9))) for _ in range(5000)
    ]
    return rng.choices(found, [1 / rank for rank in range(1, 5001)], k=400_000)


def write_log(path: Path, size: int) -> None:
    """The same log each time, of `size` bytes or a little more."""
    rng = random.Random(7)
    prose = words(rng)

    def text(about: int) -> str:
        length = rng.randint(about // 2, about * 3 // 2)
        start = rng.randrange(len(prose) - length)
        return " ".join(prose[start : start + length])[:length]

    with path.open("w", encoding="utf-8") as file:
        written = number = 0
        while written < size:
            number += 1
            messages = [{"role": "system", "content": text(300)}]
            for _ in range(4):
                messages.append({"role": "user", "content": text(200)})
                messages.append({"role": "assistant", "content": text(520)})
            record = {
                "id": f"chat-{number:08}",
                "model": "production-1",
                "created": 1_760_000_000 + number,
                "messages": messages,
                "temperature": 0.7,
                "max_tokens": 1024,
                "user": f"user-{rng.randrange(100_000)}",
                "metadata": {"channel": rng.choice(["web", "app"]), "region": "eu"},
            }
            written += file.write(json.dumps(record) + "\n")


# Imports stand inside: each process pays for its own and no other's.
# ruff: noqa: PLC0415


def foretaste(log: Path, folder: Path) -> None:
    from foretaste.adapters.stores.files import Files

    with Files(path=str(folder / "run")) as store:
        for record in _read(log):
            store.append(record)


def foretaste_reading(log: Path, _: Path) -> None:
    for _record in _read(log):
        pass


def _read(log: Path) -> "Iterator[Conversation | Failure]":
    from foretaste.adapters.readers.openai_chat import OpenAIChat
    from foretaste.stages.ingest import ingest

    return ingest(OpenAIChat(path=str(log)))


def loop(log: Path, folder: Path) -> None:
    with log.open("rb") as lines, (folder / "out.jsonl").open("w") as out:
        for line in lines:
            out.write(json.dumps(json.loads(line)) + "\n")


def polars(log: Path, folder: Path) -> None:
    import polars as pl

    found = pl.scan_ndjson(log)
    found.sink_parquet(folder / "out.parquet", compression="zstd", compression_level=1)


def duckdb(log: Path, folder: Path) -> None:
    import duckdb

    duckdb.sql(
        f"COPY (SELECT * FROM read_json('{log}', format='newline_delimited'))"
        f" TO '{folder}/out.parquet' (COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


CONTESTANTS: dict[str, Callable[[Path, Path], None]] = {
    "foretaste": foretaste,
    "foretaste, nothing stored": foretaste_reading,
    "json, a loop": loop,
    "polars": polars,
    "duckdb": duckdb,
}


def measured(name: str, log: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of a process that does it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--one", name, str(log), folder]
        child = os.posix_spawn(sys.executable, command, os.environ)
        _, status, used = os.wait4(child, 0)  # of this child alone
        if status:
            sys.exit(f"{name} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / MEGABYTE


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        name, log, folder = sys.argv[2:]
        CONTESTANTS[name](Path(log), Path(folder))
        return
    for size in [int(given) for given in sys.argv[1:]] or [40, 160]:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.jsonl"
            write_log(log, size * MEGABYTE)
            for name in CONTESTANTS:
                cpu, memory = measured(name, log)
                speed = log.stat().st_size / MEGABYTE / cpu
                print(f"{size} MB, {name}: {speed:.0f} MB per CPU s, {memory:.0f} MB of memory")


if __name__ == "__main__":
    main()
