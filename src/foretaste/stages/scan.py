"""Say what a log holds before anything is sampled or paid for; one pass, any format."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from foretaste.records import Conversation, Dialogue, Failure, Gap, Message
from foretaste.turns import turns

PLACES = 3
"""How many places are named for each kind of failure."""

MOST_TAG_VALUES = 50
"""A tag with more values than this is taken for an id or free text and left out."""

TAG_EXAMPLES = 5
"""How many of a tag's values are named."""

CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English; text in other scripts takes more tokens than it says."""

UNKNOWN = "unknown"

Name = TypeVar("Name", bound=str)

_INDEX = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind:
    """Records that could not be read for the same reason."""

    count: int
    places: tuple[str, ...]  # the first few, as file:line


class Losses:
    """Records that could not be read, counted by reason."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = defaultdict(list)
        self._count: Counter[str] = Counter()

    def add(self, failure: Failure) -> None:
        """Take one more."""
        kind = _INDEX.sub("N", failure.reason)
        self._count[kind] += 1
        if len(self._places[kind]) < PLACES:
            self._places[kind].append(failure.item)

    def kinds(self) -> dict[str, FailureKind]:
        """Reason, with numbers as "N" -> how many, and where; from the most frequent on."""
        return {
            reason: FailureKind(count=n, places=tuple(self._places[reason]))
            for reason, n in _ordered(self._count).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TagValues:
    """What one tag holds."""

    distinct: int
    most_common: dict[str, int]  # value -> conversations, up to TAG_EXAMPLES


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """What a log holds. Dictionaries run from the most frequent to the least."""

    conversations: int
    failures: dict[str, FailureKind]  # reason, with numbers as "N" -> how many, and where
    assistant_turns: int  # as `foretaste.turns` counts them
    user_turns: int  # user messages, without those that other records hold too
    replayable: int  # conversations with at least one assistant turn to replay
    models: dict[str, int]  # name, or "unknown" -> conversations
    since: datetime | None
    until: datetime | None
    languages: dict[str, int]  # of the first user message; "unknown" where undecidable
    users: int | None  # distinct ones; None: no record names its user
    tools: dict[str, int]  # tool called -> calls
    settings: dict[str, int]  # name -> conversations
    gaps: dict[str, int]  # what is missing -> conversations
    tags: dict[str, TagValues]
    labels: dict[str, int]  # what people or tools found in the log -> how often they said so
    estimated_input_tokens: int  # of one replay of every turn, each model call with all before it
    estimated_output_tokens: int


def scan(
    records: Iterable[Conversation | Failure], *, language: Callable[[str], str | None]
) -> LogSummary:
    """Read all records once and summarize them.

    Args:
        records: what `ingest` yields.
        language: names the language of a text, or None where it cannot tell.
    """
    tally = _Tally()
    for record in records:
        if isinstance(record, Failure):
            tally.losses.add(record)
        else:
            tally.read(record, language)
    return tally.summary()


class _Tally:
    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self.losses = Losses()
        self._models: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._users: set[str] = set()
        self._tools: Counter[str] = Counter()
        self._settings: Counter[str] = Counter()
        self._gaps: Counter[Gap] = Counter()
        self._tags: dict[str, Counter[str]] = defaultdict(Counter)
        self._labels: Counter[str] = Counter()
        self._since: datetime | None = None
        self._until: datetime | None = None

    def read(self, record: Conversation, language: Callable[[str], str | None]) -> None:
        dialogue = record.dialogue
        self._count["conversations"] += 1
        self._models[dialogue.model or UNKNOWN] += 1
        self._settings.update(dialogue.settings.keys())
        self._gaps.update(dialogue.gaps)
        self._labels.update(label.name for label in dialogue.labels)
        if record.user is not None:
            self._users.add(record.user)
        if dialogue.started_at is not None:
            self._since = min(self._since or dialogue.started_at, dialogue.started_at)
            self._until = max(self._until or dialogue.started_at, dialogue.started_at)
        for name, value in dialogue.tags.items():
            # One more than is shown, so that memory is bounded and too many can be told.
            if len(self._tags[name]) <= MOST_TAG_VALUES:
                self._tags[name][value] += 1
        asked = [message.content for message in dialogue.messages if message.role == "user"]
        own = dialogue.messages[_own_from(dialogue) :]
        self._count["user turns"] += sum(message.role == "user" for message in own)
        self._languages[(language(asked[0]) if asked else None) or UNKNOWN] += 1
        self._turns(record)

    def _turns(self, record: Conversation) -> None:
        dialogue = record.dialogue
        self._tools.update(c.name for message in dialogue.messages for c in message.tool_calls)
        found = turns(dialogue)
        self._count["assistant turns"] += len(found)
        self._count["replayable"] += bool(found)
        if not found:
            return
        schemas = len(msgspec.json.encode(dialogue.tools)) if dialogue.tools else 0
        sizes = [_characters(message) for message in dialogue.messages]
        replayed = {at for turn in found for at in range(turn.start, turn.end)}
        before = schemas
        for at, (message, size) in enumerate(zip(dialogue.messages, sizes, strict=True)):
            if at in replayed and message.role == "assistant":
                self._count["input"] += before
                self._count["output"] += size
            before += size

    def summary(self) -> LogSummary:
        count = self._count
        return LogSummary(
            conversations=count["conversations"],
            failures=self.losses.kinds(),
            assistant_turns=count["assistant turns"],
            user_turns=count["user turns"],
            replayable=count["replayable"],
            models=_ordered(self._models),
            since=self._since,
            until=self._until,
            languages=_ordered(self._languages),
            users=len(self._users) or None,
            tools=_ordered(self._tools),
            settings=_ordered(self._settings),
            gaps={gap.value: n for gap, n in _ordered(self._gaps).items()},
            tags={
                name: TagValues(
                    distinct=len(values), most_common=_ordered(values, first=TAG_EXAMPLES)
                )
                for name, values in sorted(self._tags.items())
                if len(values) <= MOST_TAG_VALUES
            },
            labels=_ordered(self._labels),
            estimated_input_tokens=count["input"] // CHARACTERS_PER_TOKEN,
            estimated_output_tokens=count["output"] // CHARACTERS_PER_TOKEN,
        )


def _own_from(dialogue: Dialogue) -> int:
    """Where the question begins that the first own message answers."""
    before = dialogue.messages[: dialogue.own_from]
    said = (at + 1 for at, message in enumerate(before) if message.role == "assistant")
    return max(said, default=0)


def _characters(message: Message) -> int:
    calls = sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return len(message.content) + calls


def _ordered(counts: Mapping[Name, int], first: int | None = None) -> dict[Name, int]:
    """From the most frequent to the least; equals by name, so that runs agree."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:first])
