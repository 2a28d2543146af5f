"""Inspect's evaluation log: a zip archive with a file for each sample."""

import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, ClassVar

import msgspec
from msgspec import structs

from foretaste.carried import IDENTIFIES, KEY, arguments_of, beside, carried
from foretaste.records import JSON, Conversation, Dialogue, Label, Message, Stop

_UNKNOWN = "unknown"
_TASK = "conversations"
_STOPS = {Stop.FINAL: "stop", Stop.LENGTH: "max_tokens", Stop.FILTERED: "content_filter"}
_IN_MEMORY = 8 << 20  # bytes of summaries; more of them wait on disk
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # of a zip member nobody asks the time
_encode = msgspec.json.encode


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
        header = _header(first)
        number = 0
        with (
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
            SpooledTemporaryFile(_IN_MEMORY) as summaries,
        ):
            _add(archive, "_journal/start.json", header)
            for number, each in enumerate(chain([first] if first else [], waiting), 1):
                sample, found = _sample(each, number, header["eval"])
                counted.update(found)
                _add(archive, f"samples/{number}_epoch_1.json", sample)
                summaries.write(b"[" if number == 1 else b",")
                summaries.write(_encode(_summary(sample)))
            summaries.write(b"]" if number else b"[]")
            summaries.seek(0)
            with archive.open(_member("summaries.json"), "w", force_zip64=True) as target:
                copyfileobj(summaries, target)
            stats = {"started_at": "", "completed_at": "", "model_usage": {}, "role_usage": {}}
            results = {"total_samples": number, "completed_samples": number, "scores": []}
            whole = header | {"status": "success", "results": results, "stats": stats}
            _add(archive, "header.json", whole)
        return counted


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _add(archive: zipfile.ZipFile, name: str, value: JSON) -> None:
    archive.writestr(_member(name), _encode(value))


def _header(first: Conversation | None) -> dict[str, JSON]:
    """What the log says of all its samples; an Inspect log has one task and one model."""
    said = first.dialogue if first else None
    evaluation = {
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
    return {
        "version": 2,
        "eval": evaluation,
        "plan": {"name": "plan", "steps": [], "config": {}},
    }


def _summary(sample: Mapping[str, JSON]) -> dict[str, JSON]:
    names = ("id", "epoch", "input", "target", "scores", "uuid", "started_at")
    found = {name: sample[name] for name in names if name in sample}
    return found | {"completed": True, "message_count": len(sample["messages"])}


def _sample(
    whole: Conversation, number: int, evaluation: Mapping[str, JSON]
) -> tuple[dict[str, JSON], list[str]]:
    said = whole.dialogue
    messages = [_message(m, f"{whole.id}-{n}") for n, m in enumerate(said.messages)]
    answers = [m for m in messages if m["role"] == "assistant"]
    stop = said.stop if answers and said.stop in _STOPS else Stop.UNKNOWN
    choices = [{"message": m, "stop_reason": _STOPS.get(stop, "unknown")} for m in answers[-1:]]
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


def _message(message: Message, name: str) -> dict[str, JSON]:
    found: dict[str, JSON] = {"id": name, "role": message.role, "content": message.content}
    if message.role == "assistant":
        found["source"] = "generate"
        if message.reasoning:
            found["content"] = [
                {"type": "reasoning", "reasoning": message.reasoning},
                {"type": "text", "text": message.content},
            ]
        if message.tool_calls:
            found["tool_calls"] = [
                {
                    "id": call.id,
                    "function": call.name,
                    "arguments": arguments_of(call)[0],
                    "type": "function",
                }
                for call in message.tool_calls
            ]
    if message.role == "tool":
        found["tool_call_id"] = message.tool_call_id
        found["function"] = message.name
    return found


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
