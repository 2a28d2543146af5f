"""What every reader does around its own format: files, failures, tags, times, the filter."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from foretaste.adapters.readers.files.parquet import columns as columns_of
from foretaste.adapters.readers.files.parquet import is_parquet
from foretaste.adapters.readers.files.streams import (
    Broken,
    Line,
    LogFile,
    beginning,
    files,
    unpacked,
)
from foretaste.carried import IDENTIFIES
from foretaste.dialects.said import Unreadable
from foretaste.errors import LogError
from foretaste.records import Conversation, Dialogue, Failure

Parsed = tuple[Dialogue, str | None, str | None]
"""A dialogue, the log's own id, the user."""

# From here on a number is taken for milliseconds: in seconds it would be the year 5138.
_MILLISECONDS_FROM = 1e11


FAULTS = (Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError)
"""What reading one record may raise."""


def read(
    path: str,
    split: Callable[[LogFile], Iterable[Line | Broken]],
    parse: Callable[[bytes], Parsed],
    where: Mapping[str, str | int],
    recognizes: Callable[[bytes], bool] | None = None,
    columns: Callable[[frozenset[str]], bool] | None = None,
) -> Iterator[Conversation | Failure]:
    """Read a log whose records are conversations; one that `parse` refuses is a `Failure`.

    Args:
        path: what the user named.
        split: cuts one file into records.
        parse: reads one record; raises `Unreadable`, or what msgspec raises.
        where: tags that a record must have; others are left out.
        recognizes: the reader's; of several files those that it does not know are failures.
        columns: the reader's `recognizes_columns`, where it reads Parquet.

    Raises:
        LogError: the log cannot be opened, is empty, or holds nothing that `where` asks for.
    """

    def records(file: LogFile) -> Iterator[Conversation | Failure]:
        for record in split(file):
            if isinstance(record, Broken):
                yield failed(file.name, record.number, record.reason)
            else:
                yield attempt(file.name, record.number, partial(parse, record.data))

    return read_files(path, records, where, recognizes, columns)


def read_files(
    path: str,
    records: Callable[[LogFile], Iterable[Conversation | Failure]],
    where: Mapping[str, str | int],
    recognizes: Callable[[bytes], bool] | None = None,
    columns: Callable[[frozenset[str]], bool] | None = None,
    beside: frozenset[str] = frozenset(),
) -> Iterator[Conversation | Failure]:
    """Read a log file by file, each by a function that makes of it what conversations it holds.

    Raises:
        LogError: as `read` does.
    """

    def every() -> Iterator[Conversation | Failure]:
        for file in known_files(path, recognizes, columns, beside):
            if isinstance(file, Failure):
                yield file
            else:
                yield from records(file)

    return chosen(path, every(), where)


def known_files(
    path: str,
    recognizes: Callable[[bytes], bool] | None = None,
    columns: Callable[[frozenset[str]], bool] | None = None,
    beside: frozenset[str] = frozenset(),
) -> Iterator[LogFile | Failure]:
    """The files of a log, those inside zip archives too.

    Of several, one that is empty is left out, and one that cannot be opened or is in another format
    is a `Failure`.

    Args:
        path: what the user named.
        recognizes: the reader's.
        columns: the reader's `recognizes_columns`, where it reads Parquet.
        beside: names of files that lie beside such a log and hold none of it.

    Raises:
        LogError: nothing is there, or the only file cannot be opened.
    """
    inside = (inner for file in files(path) for inner in unpacked(file))
    found = [file for file in inside if file.name.rpartition("/")[2] not in beside]
    for file in found:
        if len(found) == 1:
            yield file
            return
        try:
            start = beginning(file)
            if columns is not None and is_parquet(start):
                known = columns(columns_of(file))
            else:
                known = recognizes is None or recognizes(start)
        except LogError as error:
            yield failed(file.name, 1, str(error))
            continue
        if not start.strip():
            continue
        if known:
            yield file
        else:
            yield failed(file.name, 1, "file in another format")


