"""A folder of real conversations, de-identified, to answer again with every new model.

Each is a file of its own in the format `openai-chat`, named by what it says. So a set can grow, lie
in a repository, and be read like any log.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from heapq import nlargest
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from foretaste.adapters.readers.openai_chat import OpenAIChat as Reader
from foretaste.adapters.stores import documents
from foretaste.adapters.writers.openai_chat import OpenAIChat as Writer
from foretaste.errors import PlanError
from foretaste.plan import LogPlan, Plan
from foretaste.protocols import Scrubber
from foretaste.records import Conversation, Dialogue, Failure, ScrubbedConversation, identity
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.ingest import ingest
from foretaste.stages.scan import FailureKind, Losses
from foretaste.stages.scrub import scrub
from foretaste.turns import turns
from foretaste.usable import usable

FOLDER = "cases"
"""Where cases go where nobody says."""

SHORTEST = 6
"""Fewest characters of an id that name something."""

_NAME = re.compile(r"[0-9a-f]{16}\.jsonl")
_NOTE = 200  # characters
_EVERY = 100  # conversations between two notes of progress
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conversation of a log, or of the set."""

    id: str
    source: str  # format of the log that it is from
    date: str  # on which it began, ISO 8601; empty where the log does not say
    saved: str  # date; empty where it is not in the set
    note: str
    turns: int  # that can be answered again
    model: str  # that answered it; empty where the log does not say
    asked: str  # the first user message, de-identified


class Saved(NamedTuple):
    """What was put into a set."""

    folder: str
    new: tuple[Case, ...]
    grown: int  # of the new ones, those in whose place a shorter one stood
    already: int  # conversations that the set held
    failures: dict[str, FailureKind]


def save(
    log: str,
    *,
    to: str = FOLDER,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    ids: Iterable[str] = (),
    last: int = 1,
    note: str = "",
    watch: Watch = quiet,
    today: date | None = None,
) -> Saved:
    """Put conversations of a log into a set, each once, with stand-ins for what identifies people.

    The log's own tags, labels and file names are left out, as they may name a person or a client.
    One that went on since it was saved takes the place of its shorter self, and its note.

    Args:
        log: file, folder, glob, or `-` for standard input.
        to: the set's folder, made where it is not there.
        use: the log's format; found by content if left out.
        where: keep only records with these tags.
        ids: of the conversations: the log's own, those of `listed`, or beginnings of these; or
            names of session files without their ending.
        last: the newest so many, where there are no ids.
        note: why they are worth keeping.
        watch: told of progress.
        today: the date to write into them; this day's if left out.

    Raises:
        PlanError: an id that the log does not hold, or a folder that cannot be written.
        LogError: the log cannot be read.
    """
    losses = Losses()
    read_as, found = _chosen(log, use, where, tuple(ids), last, losses, watch)
    held = _read(Path(to))
    day = (today or datetime.now(UTC).date()).isoformat()
    new: dict[str, Case] = {}
    grown = already = 0
    for clean in found:
        if any(_goes_on(clean.dialogue, each.dialogue) for each in held.values()):
            already += 1
            continue
        shorter = [name for name, each in held.items() if _goes_on(each.dialogue, clean.dialogue)]
        own_note = note or next((held[n].dialogue.tags.get("note", "") for n in shorter), "")
        whole = _case(clean, read_as, day, own_note)
        _write(Path(to), whole)
        grown += bool(shorter)
        for name in shorter:
            _remove(Path(to), name)
            del held[name]
            new.pop(name, None)
        name = str(whole.key)
        held[name] = whole
        new[name] = _told(name, whole.dialogue)
    return Saved(to, tuple(new.values()), grown, already, losses.kinds())


def listed(
    log: str,
    *,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    last: int = 20,
    watch: Watch = quiet,
) -> tuple[Case, ...]:
    """The newest conversations of a log, that a person may choose of them; writes nothing.

    Raises:
        LogError: the log cannot be read.
    """
    read_as, found = _chosen(log, use, where, (), last, Losses(), watch)
    tagged = (replace(each.dialogue, tags={"source": read_as}) for each in found)
    return tuple(_told(each.parent, told) for each, told in zip(found, tagged, strict=True))


def cases(folder: str = FOLDER) -> tuple[Case, ...]:
    """What a set holds, the newest first; nothing where there is no folder.

    Raises:
        PlanError: a case in it cannot be read.
    """
    told = (_told(name, each.dialogue) for name, each in _read(Path(folder)).items())
    return tuple(sorted(told, key=lambda case: (case.date, case.saved, case.id), reverse=True))


