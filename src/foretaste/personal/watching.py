"""Compares when the default model changes, and remembers which one was compared last."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
import platformdirs

from foretaste.adapters.stores import documents
from foretaste.errors import MachineFailed, PlanError, StoreUnavailable
from foretaste.pairs import Comparison
from foretaste.personal.diff import COUNT, diff
from foretaste.records import identity
from foretaste.runs.spending import total
from foretaste.runs.watch import Announce, Watch, quiet, silent
from foretaste.stages.preview import Cost


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered from one look to the next."""

    model: str  # that was compared last, or was the default at the first look
    since: str  # when that was remembered; UTC, ISO 8601
    path: str = ""  # of the last comparison's run; empty where none was made
    version: int = 1


class Looked(NamedTuple):
    """What one look came to."""

    model: str
    before: str | None  # the model that was remembered; None at the first look
    comparison: Comparison | None  # None: nothing was compared
    busy: bool = False  # another look is at work, and this one did nothing


class Compare(Protocol):
    """Compares the answers of a model with a log: `personal.diff.diff`."""

    def __call__(
        self,
        log: str,
        *,
        model: str | Mapping[str, Any],
        baseline: str | None,
        count: int,
        path: str,
        use: str | None,
        watch: Watch,
        announce: Announce,
        confirm: Callable[[tuple[Cost, ...]], bool],
    ) -> Comparison:
        """Compare; see there."""


def state_file(log: str) -> Path:
    """Where the state of a log is kept where nobody says: in this user's data folder."""
    folder = Path(platformdirs.user_data_dir("foretaste")) / "watch"
    return folder / f"{identity('watch', str(Path(log).resolve()))[:16]}.json"


def remembered(file: Path) -> State | None:
    """What is remembered there; None where nothing is.

    Raises:
        PlanError: the file holds something else.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlanError(f"{file} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise PlanError(f"{file} is no state of `foretaste watch`: {error}") from error


def look(
    log: str,
    *,
    model: str,
    part: Mapping[str, Any] | None = None,
    state: Path | None = None,
    usd: float = 0.0,
    unpriced: bool = False,
    at_once: bool = False,
    baseline: str | None = None,
    count: int = COUNT,
    use: str | None = None,
    runs: str = "runs",
    watch: Watch = quiet,
    announce: Announce = silent,
    compare: Compare = diff,
) -> Looked:
    """Compare where the default model is not the one that is remembered.

    The first look only remembers it, unless `at_once`. What fails leaves the state as it was, so
    the next look goes on with it, and pays for nothing twice.

    Args:
        log: file, folder or glob.
        model: name of what is the default model now.
        part: how it is asked, where its name does not say so.
        state: the file of what is remembered; `state_file(log)` if left out.
        usd: what a comparison may cost at most, by its estimate.
        unpriced: go on where a price is not known.
        at_once: compare at the first look too.
        baseline: the old model, as `diff` takes it.
        count: turns.
        use: the log's format; found by content if left out.
        runs: folder that the comparisons' runs go to.
        watch: told of progress.
        announce: told of the estimated cost, before anything is sent.
        compare: makes the comparison.

    Raises:
        PlanError: the estimate is above the budget, or a price is not known.
        LogError: the log cannot be read.
        MachineFailed: the model answered nothing, or the state cannot be written.
    """
    file = state if state is not None else state_file(log)
    with _alone(file) as alone:
        before = remembered(file) if alone else None
        name = before.model if before is not None else None
        if not alone:
            return Looked(model, name, None, busy=True)
        if name == model:
            return Looked(model, name, None)
        if before is None and not at_once:
            _remember(file, model, "")
            return Looked(model, name, None)
        own = identity("watch", log, model, part, baseline, before)[:8]
        found = compare(
            log,
            model=part if part is not None else model,
            baseline=baseline,
            count=count,
            path=str(Path(runs) / f"watch-{own}"),
            use=use,
            watch=watch,
            announce=announce,
            confirm=lambda quoted: _within(quoted, usd, unpriced=unpriced),
        )
        if all(pair.new is None for pair in found.pairs):
            why = found.failures[0].reason if found.failures else "the reason is not known"
            raise MachineFailed(f"{model} answered none of {len(found.pairs)} turns: {why}")
        _remember(file, model, found.path)
        return Looked(model, name, found)


def _within(quoted: tuple[Cost, ...], usd: float, *, unpriced: bool) -> bool:
    """Whether the estimate is within the budget; nobody is there to be asked.

    Raises:
        PlanError: it is not.
    """
    if total(quoted) is None and not unpriced:
        names = ", ".join(sorted({each.model for each in quoted if each.usd is None}))
        raise PlanError(
            f"what {names} costs is not known: say --unpriced to go on, and limit it "
            "at the provider"
        )
    sure = sum(each.usd for each in quoted if each.usd is not None)
    if sure > usd:
        raise PlanError(f"this costs about ${sure:,.2f}, and --usd allows ${usd:,.2f}")
    return True


@contextmanager
def _alone(file: Path) -> Iterator[bool]:
    """Whether no other look is at work; the kernel lets go of the lock when a process dies."""
    lock = file.with_name(f".{file.name}.lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("ab")
    except OSError as error:
        raise StoreUnavailable(f"{lock} cannot be written: {error.strerror}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remember(file: Path, model: str, path: str) -> None:
    state = State(model=model, since=datetime.now(UTC).isoformat(timespec="seconds"), path=path)
    try:
        documents.replace(file, msgspec.json.encode(state))
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error.strerror}") from error
