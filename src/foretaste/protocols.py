"""The ports: what a plug-in must be.

A plug-in is a frozen dataclass: its fields are its options, its `__call__` is its work. One that
holds something open (a connection, a loaded model) is also an asynchronous context manager; the
engine enters it before the first item and leaves it after the last.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, NamedTuple, Protocol, TypeVar, runtime_checkable

from foretaste.findings import Study
from foretaste.records import (
    JSON,
    Conversation,
    Failure,
    Lane,
    Message,
    Prefix,
    Rollout,
    ScrubbedConversation,
    Stop,
    ToolCall,
    Usage,
    Verdict,
)

Item = TypeVar("Item")
Result = TypeVar("Result")
Record = TypeVar("Record")


class Reader(Protocol):
    """Reads one log format."""

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each record of the log; one that cannot be read is a `Failure` with its line.

        Raises:
            LogError: the log cannot be opened.
        """
        ...


class History(Protocol):
    """Reads what one framework keeps of a conversation in memory."""

    async def __call__(self, history: object) -> Conversation | None:
        """The conversation, or None where it is not of this kind; nothing is changed in it.

        Two plug-ins never take the same history: one names what the other does not have.

        Raises:
            Unreadable: it is of this kind, and cannot be read; the message quotes nothing of it.
            msgspec.ValidationError: the same.
            PlanError: it is of this kind, and what is needed to read it is not installed.
        """
        ...


class Writer(Protocol):
    """Writes one log format, so that a reader gives the same conversations back."""

    endings: ClassVar[tuple[str, ...]]  # of the files that it writes
    text: ClassVar[bool]  # whether a terminal or a pipe can take it

    def __call__(
        self, conversations: Iterable[Conversation], stream: IO[bytes]
    ) -> Mapping[str, int]:
        """Write all conversations, holding only a few of them.

        What the format has no field for stands under the key of `carried.py`, which other tools
        do not read: its names are given back, with how many conversations have it.

        Raises:
            PlanError: an optional library is missing.
        """
        ...


class Graded(NamedTuple):
    """One answer, what it answers, and all that was found in it."""

    prefix: Prefix
    rollout: Rollout
    verdicts: tuple[Verdict, ...]  # of the graders that the run was sealed with


class Exporter(Protocol):
    """Writes what a finished run found, in the form of another tool."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that it may write; none where it sends what it has to say."""
        ...

    def __call__(
        self, study: Study, graded: Iterable[Graded], opened: Callable[[str], IO[bytes]]
    ) -> Mapping[str, int]:
        """Write or send every finding, holding only a few of them.

        What is ungraded stays so: never a 0, never left out.

        Args:
            study: the run's conclusions.
            graded: its answers, by prefix; in the same order each time.
            opened: opens one of `files`; it is closed, and there, when all are written.

        Returns:
            What was written, by name: `verdicts`, those `linked` to where the log's own tracer
            keeps the answer, and what else there is to count.

        Raises:
            PlanError: an optional library is missing.
            MachineFailed: nobody takes what is sent.
        """
        ...


class Scrubber(Protocol):
    """Replaces what identifies people by stand-ins that parse like the original."""

    def __call__(self, conversation: Conversation) -> ScrubbedConversation:
        """Scrub one conversation: the same input and key give the same output."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model is asked."""

    messages: tuple[Message, ...]
    settings: dict[str, JSON] = field(default_factory=dict)
    tools: tuple[JSON, ...] = ()
    schema: JSON = None  # JSON schema that the answer must keep, where the model can be held to it
    seed: int = 0  # for models that draw in process; others get a seed only from `settings`
    likeliest: int = 0  # tokens to name at each place of the answer, where the model can


