"""Rollouts of Codex CLI: every session is a file of lines `{timestamp, type, payload}`.

Lines of before October 2025, which have no such envelope, are read too. What `codex exec --json`
prints is not: it holds no prompt.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import msgspec

from foretaste.adapters.readers.codex_session import Session
from foretaste.adapters.readers.files.streams import BOM, Broken, LogFile, filled_lines
from foretaste.adapters.readers.reading import Parsed, attempt, failed, read_files, reason_of
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Failure

_ENVELOPES = "session_meta|turn_context|response_item|event_msg|compacted|world_state"
_LINE = re.compile(
    rb'\s*\{(?=[^\n]{0,400}?"payload"\s*:\s*\{)[^\n]{0,200}?"type"\s*:\s*"(?:%s)"'
    % _ENVELOPES.encode()
)
# The first line of an older rollout names the session, the next is a message or a mark.
_OLDER = re.compile(
    rb'\s*\{"id"\s*:\s*"[0-9a-f-]{36}"\s*,\s*"timestamp"\s*:[^\n]*\}\s*\n'
    rb'\s*\{\s*"(?:record_type"\s*:\s*"state"|type"\s*:\s*"(?:message|reasoning)")'
)


class _Entry(NamedTuple):
    kind: str
    payload: Mapping[str, Any]
    time: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Codex:
    """Reads the sessions that Codex CLI keeps under `~/.codex/sessions`.

    A user turn is what the user typed. What Codex puts into the user's mouth (the environment,
    AGENTS.md, notifications) is kept as a system message, in front of the prompt it came with. A
    compaction ends the conversation; another begins with what took the place of the old context.
    Turns that the user rolled back are left out.

    The tool schemas of Codex are not in its rollouts: the plan's `log: {tools: ...}` adds them.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`commit`, `branch`, `repository`, `version`, `originator`, `provider`,
            `approval`, `sandbox`, `effort`, `source`, `role`, `subagent`) that a session must have
            to be read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each session's conversations, numbered in their file, or a `Failure` with its line.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read_files(self.path, _conversations, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        head = head.removeprefix(BOM)
        return bool(_OLDER.match(head) or any(_LINE.match(line) for line in head.splitlines()[:5]))


def _conversations(file: LogFile) -> Iterator[Conversation | Failure]:
    """What the sessions of one file hold; several may stand one after the other."""
    session = Session()
    number = 0
    for line in filled_lines(file):
        if isinstance(line, Broken):
            yield failed(file.name, line.number, line.reason)
            session.missing()
            continue
        try:
            entry = _entry(line.data)
        except (Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            yield failed(file.name, line.number, reason_of(error))
            session.missing()
            continue
        ended = entry.kind == "session_meta" and session.other(entry.payload)
        if ended or session.cut_by(entry.kind, entry.payload):
            for found in _made(file, number + 1, session):
                number += 1
                yield found
        session = Session() if ended else session
        session.take(entry.kind, entry.payload, entry.time, len(line.data))
    yield from _made(file, number + 1, session)


def _made(file: LogFile, number: int, session: Session) -> Iterator[Conversation | Failure]:
    if session.holds_something():

        def parsed() -> Parsed:
            return session.dialogue(), session.key(), None

        yield attempt(file.name, number, parsed)


def _entry(data: bytes) -> _Entry:
    """One line; an older one is put into the envelope that it would have today."""
    line = msgspec.json.decode(data)
    if not isinstance(line, dict):
        raise Unreadable("the line is not an object")
    kind, payload = line.get("type"), line.get("payload")
    if isinstance(payload, dict) and isinstance(kind, str):
        return _Entry(kind, payload, line.get("timestamp"))
    if "payload" in line:
        raise Unreadable("the payload is not an object")
    if isinstance(kind, str):
        return _Entry("response_item", line, None)
    if "record_type" in line:
        return _Entry("", line, None)
    if isinstance(line.get("id"), str) and "timestamp" in line:
        return _Entry("session_meta", line, line["timestamp"])
    raise Unreadable("none of the lines of a rollout")
