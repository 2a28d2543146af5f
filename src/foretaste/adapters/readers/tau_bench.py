"""tau-bench results: `[{"task_id": ..., "reward": ..., "info": ..., "traj": [...], "trial": ...}]`.

One JSON array of trials as its runner writes them, or one trial a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.streams import BOM, Broken, Line, LogFile
from foretaste.adapters.readers.reading import Parsed, read, tags_of, trial_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.openai import lost_of, messages_of
from foretaste.dialects.openai_shapes import RawMessage
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap

_LOOKS = re.compile(rb'\s*(?:\[\s*)?\{\s*"(?:task_id|trial|reward)"\s*:.*?"traj"\s*:', re.DOTALL)
_LINE = re.compile(rb'\s*\{[ \t]*"(?:task_id|trial|reward)"[^\n]*?"traj"[ \t]*:')
_BEGINS = re.compile(rb'\{\s*"(?:task_id|trial|reward)"\s*:')


class _Record(msgspec.Struct):
    task_id: int | str
    traj: list[RawMessage]
    trial: int | str | None = None
    reward: float | None = None
    info: dict[str, Any] | None = None


_NO_TAGS = frozenset({"error", "traceback"})  # long, and another one each time
_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class TauBench:
    """Reads the results of tau-bench: each trial of a task is a conversation.

    Tags are `task_id`, `trial`, `reward` and the scalars of `info`; the task's user is the user.
    The format holds no tool schemas: the plan's `log: {tools: ...}` adds them.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags that a record must have to be read.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each trial, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, _records, _parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return _LOOKS.match(head.removeprefix(BOM)) is not None


def _records(file: LogFile) -> Iterator[Line | Broken]:
    return lines_or_elements(file, _LINE, _BEGINS)


def _parsed(data: bytes) -> Parsed:
    """Read one trial."""
    record = _RECORD.decode(data)
    info = record.info or {}
    if not record.traj:
        # The runner writes down a trial that an exception ended, without what was said in it.
        raise Unreadable("the trial failed" if "error" in info else "no messages")
    messages = messages_of(record.traj)
    task = info.get("task")
    user = task.get("user_id") if isinstance(task, dict) else None
    user = user if isinstance(user, str) and user else None
    missing = dict.fromkeys((Gap.SETTINGS, Gap.TOOLS, Gap.MODEL, Gap.TIME))
    about = trial_of(record.task_id, record.trial, record.reward)
    dialogue = Dialogue(
        messages=messages,
        tags=tags_of({k: v for k, v in info.items() if k not in _NO_TAGS} | about),
        gaps=gaps_of(
            messages, has={**missing, Gap.USER: user}, lost=lost_of(record.traj, messages)
        ),
    )
    trial = "" if record.trial is None else f"-{record.trial}"
    return dialogue, f"{record.task_id}{trial}", user
