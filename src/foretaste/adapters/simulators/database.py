"""Answer a tool call as the same call was answered earlier, anywhere in a corpus."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal, Self

from foretaste.adapters.simulators.callbase import CallBase, Similar, StoredCall
from foretaste.adapters.simulators.effects import Effects
from foretaste.adapters.simulators.pairing import acts
from foretaste.calls import pairs
from foretaste.errors import LogError
from foretaste.protocols import Act, ToolAnswer
from foretaste.records import Message, Prefix, ScrubbedConversation, ToolCall
from foretaste.turns import content_key, turns

_LAYER = "database"


def answered(messages: Iterable[Message], source: str) -> Iterator[StoredCall]:
    """The tool calls among the messages that got an answer."""
    for call, result in pairs(messages):
        if result is not None:
            yield StoredCall(call.name, call.arguments, result.content, source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Earlier calls and their answers, from a log of trajectories.

    A call with the same tool and arguments gets the earlier answer. The database knows nothing of
    state, so a call about something that this conversation may have changed before (a value of its
    arguments is one of an earlier call that may write) stays open. Any other call stays open too,
    or gets the answer to the nearest one. The conversation that is replayed is left out of its own
    look-ups: the record of that name, and records that hold the same messages to the end of the
    replayed turn. A log with a record for each turn leaves out that turn.

    Args:
        conversations: yields the scrubbed conversations; called once, on entry.
        fuzzy: answer other calls like the nearest earlier call of the tool, and say so.
        pick: of several answers to the same call: the most `frequent` of the latest 64, or the
            `latest`.
        own: let a conversation find its own calls, those after the replayed turn included.
        leave_out: tag; conversations with the same value of it as the replayed one are left out of
            its look-ups too (other trials of one task know what they should not).
        reads: tools that change nothing, by shell patterns; see `recorded`.
        writes: tools that may change something.
    """

    conversations: Callable[[], Iterable[ScrubbedConversation]]
    fuzzy: bool = False
    pick: Literal["frequent", "latest"] = "frequent"
    own: bool = False
    leave_out: str | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    _read: list["_Corpus"] = field(init=False, repr=False, compare=False, default_factory=list)

    async def __aenter__(self) -> Self:
        """Read the conversations, once.

        Raises:
            LogError: no tool call in them has an answer.
        """
        if not self._read:
            self._read.append(await asyncio.to_thread(self._corpus))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held open."""

    def __call__(self, prefix: Prefix) -> "DatabaseSession":
        """Open a session that knows the corpus without this conversation.

        Raises:
            LogError: the database was not entered, so it holds nothing.
        """
        if not self._read:
            raise LogError("the call database was not read: enter it first")
        (corpus,) = self._read
        apart = frozenset() if self.own else corpus.same(prefix, self.leave_out)
        effects = Effects(reads=self.reads, writes=self.writes)
        return DatabaseSession(
            corpus.calls, apart, effects, fuzzy=self.fuzzy, earlier=acts(prefix.messages)
        )

    def _corpus(self) -> "_Corpus":
        endings: dict[str, list[str]] = {}
        groups: dict[str, list[str]] = {}

        def calls() -> Iterator[StoredCall]:
            for conversation in self.conversations():
                value = conversation.dialogue.tags.get(self.leave_out or "")
                if value is not None:
                    groups.setdefault(value, []).append(conversation.id)
                messages = conversation.dialogue.messages
                for start, end in turns(conversation.dialogue):
                    endings.setdefault(content_key(messages[:end]), []).append(conversation.id)
                    yield from answered(messages[start:end], conversation.id)

        found = CallBase(calls(), pick=self.pick)
        if not len(found):
            raise LogError("call database: no tool call with an answer in its log")
        if self.fuzzy:
            found.prepare()
        return _Corpus(
            found,
            {key: found.numbers(names) for key, names in endings.items()},
            {value: found.numbers(names) for value, names in groups.items()},
        )


@dataclass(frozen=True, slots=True)
class _Corpus:
    calls: CallBase
    endings: dict[str, frozenset[int]]  # what was said up to a turn's end -> who said it
    groups: dict[str, frozenset[int]]  # value of the tag that is left out -> who has it

    def same(self, prefix: Prefix, tag: str | None) -> frozenset[int]:
        """Sources that are the conversation of the prefix, or of its group."""
        said = content_key((*prefix.messages, *prefix.recorded))
        own = self.calls.numbers([prefix.parent]) | self.endings.get(said, frozenset())
        return own | self.groups.get(prefix.tags.get(tag or "", ""), frozenset())


class DatabaseSession:
    """Answers from the corpus; keeps no state of its own."""

    def __init__(
        self,
        calls: CallBase,
        apart: AbstractSet[int],
        effects: Effects,
        *,
        fuzzy: bool,
        earlier: Sequence[Act] = (),
    ) -> None:
        self._calls = calls
        self._apart = apart
        self._effects = effects
        self._fuzzy = fuzzy
        self._earlier = earlier  # acts of the turns before the replayed one

    async def __call__(self, call: ToolCall, before: Sequence[Act] = ()) -> ToolAnswer | None:
        """The answer to the same call; else, where wanted, to the nearest."""
        if self._effects.touched(call, (*self._earlier, *before)):
            return None
        found = self._calls.find(call.name, call.arguments, self._apart)
        if found is not None:
            why = f"the same call got this answer {found.agree} of {found.seen} times"
            return ToolAnswer(found.response, _LAYER, why)
        for near in self.examples(call, 1) if self._fuzzy else ():
            why = f"the nearest earlier call, with other arguments (BM25 {near.score:.2f})"
            return ToolAnswer(near.response, _LAYER, why)
        return None

    def examples(self, call: ToolCall, count: int = 3) -> list[Similar]:
        """The nearest earlier calls of the tool, best first, for a model to imitate."""
        return self._calls.similar(call.name, call.arguments, count, self._apart)
