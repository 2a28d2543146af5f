"""What a finished run found, in the forms of other tools."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple

import msgspec

from foretaste.after.release import finished
from foretaste.drafts import drafted
from foretaste.errors import MachineFailed, PlanError
from foretaste.findings import Study
from foretaste.protocols import Exporter, Graded, Store
from foretaste.records import Lane, Prefix, Rollout, Verdict
from foretaste.registry import build, options, resolve
from foretaste.runs.conclusion import require_evidence
from foretaste.runs.reviewing import verdicts_of
from foretaste.runs.watch import Watch, quiet

FOLDER = "export"
"""Where exports lie in a run, each in a folder named by its form."""

_PROGRESS = "sent.json"
_EVERY = 1000  # answers between two notes of progress
_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE prefixes (place INTEGER PRIMARY KEY, id TEXT, data BLOB);
    CREATE TABLE rollouts (parent TEXT, lane INTEGER, id TEXT, data BLOB);
    CREATE TABLE verdicts (parent TEXT, place INTEGER, data BLOB);
"""


class Exported(NamedTuple):
    """What was written or sent."""

    to: str
    out: str  # the folder; empty where all was sent
    files: tuple[str, ...]
    text: bool  # whether what was said is in it
    counts: dict[str, int]  # `verdicts`, those `linked` to the log's own traces, and others


def export(
    path: str,
    *,
    to: str,
    out: str | None = None,
    text: bool = True,
    force: bool = False,
    watch: Watch = quiet,
    **more: Any,
) -> Exported:
    """Write a finished run's verdicts, estimates and forecasts in the form of another tool.

    Memory holds one prefix with its answers, however many there are; the rest waits in a file of
    the machine's temporary folder.

    Args:
        path: folder of the run.
        to: the form: csv, parquet, inspect, otlp, langfuse, phoenix, or one of a plug-in.
        out: folder to write to; `export/<to>` in the run's own if left out.
        text: with what was said, what graders quote of it, and their reasons.
        force: write over files that are there; send again what was sent before.
        watch: told of progress.
        more: options of the form, such as `endpoint` of otlp.

    Raises:
        StoreUnavailable: no run is kept there.
        PlanError: the run is not finished, there is no such form or option, or a file is there.
        SealBroken: the study, or a verdict behind it, is not what was sealed.
        MachineFailed: whoever it is sent to takes no more.
    """
    folder = Path(out or Path(path, FOLDER, to.rpartition(":")[2].lower()))
    if "progress" in options(resolve("exporters", to)):
        more = {"progress": str(folder / _PROGRESS)} | more
    exporter: Exporter = build("exporters", {"use": to} | more)
    files = exporter.files
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise PlanError(f"{folder / there[0]} is there already; --force writes over it")
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        study = finished(store, path)
        require_evidence(store, study)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if force and not files:
                (folder / _PROGRESS).unlink(missing_ok=True)
        except OSError as error:
            raise PlanError(f"{folder} cannot be written: {error.strerror}") from error
        with ExitStack() as stack:
            written: list[str] = []

            def opened(name: str) -> IO[bytes]:
                if name not in files:
                    raise PlanError(f"exporter {to!r} opens {name!r}, which it does not announce")
                written.append(name)
                return stack.enter_context(drafted(folder / name))

            counts = exporter(study, graded(store, study, text=text, watch=watch), opened)
    return Exported(to, str(folder) if files else "", tuple(written), text, dict(counts))


def graded(
    store: Store, study: Study, *, text: bool = True, watch: Watch = quiet
) -> Iterator[Graded]:
    """Every answer of a run with its prefix and its verdicts, in order of the prefixes.

    Args:
        store: the run's.
        study: its conclusions, whose graders' verdicts count.
        text: with what was said; else messages, evidence, reasons and labels are empty.
        watch: told of progress.

    Raises:
        MachineFailed: the machine's temporary folder is full.
    """
    with (
        TemporaryDirectory(prefix="foretaste-", ignore_cleanup_errors=True) as folder,
        closing(sqlite3.connect(f"{folder}/graded.db", isolation_level=None)) as rows,
    ):
        try:
            rows.executescript(_TABLES)
            total = _filled(rows, store, study, watch)
        except sqlite3.Error as error:
            raise MachineFailed(f"the temporary folder takes no more: {error}") from error
        yield from _joined(rows, total, text=text, watch=watch)


def _filled(rows: sqlite3.Connection, store: Store, study: Study, watch: Watch) -> int:
    """Bring prefixes, answers and verdicts into tables; gives how many answers there are."""
    encode = msgspec.json.encode
    lanes = {lane: n for n, lane in enumerate(Lane)}
    behaviors = {name: n for n, name in enumerate(study.sealed.graders)}
    rows.execute("BEGIN")
    rows.executemany(
        "INSERT INTO prefixes (id, data) VALUES (?, ?)",
        ((each.id, encode(each)) for each in store.read(Prefix)),
    )
    rows.executemany(
        "INSERT INTO rollouts VALUES (?, ?, ?, ?)",
        ((each.parent, lanes[each.lane], each.id, encode(each)) for each in store.read(Rollout)),
    )

    def verdicts() -> Iterator[tuple[str, int, bytes]]:
        for number, each in enumerate(verdicts_of(store, study.sealed.graders), 1):
            yield each.parent, behaviors[each.behavior], encode(each)
            if number % _EVERY == 0:
                watch("gathered", number, None)

    rows.executemany("INSERT INTO verdicts VALUES (?, ?, ?)", verdicts())
    rows.execute("CREATE INDEX of_prefix ON rollouts (parent, lane, id)")
    rows.execute("CREATE INDEX of_rollout ON verdicts (parent, place)")
    rows.execute("COMMIT")
    (total,) = rows.execute("SELECT count(*) FROM rollouts").fetchone()
    return int(total)


def _joined(rows: sqlite3.Connection, total: int, *, text: bool, watch: Watch) -> Iterator[Graded]:
    prefix_of = msgspec.json.Decoder(Prefix).decode
    rollout_of = msgspec.json.Decoder(Rollout).decode
    verdict_of = msgspec.json.Decoder(Verdict).decode
    answers = "SELECT data FROM rollouts WHERE parent = ? ORDER BY lane, id"
    found = "SELECT data FROM verdicts WHERE parent = ? ORDER BY place"
    done = 0
    for name, data in rows.execute("SELECT id, data FROM prefixes ORDER BY place"):
        prefix = prefix_of(data)
        for (answer,) in rows.execute(answers, (name,)):
            rollout = rollout_of(answer)
            verdicts = tuple(verdict_of(each) for (each,) in rows.execute(found, (rollout.id,)))
            whole = Graded(prefix, rollout, verdicts)
            yield whole if text else _without_text(whole)
            done += 1
            if done % _EVERY == 0:
                watch("exported", done, total)
    watch("exported", done, total)


def _without_text(whole: Graded) -> Graded:
    """An answer without anything that was said, or that may quote it."""
    prefix, rollout, verdicts = whole
    bare: Mapping[str, Any] = {"messages": (), "tools": (), "settings": {}, "labels": ()}
    return Graded(
        replace(prefix, **bare, recorded=(), tags={}),
        replace(rollout, messages=(), answered=(), sent={}),
        tuple(replace(each, evidence="", reason="") for each in verdicts),
    )
