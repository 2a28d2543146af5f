"""Makes conversations of the model calls that a tracer wrote down one by one."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from msgspec import structs

from foretaste.adapters.readers.origins import origin_of
from foretaste.adapters.readers.reading import Parsed, attempt, tags_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.dialects.sniffed import Sniffed
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap, Label, Message


class Call(NamedTuple):
    """One call of a model."""

    id: str
    above: tuple[str, ...]  # what it ran within, innermost first: spans, its trace, its session
    asked: Sniffed
    answered: Sniffed
    settings: dict[str, JSON]
    tools: tuple[JSON, ...]
    model: str | None
    started_at: datetime | None
    tags: Mapping[str, JSON]
    user: str | None
    source: str
    number: int
    is_within_tool: bool = False  # of another agent: it is a subagent's
    trace: str = ""  # id, where those who wrote it down can be told by it


class Finding(NamedTuple):
    """What was found about a call, or about all that ran within something."""

    about: str
    label: Label


class Ran(NamedTuple):
    """One run of a tool."""

    name: str
    call: str | None  # ToolCall.id, where the log says so
    seconds: float


def conversations(
    name: str, calls: Sequence[Call], findings: Iterable[Finding], ran: Sequence[Ran]
) -> Iterator[Conversation | Failure]:
    """Make the conversations of a session; the first has its name as key.

    Args:
        name: the session's, or its trace's where it has none.
        calls: the calls that answered, in order.
        findings: about anything in the session.
        ran: the session's runs of tools, in order.
    """
    found = _placed(findings, calls)
    for n, chain in enumerate(chains(calls)):
        key = name if n == 0 else f"{name}/{chain[0].id or n}"
        about = [finding for call in chain for finding in found.get(call.id, ())]
        make = partial(_parsed, chain, key, about, ran)
        yield attempt(chain[0].source, chain[0].number, make)


def answer(asked: Sniffed, answered: Sniffed) -> Sniffed:
    """What a model said; of a graph's state that repeats what was asked, only what came after it.

    Raises:
        Unreadable: nothing of it is the assistant's.
    """
    said = answered.messages
    if len(said) > len(asked.messages) and said[: len(asked.messages)] == asked.messages:
        said = said[len(asked.messages) :]
    if said[0].role != "assistant":
        raise Unreadable("the answer is not the assistant's")
    return answered._replace(messages=said)


def chains(calls: Iterable[Call]) -> list[list[Call]]:
    """Join each call to the one that it goes on from, whose input and answer its input begins with.

    A call whose input holds no earlier one begins anew: another agent's, another sample of the same
    answer, or a context that was cut or summed up. System prompts may change on the way.
    """
    found: list[list[Call]] = []
    ends: dict[bytes, list[Call]] = {}
    for call in calls:
        names = list(_names(call.asked.messages))
        chain = next((ends.pop(name) for name in reversed(names) if name in ends), None)
        if chain is None:
            chain = []
            found.append(chain)
        chain.append(call)
        ends[_name((*call.asked.messages, *call.answered.messages))] = chain
    return found


def _parsed(
    chain: Sequence[Call], key: str, findings: Iterable[Finding], ran: Sequence[Ran]
) -> Parsed:
    """Make one conversation of calls that go on from each other.

    What was asked in the first of them is context, as other records may hold it.
    """
    first, last = chain[0], chain[-1]
    messages = [*last.asked.messages, *last.answered.messages]
    places = [_answer_at(call, messages) for call in chain]
    for call, at in zip(chain, places, strict=True):
        thought = call.answered.messages[0].reasoning
        if thought and not messages[at].reasoning:
            messages[at] = structs.replace(messages[at], reasoning=thought)
    messages = _timed(messages, ran)
    asked_first = any(message.role == "assistant" for message in first.asked.messages)
    # A lone call may be one of many in an agent's turn; of those only the last one counts.
    own_from = places[0] if asked_first or len(chain) == 1 else 0
    tools = next((c for call in reversed(chain) if (c := call.asked.tools or call.tools)), ())
    settings = last.settings | last.asked.settings
    model = last.answered.model or last.model or last.asked.model
    user = next((call.user for call in reversed(chain) if call.user), None)
    tags: dict[str, JSON] = {}
    for call in chain:
        tags |= call.tags
    if any(call.is_within_tool for call in chain):
        tags["subagent"] = True
    origins: dict[str, str] = {}
    for call, at in zip(chain, places, strict=True):
        origins |= origin_of(at, call.trace, call.id)
    lost = set(last.asked.lost).union(*(call.answered.lost for call in chain))
    dialogue = Dialogue(
        messages=tuple(messages),
        settings=settings,
        tools=tools,
        model=model,
        started_at=first.started_at,
        tags=tags_of(tags),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: tools,
                Gap.MODEL: model,
                Gap.TIME: first.started_at,
                Gap.USER: user,
            },
            lost=lost,
        ),
        own_from=own_from,
        stop=last.answered.stop,
        labels=tuple(_labels(chain, places, findings)),
        origins=origins,
    )
    return dialogue, key, user


def _placed(findings: Iterable[Finding], calls: Sequence[Call]) -> dict[str, list[Finding]]:
    """Give each finding to one call: the one it is about, or the last that ran within that.

    Of several that did, one of the main agent's goes before a subagent's.
    """
    targets: dict[str, Call] = {}
    for call in calls:
        for name in call.above:
            before = targets.get(name)
            if before is None or before.is_within_tool or not call.is_within_tool:
                targets[name] = call
    targets |= {call.id: call for call in calls}
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.about in targets:
            found.setdefault(targets[finding.about].id, []).append(finding)
    return found


def _labels(
    chain: Sequence[Call], places: Sequence[int], findings: Iterable[Finding]
) -> Iterator[Label]:
    """Labels on the message of their call, or on all where all of it is meant."""
    at = {call.id: place for call, place in zip(chain, places, strict=True)}
    within = Counter(name for call in chain for name in {*call.above})
    for about, label in findings:
        if about in at:
            yield replace(label, message=at[about])
        elif within[about] == len(chain):
            yield label
        elif within[about]:
            last = [call.id for call in chain if about in call.above][-1]
            yield replace(label, message=at[last])


def _timed(messages: Sequence[Message], ran: Sequence[Ran]) -> list[Message]:
    """Results with the seconds that their tool took.

    Runs that name no call are given to the calls of their tool in order, and only where there are
    as many of the one as of the other.
    """
    seconds = {run.call: run.seconds for run in ran if run.call}
    calls = [call for message in messages for call in message.tool_calls]
    asked = Counter(call.name for call in calls)
    unnamed = [run for run in ran if not run.call]
    done = Counter(run.name for run in unnamed)
    queues = {
        name: iter([run.seconds for run in unnamed if run.name == name])
        for name, count in done.items()
        if count == asked[name]
    }
    for call in calls:
        if call.name in queues:
            seconds.setdefault(call.id, next(queues[call.name]))
    return [
        structs.replace(message, seconds=seconds[message.tool_call_id])
        if message.role == "tool" and message.tool_call_id in seconds
        else message
        for message in messages
    ]


def _answer_at(call: Call, messages: Sequence[Message]) -> int:
    """Where the answer of a call lies in the conversation that goes on from it."""
    asked = sum(message.role != "system" for message in call.asked.messages)
    for at, message in enumerate(messages):
        if message.role != "system":
            if asked == 0:
                return at
            asked -= 1
    return len(messages) - 1


def _names(messages: Iterable[Message]) -> Iterator[bytes]:
    """A name for what was said up to each message; system prompts count for nothing."""
    digest = hashlib.blake2b(digest_size=16)
    for message in messages:
        if message.role == "system":
            continue
        parts = (message.role, message.content.strip(), *(c.name for c in message.tool_calls))
        for part in parts:
            raw = part.encode()
            digest.update(b"%d:" % len(raw) + raw)
        digest.update(b";")
        yield digest.copy().digest()


def _name(messages: Iterable[Message]) -> bytes:
    name = b""
    for name in _names(messages):  # noqa: B007 (the last one)
        pass
    return name