def chosen(
    path: str, records: Iterable[Conversation | Failure], where: Mapping[str, str | int]
) -> Iterator[Conversation | Failure]:
    """Records with these tags, and all failures.

    Raises:
        LogError: there are no records, or none with these tags.
    """
    wanted = {name: as_tag(value) for name, value in where.items()}
    kept = left_out = lost = 0
    for record in records:
        if isinstance(record, Failure):
            lost += 1
        elif _matches(record, wanted):
            kept += 1
        else:
            left_out += 1
            continue
        yield record
    if not kept and left_out:
        asked = ", ".join(f"{name} = {value}" for name, value in sorted(wanted.items()))
        raise LogError(f"none of the {left_out} readable records of log {path!r} has {asked}")
    if not kept and not lost:
        raise LogError(f"log {path!r} is empty")


def attempt(source: str, number: int, parse: Callable[[], Parsed]) -> Conversation | Failure:
    """What `parse` reads, or why it cannot: `Unreadable`, or what msgspec raises, as a `Failure`.

    Args:
        source: file name.
        number: line or record number in it, from 1.
        parse: reads one record.
    """
    try:
        dialogue, key, user = parse()
        return Conversation(dialogue=dialogue, source=source, line=number, key=key, user=user)
    except FAULTS as error:
        return failed(source, number, reason_of(error))


def reason_of(error: Exception) -> str:
    """Why a record cannot be read, without quoting any of it."""
    match error:
        case msgspec.ValidationError():
            return f"wrong shape: {error}"
        case msgspec.DecodeError():
            return f"not JSON: {_SPOT.sub('', str(error))}"
        case UnicodeError():
            return "not valid UTF-8"
        case RecursionError():
            return "nested too deeply"
        case OverflowError():
            return "a number is out of range"
    return str(error)


def failed(source: str, number: int, reason: str) -> Failure:
    """A record that cannot be read."""
    return Failure(
        stage="ingest", item=f"{source}:{number}", reason=reason, source=source, line=number
    )


# Where in the line it went wrong would make every reason a different one.
_SPOT = re.compile(r"^JSON is malformed: | \(byte [0-9]+\)$")


def _matches(conversation: Conversation, wanted: Mapping[str, str]) -> bool:
    tags = conversation.dialogue.tags
    return all(tags.get(name) == value for name, value in wanted.items())


def as_tag(value: str | int) -> str:
    """A scalar as a tag; true and false as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def tags_of(metadata: Mapping[str, Any] | None) -> dict[str, str]:
    """Take the strings, whole numbers and truth values of a record's metadata, sorted by name.

    Names that hold a user's id are left out: tags end up in slices and reports.
    """
    return {
        name: as_tag(value)
        for name, value in sorted((metadata or {}).items())
        if isinstance(value, str | int) and name not in IDENTIFIES
    }


def trial_of(task: object, trial: object, reward: object) -> dict[str, object]:
    """Metadata of a benchmark's trial; a whole reward as a whole number, so that it is a tag."""
    if isinstance(reward, float) and reward.is_integer():
        reward = int(reward)
    found = {"task_id": task, "trial": trial, "reward": reward}
    return {name: value for name, value in found.items() if value is not None}


def time_of(value: float | str | None) -> datetime | None:
    """Read Unix seconds, Unix milliseconds or ISO 8601; without a zone it is taken as UTC.

    Raises:
        Unreadable: it is none of these.
    """
    if value is None:
        return None
    try:
        if isinstance(value, str) and not value.isdecimal():
            read_as = datetime.fromisoformat(value)
            aware = read_as if read_as.tzinfo else read_as.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        seconds = float(value)
        if abs(seconds) >= _MILLISECONDS_FROM:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable("the time is neither Unix seconds nor ISO 8601") from error


def moment(value: object) -> datetime | None:
    """A time, or none where it is not one: no conversation is lost for it."""
    try:
        return time_of(value) if isinstance(value, str | int | float) else None
    except Unreadable:
        return None
