"""Inspect's evaluation log: a zip archive with a file for each sample."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import IO, ClassVar

from msgspec import structs

from foretaste.carried import IDENTIFIES, KEY, arguments_of, beside, carried
from foretaste.evallog import STOPS, Archive, message_of
from foretaste.records import JSON, Conversation, Dialogue, Label, Message, Stop

_UNKNOWN = "unknown"
_TASK = "conversations"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectEval:
    """Writes a log that `inspect view` and `read_eval_log` open; needs no Inspect.

    Each conversation is a sample of its own, numbered from 1; its id is the sample's `uuid`. Labels
    of whole conversations are scores. There are no events, so tools and settings stand in the
    sample's `metadata` alone.
    """

    endings: ClassVar[tuple[str, ...]] = (".eval",)
    text: ClassVar[bool] = False

    def __call__(
        self, conversations: Iterable[Conversation], stream: IO[bytes]
    ) -> Mapping[str, int]:
        """Write them all; give what only `foretaste` holds of how many of them."""
        counted: Counter[str] = Counter()
        waiting = iter(conversations)
        first = next(waiting, None)
        evaluation = _evaluation(first)
        with Archive(stream, evaluation) as archive:
            for number, each in enumerate(chain([first] if first else [], waiting), 1):
                sample, found = _sample(each, number, evaluation)
                counted.update(found)
                archive.add(sample)
        return counted


def _evaluation(first: Conversation | None) -> dict[str, JSON]:
    """What the log says of all its samples; an Inspect log has one task and one model."""
    said = first.dialogue if first else None
    return {
        "eval_id": first.id[:22] if first else _UNKNOWN,
        "run_id": first.id[:22] if first else _UNKNOWN,
        "created": ((said and said.started_at) or _EPOCH).isoformat(),
        "task": (said and said.tags.get("task")) or _TASK,
        "task_id": "",
        "task_version": 0,
        "dataset": {"name": first.source if first else _UNKNOWN},
        "model": (said and said.model) or _UNKNOWN,
        "config": {},
    }


def _sample(
    whole: Conversation, number: int, evaluation: Mapping[str, JSON]
) -> tuple[dict[str, JSON], list[str]]:
    said = whole.dialogue
    messages = [message_of(m, f"{whole.id}-{n}") for n, m in enumerate(said.messages)]
    answers = [m for m in messages if m["role"] == "assistant"]
    stop = said.stop if answers and said.stop in STOPS else Stop.UNKNOWN
    choices = [{"message": m, "stop_reason": STOPS.get(stop, "unknown")} for m in answers[-1:]]
    scores, labels = _scores(said.labels, (said.started_at or _EPOCH).isoformat())
    tags = {n: v for n, v in said.tags.items() if n not in IDENTIFIES and n != KEY}
    held = carried(
        whole,
        dialogue=Dialogue(
            messages=tuple(_as_read(m, at) for at, m in enumerate(said.messages)),
            model=said.model or evaluation["model"],
            started_at=said.started_at and said.started_at.astimezone(UTC),
            tags=tags | {"task": evaluation["task"], "sample": str(number), "epoch": "1"},
            stop=stop,
            labels=labels,
        ),
        key=whole.key or f"{number}_epoch_1",
        user=None,
    )
    asked = next((m.content for m in said.messages if m.role == "user"), "")
    sample = {
        "id": number,
        "epoch": 1,
        "input": asked,
        "target": "",
        "messages": messages,
        "output": {"model": said.model or "", "choices": choices},
        "scores": scores,
        "metadata": tags | {KEY: held},
        "store": {},
        "events": [],
        "model_usage": {},
        "attachments": {},
    }
    if said.started_at:
        sample["started_at"] = said.started_at.isoformat()
    if whole.key:
        sample["uuid"] = whole.key
    found = [name for name in beside(held) if name != "tags"]  # which `metadata` shows as well
    return sample, found


def _as_read(message: Message, at: int) -> Message:
    """What a reader makes of it."""
    plain = Message(role=message.role, content=message.content)
    if message.role == "tool":
        return structs.replace(plain, name=message.name, tool_call_id=message.tool_call_id)
    if message.role != "assistant":
        return plain
    return structs.replace(
        plain,
        reasoning=message.reasoning or None,
        tool_calls=tuple(
            structs.replace(call, id=call.id or f"call_{at}_{n}", arguments=arguments_of(call)[1])
            for n, call in enumerate(message.tool_calls)
        ),
    )


def _scores(labels: Iterable[Label], at: str) -> tuple[dict[str, JSON], tuple[Label, ...]]:
    """Labels of whole conversations as scores, and as a reader reads those."""
    scores: dict[str, JSON] = {}
    as_read = []
    for label in labels:
        if label.message is not None or label.name in scores:
            continue
        score: dict[str, JSON] = {"value": label.value}
        by_hand = label.by == "human"
        if by_hand:
            edit = {"value": label.value, "provenance": {"timestamp": at, "author": "human"}}
            score["history"] = [edit]
        scores[label.name] = score
        as_read.append(replace(label, by="human" if by_hand else label.name))
    return scores, tuple(as_read)
