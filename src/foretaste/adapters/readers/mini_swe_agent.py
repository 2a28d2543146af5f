"""mini-SWE-agent's trajectories: `*.traj.json`, one JSON object a file, or several together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from foretaste.adapters.readers.agent_runs import inner, settings_of
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import Broken, Line, LogFile, chunks
from foretaste.adapters.readers.reading import Parsed, read, tags_of, time_of
from foretaste.adapters.readers.swe_agent import stop_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.dialects.swe_agent import Entry, said
from foretaste.records import Conversation, Dialogue, Failure, Gap

_NAMED = re.compile(rb'"trajectory_format"\s*:\s*"mini-swe-agent|"mini_version"\s*:')
_BEGINS = re.compile(rb'\{\s*"(?:info|messages|instance_id)"\s*:\s*[{\["]')


class _Record(msgspec.Struct):
    messages: list[Entry]
    info: Any = None
    instance_id: Any = None
    trajectory_format: Any = None


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniSWEAgent:
    """Reads mini-SWE-agent's trajectories, in which a whole run is one turn.

    Where the agent wrote its command into its text, that becomes a call of `bash`, and what the
    environment says in the user's role its result; what a person at the keyboard said in between
    stays the user's. Of version 2 tool calls are read as they are.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`exit_status`, `instance_id`, `mini_version`) that a record must have to be
            read.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each run, or a `Failure` with its place in the file.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, _records, _parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        found = outline(head).keys()
        return not found.isdisjoint({"info", "messages"}) and _NAMED.search(head) is not None


def _records(file: LogFile) -> Iterator[Line | Broken]:
    return elements(chunks(file), _BEGINS)


def _parsed(data: bytes) -> Parsed:
    """Read one run."""
    record = _RECORD.decode(data)
    # The last one says how it ended, to nobody.
    entries = [entry for entry in record.messages if entry.role != "exit"]
    messages, lost = said(entries)
    if not any(message.role == "assistant" for message in messages):
        raise Unreadable("the run failed before the agent said anything")
    info = record.info if isinstance(record.info, dict) else {}
    asked = inner(inner(info, "config"), "model")
    model = asked.get("model_name")
    model = model if isinstance(model, str) and model else None
    settings = settings_of(inner(asked, "model_kwargs"))
    name = record.instance_id
    name = name if isinstance(name, str) and name else None
    extras = (entry.extra for entry in entries if isinstance(entry.extra, dict))
    times = (extra.get("timestamp") for extra in extras)
    started_at = next((time for time in times if isinstance(time, float)), None)
    about = {"instance_id": name, **{key: info.get(key) for key in ("exit_status", "mini_version")}}
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        model=model,
        started_at=time_of(started_at),
        tags=tags_of(about),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: None,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: None,
            },
            lost=lost,
        ),
        stop=stop_of(info.get("exit_status")),
    )
    return dialogue, name, None
