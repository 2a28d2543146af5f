"""Every value that crosses a stage.

A log's `Conversation` becomes a `ScrubbedConversation`, is cut into `Prefix`es, each answered in
up to three lanes by a `Rollout`, each judged by a `Verdict` per behavior. What is computed from
verdicts is in `findings.py`. All are frozen; each names its parent's id, so lineage is a chain of
ids and resuming is a set difference.

`Message` and `ToolCall` are Structs, made in a fifth of the time; all else is a dataclass.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

JSON = Any
"""Any JSON value, as parsed."""

Role = Literal["system", "user", "assistant", "tool"]


class Lane(StrEnum):
    """Where an assistant turn came from."""

    RECORDED = "recorded"  # what production really said
    INCUMBENT = "incumbent"  # the production model, replayed
    CANDIDATE = "candidate"  # the model that may be released, replayed


class Outcome(StrEnum):
    """What a grader found. Ungraded is a value of its own: never absent, never zero."""

    PRESENT = "present"
    ABSENT = "absent"
    UNGRADED = "ungraded"
    OUTSIDE = "outside"  # the behavior is not defined for the turn, which counts in no rate


class Stop(StrEnum):
    """Why a rollout ended."""

    FINAL = "final"  # the model closed its turn
    LENGTH = "length"  # the token limit cut it
    FILTERED = "filtered"  # the provider's filter cut it
    TURN_LIMIT = "turn_limit"  # too many model calls
    TOKEN_LIMIT = "token_limit"  # the turn's token limit, over all its model calls
    TIME_LIMIT = "time_limit"  # the turn's time limit, tools included
    TOOL_MISS = "tool_miss"  # a tool call that nothing could answer
    UNKNOWN = "unknown"  # the log does not say


class Gap(StrEnum):
    """What a log does not hold, and a replay therefore cannot restore."""

    SYSTEM = "system prompt"
    TOOLS = "tool schemas"
    SETTINGS = "sampling settings"
    REASONING = "reasoning"
    ATTACHMENTS = "attachments"
    TRUNCATED = "truncated text"
    MODEL = "model name"
    TIME = "time"
    USER = "user id"


# Fields that records got later, where they say nothing: an id outlives them. No text can hold them.
_LATER: tuple[bytes, ...] = (b',"labels":[]', b',"reviewed":[]', b',"seconds":null')
_LATER += (b',"applies":[]', b',"outside":0,"outside_share":0.0', b',"graded":null')
_LATER += (b',"origins":{}',)


def identity(*parts: object) -> str:
    """Content hash of the parts: 32 hexadecimal digits of BLAKE2b over canonical JSON."""
    encoded = msgspec.json.encode(parts, order="deterministic")
    for field_of_none in _LATER:
        encoded = b"".join(encoded.split(field_of_none))  # `replace` would look twice
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call as the model wrote it."""

    id: str
    name: str
    arguments: str  # the JSON text as written; invalid JSON happens


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation, in OpenAI's roles."""

    role: Role
    content: str
    name: str | None = None
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    seconds: float | None = None  # that it took to come, where the log says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person or a tool found."""

    name: str  # of what was looked for
    value: str | float | bool
    message: int | None = None  # index of the message it is about; None: all of them
    by: str = ""  # `human`, or who else


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """What was said, and the conditions under which it was said."""

    messages: tuple[Message, ...]
    settings: dict[str, JSON] = field(default_factory=dict)  # by OpenAI's names
    tools: tuple[JSON, ...] = ()  # tool schemas as the log holds them
    model: str | None = None
    started_at: datetime | None = None  # with time zone
    tags: dict[str, str] = field(default_factory=dict)  # what slices and strata go by
    gaps: tuple[Gap, ...] = ()
    own_from: int = 0  # messages before this index are context that other records may hold too
    stop: Stop = Stop.UNKNOWN  # how the last assistant turn ended
    labels: tuple[Label, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)  # message's index -> its `trace/span`


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation as the log holds it. Never sent to a model, never shown."""

    dialogue: Dialogue
    source: str  # file name
    line: int  # 1-based line or record number in it
    key: str | None = None  # the log's own id
    user: str | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            # Two records that say the same are one only if the log itself can tell them apart
            # from two users who said the same.
            known = self.key or (self.user and self.dialogue.started_at)
            place = None if known else (self.source, self.line)
            said = replace(self.dialogue, origins={})  # where it was traced is nothing that it says
            name = identity("conversation", self.key, self.user, said, place)
            object.__setattr__(self, "id", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubbedConversation:
    """A conversation with stand-ins for what identifies people; the only kind a model may see."""

    parent: str  # Conversation.id
    dialogue: Dialogue
    user: str | None = None  # keyed pseudonym
    replaced: dict[str, int] = field(default_factory=dict)  # kind of identifier -> how many
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", identity("scrubbed", self.parent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A conversation that curation left out, and why. No failure."""

    parent: str  # ScrubbedConversation.id
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """A conversation cut just before an assistant turn."""

    parent: str  # ScrubbedConversation.id
    turn: int  # index of the first message of the assistant turn that was cut off
    turns: int  # assistant turns that could have been cut in this conversation
    user: str  # pseudonym, or the conversation's content key where the log has no users: cluster
    messages: tuple[Message, ...]
    recorded: tuple[Message, ...]  # what production said; never sent to a model
    recorded_stop: Stop = Stop.UNKNOWN
    recorded_model: str | None = None
    settings: dict[str, JSON] = field(default_factory=dict)
    tools: tuple[JSON, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    stratum: str = ""
    probability: float = 1.0  # with which the sampling unit entered the sample
    labels: tuple[Label, ...] = ()  # of the turn that was cut off, and how its user went on
    origin: str = ""  # `trace/span` of the recorded answer, in whatever traced it
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", identity("prefix", self.parent, self.turn))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one or more calls, as the model counted them."""

    input_tokens: int = 0  # cached ones included
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        inputs = self.input_tokens + other.input_tokens
        return Usage(input_tokens=inputs, output_tokens=self.output_tokens + other.output_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Where the answer to one tool call came from."""

    call: str  # ToolCall.id
    layer: str  # "" where nothing answered
    why: str  # what the answer rests on; or why a layer that knows the tool left it open
    seconds: float = 0.0  # that production's tool would have taken; 0 where nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged:
    """Where a rollout leaves the recorded route of tool calls."""

    step: int  # place of the first call that is not the recorded one, from 0
    kind: str  # how: see `divergence.py`


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One assistant turn in one lane: tool calls with their results, and the final message."""

    parent: str  # Prefix.id
    lane: Lane
    messages: tuple[Message, ...]
    stop: Stop
    asked_model: str | None = None
    answered_model: str | None = None
    sent: dict[str, JSON] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    usage: Usage = Usage()
    tool_usage: Usage = Usage()  # of models that answered tool calls
    answered: tuple[Answered, ...] = ()  # tool calls, in order; empty in the recorded lane
    diverged: Diverged | None = None  # None: the recorded calls, all of them and no others
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            name = identity("rollout", self.parent, self.lane, self.messages, self.stop)
            object.__setattr__(self, "id", name)

    @property
    def text(self) -> str:
        """The final message; empty where the turn ended without one."""
        last = self.messages[-1] if self.messages else None
        return last.content if last is not None and last.role == "assistant" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavior:
    """Something a turn can show, as its Markdown file defines it."""

    name: str
    description: str
    rubric: str
    kind: str = "quality"
    tags: tuple[str, ...] = ()
    grader: dict[str, JSON] = field(default_factory=dict)  # {"use": ..., options}; empty: a judge
    version: str = ""  # content hash of the file
    applies: tuple[str, ...] = ()  # what a turn must have for it to be defined: `scope.py`


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One grader's finding on one rollout and one behavior."""

    parent: str  # Rollout.id
    behavior: str
    outcome: Outcome
    grader: str  # content hash of the grader: behavior, options, code
    evidence: str = ""  # verbatim from the rollout
    reason: str = ""  # why ungraded, or the grader's explanation
    severity: int | None = None  # 0 (harmless) to 4 (severe) of what is present, where graded
    usage: Usage = Usage()  # what a judge took for it
    score: float | None = None  # from 0 (absent) to 1 (present), from graders that give one


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One item that failed for good; counted into every estimate."""

    stage: str
    item: str  # id of the record that failed; for a log, file and line
    reason: str
    lane: Lane | None = None
    source: str | None = None
    line: int | None = None
