"""The ledger: every sealed forecast and every scoring, in one file that only grows.

One JSON object a line. Each carries a hash over itself and the hash of the line before, so that a
line that was changed, moved or taken out of the middle is seen. Who writes the whole file anew is
not; against that helps a copy in other hands (`foretaste seal --git`).
"""

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from foretaste.errors import SealBroken, StoreUnavailable
from foretaste.forecasts import Counts, Evidence, Learned
from foretaste.methods import Past
from foretaste.provenance import Environment
from foretaste.records import identity

NAME = "ledger.jsonl"
"""The ledger's file, in the folder that holds the run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Rate that a forecast gave a behavior, with its 95 % interval."""

    rate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEntry:
    """A forecast, sealed."""

    seal: str
    run: str  # name of its folder
    sealed_at: str  # UTC, ISO 8601
    plan: str  # hash of the filled plan
    prefixes: str  # hash over the sorted prefix ids
    prefix_count: int
    models: dict[str, str]  # lane -> model
    method: str
    forecasts: dict[str, Foretold]  # of that method
    evidence: dict[str, Evidence]  # what a later forecast learns from
    behaviors: dict[str, str]  # name -> content hash
    graders: dict[str, str]  # behavior -> grader hash
    learned: Learned
    code: str
    version: str
    environment: Environment | None
    sha256: str  # of forecast.json


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredEntry:
    """A sealed forecast, held against a later log."""

    seal: str
    log: str  # as the reader knows it
    fingerprint: str  # of the log's content and of what was taken from it
    realized: dict[str, Counts]  # at the size that clusters and weights leave
    shown: dict[str, tuple[int, int]]  # sightings and graded turns, as counted
    errors: dict[str, float | None]  # multiplicative
    noise: dict[str, float | None]  # what equal rates would give, median
    directions: dict[str, bool]  # of behaviors that moved by 1.5x: whether the forecast said so
    covered: dict[str, bool]  # whether the predictive interval held
    others: dict[str, dict[str, float]] = field(default_factory=dict)  # method -> errors
    pipeline_changed: bool = False


Entry = SealedEntry | ScoredEntry
_KINDS: dict[str, type[Entry]] = {"sealed": SealedEntry, "scored": ScoredEntry}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a ledger."""

    number: int  # from 1
    at: str  # when it was written; UTC, ISO 8601
    hash: str
    entry: Entry | None  # None: of a kind that a later version wrote


class Story(NamedTuple):
    """One forecast: its line, and the latest scoring on each log."""

    line: int
    sealed: SealedEntry
    scored: tuple[ScoredEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What a ledger's file holds: every line that can be read, and what is wrong with the rest."""

    path: str
    lines: tuple[Line, ...] = ()
    faults: tuple[str, ...] = ()

    def stories(self) -> tuple[Story, ...]:
        """Every forecast with the latest scoring on each log, in the order of sealing."""
        sealed: dict[str, Line] = {}
        scored: dict[str, dict[str, ScoredEntry]] = {}
        for line in self.lines:
            if isinstance(line.entry, SealedEntry):
                sealed.setdefault(line.entry.seal, line)
            elif isinstance(line.entry, ScoredEntry):
                scored.setdefault(line.entry.seal, {})[line.entry.fingerprint] = line.entry
        return tuple(
            Story(line.number, line.entry, tuple(scored.get(seal, {}).values()))
            for seal, line in sealed.items()
            if isinstance(line.entry, SealedEntry)
        )


class Lessons(NamedTuple):
    """What a ledger teaches a new forecast, and where that stands."""

    past: Past
    learned: Learned


NOTHING = Lessons((), Learned())


