"""Joins model calls into conversations: a later call repeats what was said before it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import msgspec
from msgspec import structs

from foretaste.adapters.readers.origins import origin_of
from foretaste.adapters.readers.reading import as_tag
from foretaste.adapters.readers.traces.exchange import Exchange
from foretaste.adapters.readers.traces.steps import Step
from foretaste.dialects.gaps import gaps_of
from foretaste.records import Conversation, Dialogue, Gap, Label, Message

_Key = int


class Call(NamedTuple):
    """A model call, read."""

    source: str
    number: int
    exchange: Exchange
    step: Step


class ToolTimes(NamedTuple):
    """How long tools ran: by the call's id, and in order by name where spans name no call."""

    by_call: dict[str, float]
    by_name: dict[str, list[float]]


class Thread:
    """Calls each of which repeats and extends the one before it."""

    def __init__(self, call: Call) -> None:
        self.last = call  # may have failed
        self.best: Call | None = None  # the last that was answered
        self._said: tuple[Message, ...] = ()
        self._own_from = len(call.exchange.asked)
        self._started_at = call.step.span.started_at
        self._labels: list[Label] = []
        self._origins: dict[str, str] = {}
        self.go_on(call)

    def go_on(self, call: Call) -> None:
        """Take the next call in."""
        self.last = call
        self._labels += call.step.about_all
        if not call.exchange.answered:
            return
        asked = call.exchange.asked
        if self.best is None:
            self._own_from = len(asked)
        # What is sent again has often lost its reasoning; the first answer had it.
        known = [
            before if _key(0, before) == _key(0, now) and now.reasoning is None else now
            for before, now in zip(self._said, asked, strict=False)
        ]
        self._said = (*known, *asked[len(known) :], *call.exchange.answered)
        about_all = [label for label in call.step.labels if label.message is None]
        about_this = [label for label in call.step.labels if label.message is not None]
        self._labels += [*about_all, *(replace(each, message=len(asked)) for each in about_this)]
        self._origins |= origin_of(len(asked), call.step.span.trace, call.step.span.id)
        self.best = call
        self._started_at = self._started_at or call.step.span.started_at

    def conversation(self, key: str | None, times: ToolTimes) -> Conversation | None:
        """What the thread comes to; None if no call was answered."""
        call = self.best
        if call is None:
            return None
        found = call.exchange
        messages = _timed(self._said, times)
        # Without an answer in it the context is no other record's.
        before = messages[: self._own_from]
        repeats = any(message.role == "assistant" for message in before)
        about = {"agent": call.step.agent} if call.step.agent else {}
        about |= {"subagent": as_tag(True)} if call.step.subagent else {}
        dialogue = Dialogue(
            messages=messages,
            settings=found.settings,
            tools=found.tools,
            model=found.model,
            started_at=self._started_at,
            tags=dict(sorted((call.step.tags | about).items())),
            gaps=gaps_of(
                messages,
                has={
                    Gap.SETTINGS: found.settings,
                    Gap.TOOLS: found.tools,
                    Gap.MODEL: found.model,
                    Gap.TIME: self._started_at,
                    Gap.USER: call.step.user,
                },
                lost=found.lost,
            ),
            own_from=self._own_from if repeats else 0,
            stop=found.stop,
            labels=tuple(self._labels),
            origins=self._origins,
        )
        return Conversation(
            dialogue=dialogue, source=call.source, line=call.number, key=key, user=call.step.user
        )


def threads(calls: Iterable[Call]) -> list[Thread]:
    """Join calls, given in the order of their time.

    A call goes on with a thread if its input begins with the whole input of the thread's last call
    and an answer, whose wording may differ from the one that the log has. Else its context was cut,
    or it is about something else, and a new thread begins: all it was asked is context.
    """
    found: list[Thread] = []
    ends: dict[_Key, Thread] = {}
    for call in calls:
        asked = call.exchange.asked
        keys = list(_keys(call, asked))
        thread = _thread(call, keys, ends)
        if thread is None:
            thread = Thread(call)
            found.append(thread)
        else:
            thread.go_on(call)
        if keys:
            ends[keys[-1]] = thread
            *_, whole = _keys(call, (*asked, *call.exchange.answered))
            ends[whole] = thread
    return found


def _thread(call: Call, keys: list[_Key], ends: dict[_Key, Thread]) -> Thread | None:
    asked = call.exchange.asked
    for at in range(len(keys), 0, -1):
        thread = ends.get(keys[at - 1])
        if thread is None:
            continue
        last = thread.last.exchange
        if at == len(last.asked):
            goes_on = at < len(asked) and asked[at].role == "assistant"
            if goes_on or not last.answered:
                return thread
        elif at == len(last.asked) + len(last.answered) and at < len(asked):
            return thread
    return None


def _keys(call: Call, messages: Iterable[Message]) -> Iterator[_Key]:
    """A key for each beginning of the messages; different agents have different ones."""
    key = hash((call.step.agent, call.step.subagent))
    for message in messages:
        key = _key(key, message)
        yield key


def _key(before: _Key, message: Message) -> _Key:
    """What makes a message the same one when it is sent again."""
    calls = tuple((call.name, _same(call.arguments)) for call in message.tool_calls)
    return hash((before, message.role, message.content.strip(), calls))


def _same(arguments: str) -> str:
    """Arguments without the freedom that JSON leaves."""
    try:
        value = msgspec.json.decode(arguments)
        return msgspec.json.encode(value, order="sorted").decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError):
        return arguments


def _timed(messages: tuple[Message, ...], times: ToolTimes) -> tuple[Message, ...]:
    """Results with the time that their tools took."""
    calls = [call for message in messages for call in message.tool_calls]
    seconds = {call.id: times.by_call[call.id] for call in calls if call.id in times.by_call}
    for name, taken in times.by_name.items():
        open_calls = [call.id for call in calls if call.name == name and call.id not in seconds]
        # One more or less, and nobody knows which belongs to which.
        if len(open_calls) == len(taken):
            seconds |= dict(zip(open_calls, taken, strict=True))
    return tuple(
        structs.replace(message, seconds=seconds.get(message.tool_call_id or ""))
        if message.role == "tool"
        else message
        for message in messages
    )
