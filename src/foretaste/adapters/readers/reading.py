"""What every reader does around its own format: files, failures, tags, times, the filter."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from foretaste.adapters.readers.streams import Broken, Line, LogFile, files
from foretaste.errors import LogError
from foretaste.records import Conversation, Dialogue, Failure, Gap, Message

Parsed = tuple[Dialogue, str | None, str | None]
"""A dialogue, the log's own id, the user."""

# From here on a number is taken for milliseconds: in seconds it would be the year 5138.
_MILLISECONDS_FROM = 1e11

_MARK_OF_TRUNCATION = re.compile(
    r"\[(?:\.\.\. ?)?truncated(?: [0-9]+ [a-z]+)?\]\s*\Z", re.IGNORECASE
)
_IDENTIFIES = frozenset({"user", "user_id", "safety_identifier"})


class Unreadable(Exception):
    """A record that does not have the shape it should have; the message never quotes it."""


def read(
    path: str,
    split: Callable[[LogFile], Iterable[Line | Broken]],
    parse: Callable[[bytes], Parsed],
    where: Mapping[str, str | int],
) -> Iterator[Conversation | Failure]:
    """Read every record of a log; one that `parse` refuses is a `Failure`.

    Args:
        path: what the user named.
        split: cuts one file into records.
        parse: reads one record; raises `Unreadable`, or what msgspec raises.
        where: tags that a record must have; others are left out.

    Raises:
        LogError: the log cannot be opened, is empty, or holds nothing that `where` asks for.
    """
    wanted = {name: as_tag(value) for name, value in where.items()}
    kept = left_out = failed = 0
    for file in files(path):
        for record in split(file):
            result = _one(file.name, record, parse)
            if isinstance(result, Failure):
                failed += 1
            elif _matches(result, wanted):
                kept += 1
            else:
                left_out += 1
                continue
            yield result
    if not kept and left_out:
        asked = ", ".join(f"{name} = {value}" for name, value in sorted(wanted.items()))
        raise LogError(f"none of the {left_out} readable records of log {path!r} has {asked}")
    if not kept and not failed:
        raise LogError(f"log {path!r} is empty")


def _one(
    source: str, record: Line | Broken, parse: Callable[[bytes], Parsed]
) -> Conversation | Failure:
    if isinstance(record, Broken):
        reason = record.reason
    else:
        try:
            dialogue, key, user = parse(record.data)
            return Conversation(
                dialogue=dialogue, source=source, line=record.number, key=key, user=user
            )
        except Unreadable as error:
            reason = str(error)
        except msgspec.ValidationError as error:
            reason = f"wrong shape: {error}"
        except msgspec.DecodeError as error:
            reason = f"not JSON: {_SPOT.sub('', str(error))}"
        except UnicodeError:
            reason = "not valid UTF-8"
        except RecursionError:
            reason = "nested too deeply"
        except OverflowError:
            reason = "a number is out of range"
    return Failure(
        stage="ingest",
        item=f"{source}:{record.number}",
        reason=reason,
        source=source,
        line=record.number,
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
        if isinstance(value, str | int) and name not in _IDENTIFIES
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


def gaps_of(
    messages: Iterable[Message],
    *,
    has: Mapping[Gap, object],
    lost: Iterable[Gap] = (),
) -> tuple[Gap, ...]:
    """Say what a record does not hold, in the order of `Gap`.

    Args:
        messages: what was said.
        has: what a record can hold beside its messages, empty where it does not.
        lost: what the reader knows to be lost from the messages themselves.
    """
    gaps = {gap for gap, value in has.items() if not value} | set(lost)
    every = list(messages)
    if not any(message.role == "system" for message in every):
        gaps.add(Gap.SYSTEM)
    if Gap.TOOLS in gaps and not any(message.tool_calls for message in every):
        gaps.discard(Gap.TOOLS)
    # Only the end of a text: a search through all of it costs as much as parsing.
    if any(_MARK_OF_TRUNCATION.search(message.content[-80:]) for message in every):
        gaps.add(Gap.TRUNCATED)
    return tuple(gap for gap in Gap if gap in gaps)