class Token(NamedTuple):
    """One token of an answer, and the likeliest ones at its place."""

    text: str
    likeliest: tuple[tuple[str, float], ...]  # token, and the natural log of its probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered."""

    message: Message
    stop: Stop
    asked_model: str
    answered_model: str | None = None
    sent: dict[str, JSON] = field(default_factory=dict)  # settings that went out
    dropped: tuple[str, ...] = ()  # settings that were asked for and could not be sent
    usage: Usage = field(default_factory=Usage)
    tokens: tuple[Token, ...] = ()  # of the message, where they were asked for and the model can


class Model(Protocol):
    """Writes the next assistant message."""

    async def __call__(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ItemFailed: this request failed for good, after retries.
            ModelUnavailable: no request can succeed (wrong key, wrong name, nobody there).
        """
        ...


class Grader(Protocol):
    """Finds one behavior in one rollout."""

    @property
    def fingerprint(self) -> str:
        """Content hash of all that decides its verdicts; every verdict carries it."""
        ...

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout; what cannot be judged is `Outcome.UNGRADED` with its reason."""
        ...


class ToolAnswer(NamedTuple):
    """What a simulated tool says, and how it knows."""

    content: str  # as the model gets it
    layer: str  # name of the plug-in that answered
    why: str  # what the answer rests on, for people
    seconds: float = 0.0  # that production's tool would have taken; 0 where nobody knows
    done: bool = True  # False where the call failed before it could change anything


class Act(NamedTuple):
    """A tool call of this rollout and its answer, whoever gave it."""

    call: ToolCall
    answer: ToolAnswer


class Session(Protocol):
    """The simulated tools of one rollout; keeps its own state."""

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        """Answer one tool call, or None where nothing can answer it.

        Args:
            call: what the model asks for.
            before: all that was called in this rollout before, in order. Another session may have
                answered some of it: one that keeps state takes account of those too.
        """
        ...


@runtime_checkable
class Metered(Protocol):
    """A session that asks a model. One that is made of others adds theirs up."""

    @property
    def usage(self) -> Usage:
        """Tokens so far, those included that gave no answer."""
        ...


@runtime_checkable
class Accountable(Session, Protocol):
    """A session that says why it left a call open; a rollout keeps that."""

    left_open: str  # of its last call; "" where it answered, or knew nothing of the tool


class Simulator(Protocol):
    """Opens a session of simulated tools for one rollout. Nothing live is ever touched."""

    def __call__(self, prefix: Prefix) -> Session:
        """Open a session."""
        ...


@runtime_checkable
class Timing(Protocol):
    """A simulator that knows how long production's tools took."""

    def latency(self, tool: str, seed: int) -> float | None:
        """Seconds that a call of the tool takes, drawn by the seed; None where nobody knows."""
        ...


class Engine(Protocol):
    """Runs asynchronous work over many items, a bounded number at a time."""

    def __call__(
        self,
        work: Callable[[Item], Awaitable[Result]],
        items: Iterable[Item],
        *,
        stage: str,
        lane: Lane | None = None,
        using: Sequence[object] = (),
    ) -> Iterator[Result | Failure]:
        """Yield results as they finish, in any order.

        An item whose work raises becomes a `Failure` that names the item's `id`; a
        `MachineFailed` stops everything and is raised. Parts in `using` that are asynchronous
        context managers are entered first and left last. Closing the iterator cancels what runs.
        """
        ...


class Store(Protocol):
    """Keeps a run's records through a crash."""

    def append(self, *records: Any) -> None:
        """Take records; they are durable soon after, and at the latest when the store closes."""
        ...

    def flush(self) -> None:
        """Wait until everything appended so far is durable."""
        ...

    def read(self, kind: type[Record]) -> Iterable[Record]:
        """All durable records of a kind, in the order they came; can be iterated again."""
        ...

    def keys(self, kind: type[Any]) -> set[tuple[str, str]]:
        """What exists already, as (parent id, lane or behavior or ""), without reading rows."""
        ...

    def write_document(self, name: str, data: bytes) -> None:
        """Keep one small file beside the records, whole or not at all."""
        ...

    def read_document(self, name: str) -> bytes | None:
        """A file written before, or None."""
        ...
