"""SWE-agent's trajectories: `*.traj`, one JSON object a file, or several together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from foretaste.adapters.readers.agent_runs import inner, settings_of
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import BOM, Broken, Line, LogFile, chunks
from foretaste.adapters.readers.reading import Parsed, read, tags_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.openai import messages_of
from foretaste.dialects.said import Unreadable
from foretaste.dialects.swe_agent import Entry, said
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap, Stop

_STEPS = re.compile(
    rb'\s*(?:\[\s*)?\{\s*(?:"environment"\s*:\s*"[^"]*"\s*,\s*)?'
    rb'"trajectory"\s*:\s*\[\s*\{\s*"action"\s*:'
)
_BEGINS = re.compile(rb'\{\s*"(?:trajectory|history|attempts|environment)"\s*:\s*[\["]')
_STOPS = {
    "submitted": Stop.FINAL,
    "exit_context": Stop.LENGTH,
    "submitted (exit_context)": Stop.LENGTH,
    "contextwindowexceedederror": Stop.LENGTH,
    "exit_total_execution_time": Stop.TIME_LIMIT,
    "submitted (exit_total_execution_time)": Stop.TIME_LIMIT,
    "timeexceeded": Stop.TIME_LIMIT,
}


class _Step(msgspec.Struct):
    query: list[Entry] | None = None
    messages: list[Entry] | None = None


class _Record(msgspec.Struct):
    history: list[Entry] | None = None
    trajectory: list[msgspec.Raw] | None = None
    info: Any = None
    replay_config: Any = None
    environment: Any = None


_RECORD = msgspec.json.Decoder(_Record)
_STEP = msgspec.json.Decoder(_Step)


@dataclass(frozen=True, slots=True, kw_only=True)
class SWEAgent:
    """Reads SWE-agent's trajectories: each is one conversation, and a whole run is one turn.

    Read is the `history`: what was said, not what a history processor made of it for a single
    call; where the last call was shown something else, that is the gap `truncated text`. A command
    in the agent's text becomes a call of `bash`, and what the environment says in the user's role
    its result. Demonstrations are context. Of several attempts the chosen one is read.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (`exit_status`, `instance_id`) that a record must have to be read.
    """

    names_itself: ClassVar[bool] = True  # as good as: it holds chat messages that others know
    path: str
    where: dict[str, str | int] = field(default_factory=dict)

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each run, or a `Failure` with its record or line number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return read(self.path, _records, _parsed, self.where, self.recognizes)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        found = outline(head).keys()
        if {"history", "trajectory"} <= found:
            return True
        # A long trajectory hides what comes behind it.
        return _STEPS.match(head.removeprefix(BOM)) is not None


def _records(file: LogFile) -> Iterator[Line | Broken]:
    return elements(chunks(file), _BEGINS)


def _parsed(data: bytes) -> Parsed:
    """Read one run."""
    record = _RECORD.decode(data)
    history = record.history
    messages, lost = said(history or [])
    if not history or not any(message.role == "assistant" for message in messages):
        raise Unreadable("the run failed before the agent said anything")
    config = _config(record.replay_config)
    problem = inner(config, "problem_statement")
    name = problem.get("id")
    asked = inner(inner(config, "agent"), "model")
    model = asked.get("name")
    model = model if isinstance(model, str) and model else None
    settings = settings_of(asked | inner(asked, "completion_kwargs"))
    info = record.info if isinstance(record.info, dict) else {}
    demos = [at for at, entry in enumerate(history) if entry.is_demo]
    # A demonstration in one message holds no turn; one step by step does.
    steps = any(history[at].role == "assistant" for at in demos)
    name = name if isinstance(name, str) and name else None
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        model=model,
        tags=tags_of({"exit_status": info.get("exit_status"), "instance_id": name}),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: None,
                Gap.MODEL: model,
                Gap.TIME: None,
                Gap.USER: None,
            },
            lost={*lost, *([Gap.TRUNCATED] if _was_cut(record) else [])},
        ),
        own_from=demos[-1] + 1 if steps else 0,
        stop=stop_of(info.get("exit_status")),
    )
    return dialogue, name, None


def stop_of(status: JSON) -> Stop:
    """How a run ended, by its exit status."""
    return _STOPS.get(status.lower(), Stop.UNKNOWN) if isinstance(status, str) else Stop.UNKNOWN


def _config(value: JSON) -> dict[str, JSON]:
    """The settings of a run, which lie in it as JSON text."""
    try:
        found = msgspec.json.decode(value) if isinstance(value, str) else value
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _was_cut(record: _Record) -> bool:
    """Whether the last call was shown something else than was said."""
    try:
        step = _STEP.decode(record.trajectory[-1]) if record.trajectory else _Step()
        shown = messages_of(step.query or step.messages or [])
        whole = messages_of(record.history or [])
    except (msgspec.MsgspecError, UnicodeError, RecursionError, Unreadable):
        return False
    pairs = zip(shown, whole, strict=False)
    return any(one.content != other.content for one, other in pairs)