def open_ledger(path: str) -> Ledger:
    """Read a ledger and check its chain; one that is not there is empty.

    Raises:
        StoreUnavailable: the file cannot be read.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return Ledger(path=path)
    except OSError as error:
        raise StoreUnavailable(f"cannot read the ledger {path}: {error}") from error
    return _parsed(path, data)


def whole_ledger(path: str) -> Ledger:
    """Read a ledger that must be whole.

    Raises:
        SealBroken: a line cannot be read, or is not the one that was written.
        StoreUnavailable: the file cannot be read.
    """
    found = open_ledger(path)
    if found.faults:
        raise SealBroken(found.faults[0])
    return found


def record(path: str, sealed: SealedEntry, scored: ScoredEntry | None = None) -> int:
    """Write a forecast down, unless it stands there, and a scoring of it; durable on return.

    Returns:
        The number of the forecast's line.

    Raises:
        SealBroken: the ledger is not whole; nothing is written.
        StoreUnavailable: the file cannot be written.
    """
    with _locked(path) as file:
        file.seek(0)
        ledger = _parsed(path, file.read())
        if ledger.faults:
            raise SealBroken(f"{ledger.faults[0]}; nothing is added to a ledger that is not whole")
        known = {story.sealed.seal: story.line for story in ledger.stories()}
        last = ledger.lines[-1].hash if ledger.lines else ""
        added = b""
        for entry in (None if sealed.seal in known else sealed, scored):
            if entry is not None:
                written, last = _written(entry, last)
                added += written
        file.write(added)
        file.flush()
        os.fsync(file.fileno())
    return known.get(sealed.seal, len(ledger.lines) + 1)


def lessons(path: str | None, plans: Collection[str]) -> Lessons:
    """What the scored forecasts of a ledger teach a forecast of one of these plans.

    A forecast that was scored on several logs counts once, on the log with the most turns: cuts of
    one release err alike. Forecasts of these plans do not count: they may be of the release that is
    forecast.

    Args:
        path: the ledger; None: learn nothing.
        plans: by their hashes, the new forecast's plan and those that its run was graded by before.

    Raises:
        SealBroken: the ledger is not whole.
        StoreUnavailable: the file cannot be read.
    """
    if path is None:
        return NOTHING
    ledger = whole_ledger(path)
    best: dict[tuple[str, str], tuple[float, SealedEntry, ScoredEntry]] = {}
    for story in ledger.stories():
        for scored in story.scored:
            turns = sum(n for _, n in scored.realized.values())
            key = (story.sealed.plan, story.sealed.prefixes)
            if story.sealed.plan not in plans and turns > 0 and turns >= best.get(key, (0.0,))[0]:
                best[key] = (turns, story.sealed, scored)
    past = []
    for _, sealed, scored in best.values():
        names = [name for name in sealed.evidence if name in scored.realized]
        if names:
            evidence = [sealed.evidence[name] for name in names]
            past.append((evidence, [scored.realized[name] for name in names]))
    used = [(sealed.seal, scored) for _, sealed, scored in best.values()]
    entries = identity("lessons", used) if used else ""
    return Lessons(past, Learned(forecasts=len(past), entries=entries, lines=len(ledger.lines)))


def _written(entry: Entry, before: str) -> tuple[bytes, str]:
    """An entry's line, and its hash."""
    kind = next(name for name, kind in _KINDS.items() if isinstance(entry, kind))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    plain = msgspec.json.decode(msgspec.json.encode(entry))
    body = {"kind": kind, "at": at, "before": before, "entry": plain}
    own = _hash(body)
    return msgspec.json.encode({**body, "hash": own}) + b"\n", own


def _hash(body: Mapping[str, Any]) -> str:
    # Over what the line says, not over how this version reads it: later ones may read more.
    return identity("ledger", {key: value for key, value in body.items() if key != "hash"})


def _parsed(path: str, data: bytes) -> Ledger:
    *whole, rest = data.split(b"\n")
    lines: list[Line] = []
    faults: list[str] = []
    before: str | None = ""  # hash of the line before; None: it cannot be read
    for number, written in enumerate(whole, start=1):
        place = f"{path}, line {number}"
        try:
            body = msgspec.json.decode(written, type=dict[str, Any])
            kind, own, follows = _KINDS.get(body["kind"]), str(body["hash"]), body["before"]
            entry = msgspec.convert(body["entry"], kind) if kind else None
            line = Line(number=number, at=str(body["at"]), hash=own, entry=entry)
        except (ValueError, KeyError, TypeError) as error:
            faults.append(f"{place}: it cannot be read: {error}")
            before = None
            continue
        if own != _hash(body):
            faults.append(f"{place}: it is not what was written")
        else:
            lines.append(line)
            if before is not None and follows != before:
                faults.append(f"{place}: it does not follow the line before it")
        before = own
    if rest:
        faults.append(f"{path}, line {len(whole) + 1}: it was cut short")
    return Ledger(path=path, lines=tuple(lines), faults=tuple(faults))


@contextmanager
def _locked(path: str) -> Iterator[IO[bytes]]:
    """The ledger's file, for one writer at a time."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with Path(path).open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        folder = os.open(Path(path).parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # a new file's name must outlive a crash too
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreUnavailable(f"cannot write the ledger {path}: {error}") from error
