"""Claude Code: one session a file, one line a message or a part of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Literal

import msgspec

from foretaste.adapters.readers.claude_code.entries import Entry
from foretaste.adapters.readers.claude_code.transcript import Told, segments, told, when
from foretaste.adapters.readers.claude_code.tree import ways
from foretaste.adapters.readers.files.grouping import Piece, grouped
from foretaste.adapters.readers.files.outline import Outline, outlines
from foretaste.adapters.readers.files.streams import Broken, LogFile, filled_lines
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    reason_of,
    tags_of,
)
from foretaste.dialects.gaps import gaps_of
from foretaste.errors import PlanError
from foretaste.records import Conversation, Dialogue, Failure, Gap

_ENTRY = msgspec.json.Decoder(Entry)
_BROKEN = "broken"
_ANOTHER = "file in another format"
_PARTS = re.compile(r"[^\\/]+(?<!:)(?=[\\/]|\Z)")  # of a path, a drive left out
_DEEP = 3  # parts from which on the last one names a project, not a person
_MARKS = ({"parentUuid", "isSidechain", "sessionId"}, {"leafUuid", "summary"})
_SIDE = {b"file-history-snapshot", b"queue-operation", b"custom-title", b"last-prompt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeCode:
    """Reads sessions of Claude Code, one or a folder of them such as `~/.claude/projects`.

    Of a session whose user went back and said something else, the way that was gone last is read. A
    session whose context was summed up is several conversations, each after the first beginning
    with the summary. What a subagent did is a conversation of its own, with the tag `subagent`. A
    turn that several files or branches hold counts once.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`agent`, `subagent`, `project`, `git_branch`, `version`) that a record must
            have to be read.
        branches: `active`, or `all` for ways that the user left too.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)
    branches: Literal["active", "all"] = "active"

    def __post_init__(self) -> None:
        if self.branches not in ("active", "all"):
            raise PlanError(f"claude-code: branches is {self.branches!r}; it is `active` or `all`")

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its line.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._every(), self.where)

    def _every(self) -> Iterator[Conversation | Failure]:
        seen: set[int] = set()  # prompts of all conversations so far
        for file in known_files(self.path, self.recognizes):
            if not isinstance(file, Failure):
                yield from self._sessions(file, seen)
            # Beside its sessions the program keeps notes and outputs of tools.
            elif file.reason != _ANOTHER or (file.source or "").endswith(".jsonl"):
                yield file

    def _sessions(self, file: LogFile, seen: set[int]) -> Iterator[Conversation | Failure]:
        keys: set[str] = set()  # that conversations of this file have
        for group in grouped(_pieces(file)):
            if group[0].order == _BROKEN:
                yield failed(file.name, group[0].number, group[0].data.decode())
                continue
            entries = [_entry(piece) for piece in group]
            for way in ways(entries, every=self.branches == "all"):
                for part in segments(way):
                    found = attempt(file.name, part[0].number, partial(_parsed, part, seen, keys))
                    # Lines without anything said are no conversation.
                    if isinstance(found, Failure) or found.dialogue.messages:
                        yield found

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return any(map(_is_line, outlines(head)))


def _is_line(found: Outline) -> bool:
    if any(marks <= found.keys() for marks in _MARKS):
        return True
    return bool(found.get("type", set()) & _SIDE) and bool(
        found.keys() & {"sessionId", "messageId"}
    )


def _entry(piece: Piece) -> Entry:
    entry = _ENTRY.decode(piece.data)
    entry.number = piece.number
    return entry


def _pieces(file: LogFile) -> Iterator[Piece]:
    """Lines by the tree that they grow in, named by its first line."""
    trees: dict[str, str] = {}
    for line in filled_lines(file):
        reason = line.reason if isinstance(line, Broken) else ""
        if not isinstance(line, Broken):
            try:
                entry = _ENTRY.decode(line.data)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                reason = reason_of(error)
            else:
                if isinstance(entry.uuid, str):
                    parent = entry.parentUuid if isinstance(entry.parentUuid, str) else ""
                    tree = trees.setdefault(entry.uuid, trees.get(parent, entry.uuid))
                    yield Piece(tree, f"{line.number:012}", line.number, file.name, line.data)
                    continue
                if not isinstance(entry.type, str):
                    reason = "a line without a type"
        if reason:
            yield Piece(f"\0{line.number}", _BROKEN, line.number, file.name, reason.encode())


def _parsed(entries: list[Entry], seen: set[int], keys: set[str]) -> Parsed:
    """Read one conversation; an empty one where nothing of it is new."""
    found = told(entries)
    first = entries[0]
    last = next((e for e in reversed(entries) if e.spoken), first)
    names = [_hash(prompt.uuid) for prompt in found.prompts]
    known = [name in seen for name in names]
    if (known and all(known)) or _is_warming_up(first, found):
        return Dialogue(messages=()), None, None
    seen.update(names)
    at = known.index(False) if any(known) else 0
    own = found.prompts[at] if found.prompts else None
    started_at = (own.time if own else None) or next(filter(None, map(when, entries)), None)
    dialogue = Dialogue(
        messages=found.messages,
        settings={"reasoning_effort": found.effort} if found.effort else {},
        model=found.model,
        started_at=started_at,
        tags=_tags(last, started_at.isoformat() if started_at else None),
        gaps=gaps_of(
            found.messages,
            has={
                Gap.SETTINGS: None,
                Gap.TOOLS: None,
                Gap.MODEL: found.model,
                Gap.TIME: started_at,
                Gap.USER: None,
            },
            lost=found.lost | {Gap.SYSTEM},
        ),
        own_from=own.message if own and any(known) else 0,
        stop=found.stop,
    )
    return dialogue, _key(last, first, keys), None


def _key(last: Entry, first: Entry, keys: set[str]) -> str:
    name = last.agentId if last.isSidechain is True and last.agentId else last.sessionId
    key = name if isinstance(name, str) and name else first.uuid
    if key in keys:
        key = f"{key}:{last.uuid}"
    keys.add(key)
    return str(key)


def _tags(entry: Entry, time: str | None) -> dict[str, str]:
    """What slices go by; `time` tells a workspace which state of its repository to show."""
    folders = _PARTS.findall(entry.cwd) if isinstance(entry.cwd, str) else []
    known = {
        "agent": "claude-code",
        "subagent": entry.isSidechain is True,
        "version": entry.version,
        "git_branch": entry.gitBranch or None,
        "project": folders[-1] if len(folders) >= _DEEP else None,
        "time": time,
    }
    return tags_of(known)


def _is_warming_up(first: Entry, found: Told) -> bool:
    """Whether the program spoke to a subagent only to have its prompt cached."""
    asked = [message.content for message in found.messages if message.role == "user"]
    return first.isSidechain is True and asked == ["Warmup"]


def _hash(uuid: str) -> int:
    return int.from_bytes(blake2b(uuid.encode(errors="replace"), digest_size=8).digest())