def forget(folder: str, ids: Iterable[str]) -> tuple[Case, ...]:
    """Take cases out of a set, each named by its id or the beginning of it.

    Raises:
        PlanError: an id that names none, or several; then none is taken out.
    """
    held = {case.id: case for case in cases(folder)}
    gone = []
    for wanted in dict.fromkeys(ids):
        named = [own for own in held if len(wanted) >= SHORTEST and own.startswith(wanted)]
        if len(named) != 1:
            raise PlanError(f"{wanted!r} names {len(named) or 'no'} cases in {folder}")
        gone.append(held[named[0]])
    for case in gone:
        _remove(Path(folder), case.id)
    return tuple(gone)


def _chosen(
    log: str,
    use: str | None,
    where: Mapping[str, str] | None,
    ids: tuple[str, ...],
    last: int,
    losses: Losses,
    watch: Watch,
) -> tuple[str, list[ScrubbedConversation]]:
    """The log's format, and of its conversations those asked for, the oldest first."""
    if last < 1:
        raise PlanError(f"{last} conversations are none; ask for one at least")
    for short in (each for each in ids if len(each) < SHORTEST):
        raise PlanError(f"{short!r} is too short for an id: {SHORTEST} characters at least")
    spec = LogPlan(path=log, use=use, where=dict(where or {}))
    read_as, reader = open_log(log, spec)
    able = _able(usable(ingest(reader), Conversation, losses.add), watch)
    if ids:
        found = [each for each in able if any(_names(wanted, each) for wanted in ids)]
        for wanted in ids:
            if not any(_names(wanted, each) for each in found):
                raise PlanError(f"{log} holds no conversation {wanted!r} that could be replayed")
    else:
        newest = nlargest(last, enumerate(able), key=lambda at: (_begun(at[1]), at[0]))
        found = [each for _, each in reversed(newest)]
    scrubber: Scrubber = scrubber_of(Plan(log=spec, candidate={}))
    return read_as, list(_scrubbed(found, scrubber, losses.add))


def _able(conversations: Iterable[Conversation], watch: Watch) -> Iterator[Conversation]:
    """Those with a turn that can be answered again."""
    done = 0
    for done, each in enumerate(conversations, start=1):
        if turns(each.dialogue):
            yield each
        if done % _EVERY == 0:
            watch("read", done, None)
    watch("read", done, None)


def _begun(whole: Conversation) -> datetime:
    return whole.dialogue.started_at or _LONG_AGO


def _names(wanted: str, whole: Conversation) -> bool:
    return (
        whole.id.startswith(wanted)
        or (whole.key or "").startswith(wanted)
        or Path(whole.source).stem == wanted
    )


def _scrubbed(
    found: Iterable[Conversation], scrubber: Scrubber, lost: Callable[[Failure], None]
) -> Iterator[ScrubbedConversation]:
    return usable(scrub(found, scrubber=scrubber), ScrubbedConversation, lost)


def _goes_on(before: Dialogue, after: Dialogue) -> bool:
    return after.messages[: len(before.messages)] == before.messages


def _case(clean: ScrubbedConversation, read_as: str, day: str, note: str) -> Conversation:
    said = clean.dialogue
    begun = said.started_at.astimezone(UTC).date().isoformat() if said.started_at else ""
    about = {"source": read_as, "date": begun, "saved": day, "note": " ".join(note.split())[:_NOTE]}
    tags = {name: value for name, value in about.items() if value}
    name = identity("case", said.messages, said.tools, said.settings, said.model)[:16]
    return Conversation(
        dialogue=replace(said, tags=tags, labels=()),
        source=f"{name}.jsonl",
        line=1,
        key=name,
        user=clean.user,
    )


def _told(name: str, said: Dialogue) -> Case:
    begun = said.started_at.astimezone(UTC).date().isoformat() if said.started_at else ""
    return Case(
        id=name,
        source=said.tags.get("source", ""),
        date=said.tags.get("date", begun),
        saved=said.tags.get("saved", ""),
        note=said.tags.get("note", ""),
        turns=len(turns(said)),
        model=said.model or "",
        asked=next((each.content for each in said.messages if each.role == "user"), ""),
    )


def _read(folder: Path) -> dict[str, Conversation]:
    """The cases of a folder by their id; other files in it are none."""
    found: dict[str, Conversation] = {}
    for file in sorted(folder.glob("*.jsonl")):
        if not _NAME.fullmatch(file.name):
            continue
        for each in Reader(path=str(file))():
            if isinstance(each, Failure):
                raise PlanError(f"the case {file} cannot be read: {each.reason}")
            found[file.stem] = each
    return found


def _write(folder: Path, whole: Conversation) -> None:
    stream = BytesIO()
    Writer()([whole], stream)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        documents.replace(folder / f"{whole.key}.jsonl", stream.getvalue())
    except OSError as error:
        raise PlanError(f"{folder} cannot be written: {error.strerror}") from error


def _remove(folder: Path, name: str) -> None:
    try:
        (folder / f"{name}.jsonl").unlink(missing_ok=True)
    except OSError as error:
        raise PlanError(f"{folder} cannot be written: {error.strerror}") from error
