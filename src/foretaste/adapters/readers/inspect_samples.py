"""One sample of an Inspect log, from its JSON to a record."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import structs

from foretaste.adapters.readers.files.constants import without_constants
from foretaste.adapters.readers.reading import Parsed, tags_of, time_of
from foretaste.carried import KEY, restored
from foretaste.dialects import inspect
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Dialogue, Gap, Label, Stop

_STOPS = {
    "stop": Stop.FINAL,
    "max_tokens": Stop.LENGTH,
    "length": Stop.LENGTH,
    "model_length": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
}
_LIMITS = {
    "context": Stop.LENGTH,
    "time": Stop.TIME_LIMIT,
    "working": Stop.TIME_LIMIT,
    "message": Stop.TURN_LIMIT,
    "turn": Stop.TURN_LIMIT,
    "token": Stop.TOKEN_LIMIT,
}
# Of Inspect's options those that change what a model says; the others are about transport.
_SETTINGS = {
    "stop_seqs": "stop",
    **{
        name: name
        for name in (
            *("temperature", "top_p", "top_k", "max_tokens", "seed", "frequency_penalty"),
            *("presence_penalty", "logit_bias", "reasoning_effort", "reasoning_tokens"),
            *("verbosity", "parallel_tool_calls"),
        )
    },
}
_MOST_MESSAGES = 100_000  # that references to a pool may come to


class _Evaluation(msgspec.Struct):
    task: str | None = None
    model: str | None = None
    model_roles: dict[str, Any] | None = None
    model_generate_config: dict[str, Any] | None = None


class _Plan(msgspec.Struct):
    config: dict[str, Any] | None = None


class Header(msgspec.Struct):
    """What a log says of all its samples."""

    eval: _Evaluation = msgspec.field(default_factory=_Evaluation)
    plan: _Plan | None = None


class _Choice(msgspec.Struct):
    message: dict[str, Any] | None = None
    stop_reason: str | None = None


class _Output(msgspec.Struct):
    model: str | None = None
    choices: list[_Choice] | None = None


class _Event(msgspec.Struct):
    event: str
    role: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    config: dict[str, Any] | None = None
    input: msgspec.Raw = msgspec.Raw(b"[]")  # the whole conversation, in logs without pools
    input_refs: list[tuple[int, int]] | None = None
    output: _Output | None = None
    id: str | None = None  # of the tool call
    working_time: float | None = None


class _Pools(msgspec.Struct):
    messages: list[Any] | None = None


class _Kind(msgspec.Struct):
    type: str | None = None


class _Sample(msgspec.Struct):
    id: int | str
    epoch: int = 1
    messages: list[dict[str, Any]] | None = None
    output: _Output | None = None
    scores: dict[str, Any] | None = None
    score: Any = None  # in the oldest logs, which had one
    metadata: dict[str, Any] | None = None
    started_at: str | None = None
    uuid: str | None = None
    error: Any = None
    limit: _Kind | None = None
    attachments: dict[str, str] | None = None
    events: list[msgspec.Raw] | None = None
    events_data: _Pools | None = None


_SAMPLE = msgspec.json.Decoder(_Sample)
_EVENT = msgspec.json.Decoder(_Event)


def parsed(data: bytes, header: Header) -> Parsed:
    """Read one sample.

    Raises:
        Unreadable: it holds no conversation.
        msgspec.MsgspecError: it has not the shape of a sample.
    """
    sample = _SAMPLE.decode(without_constants(data))
    attachments = sample.attachments or {}
    events = list(_events(sample.events or []))
    raw = sample.messages or _of_events(events, sample.events_data)
    said = inspect.said(inspect.restored(raw, attachments))
    metadata = sample.metadata or {}
    answered = any(message.role == "assistant" for message in said.messages)
    if not answered and KEY not in metadata:
        raise Unreadable("the sample failed" if sample.error else "no answer")
    own = _own(events, raw)
    timed = {e.id: e.working_time for e in events if e.event == "tool" and e.working_time}
    messages = tuple(
        structs.replace(m, seconds=timed[m.tool_call_id])
        if m.role == "tool" and m.tool_call_id in timed
        else m
        for m in said.messages
    )
    settings = _settings(own, header)
    tools = tuple(
        {"type": "function", "function": inspect.restored(tool, attachments)}
        for tool in (own.tools if own and own.tools else ())
    )
    output = sample.output or _Output()
    model = output.model or header.eval.model or None
    started_at = time_of(sample.started_at)
    dialogue = Dialogue(
        messages=messages,
        settings=settings,
        tools=tools,
        model=model,
        started_at=started_at,
        tags=tags_of(metadata | _about(sample, header)),
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: settings,
                Gap.TOOLS: tools,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: None,
            },
            lost=said.lost,
        ),
        stop=_stop(sample, output),
        labels=tuple(_labels(sample)),
    )
    key = sample.uuid or f"{sample.id}_epoch_{sample.epoch}"
    return restored(dialogue, key, None, metadata.get(KEY))


def _events(raw: list[msgspec.Raw]) -> Iterator[_Event]:
    """Calls of models and tools; an event of another shape says nothing to us."""
    for each in raw:
        try:
            event = _EVENT.decode(each)
        except msgspec.ValidationError:
            continue
        if event.event in ("model", "tool"):
            yield event


def _answer(event: _Event) -> dict[str, Any] | None:
    choices = event.output.choices if event.output else None
    return choices[0].message if choices else None


def _of_events(events: list[_Event], pools: _Pools | None) -> list[Any]:
    """What was said in the last model call, where the sample itself does not say."""
    called = [event for event in events if event.event == "model" and _answer(event)]
    if not called:
        return []
    last = called[-1]
    before = msgspec.json.decode(last.input)
    pool = (pools.messages if pools else None) or []
    refs = last.input_refs or []
    if sum(max(0, end - start) for start, end in refs) > _MOST_MESSAGES:
        raise Unreadable(f"more than {_MOST_MESSAGES} messages")
    pooled = [message for start, end in refs for message in pool[max(0, start) : max(0, end)]]
    return [*(pooled or (before if isinstance(before, list) else [])), _answer(last)]


def _own(events: list[_Event], messages: list[Any]) -> _Event | None:
    """The last model call that answered in this conversation: scorers ask models too."""
    called = [event for event in events if event.event == "model"]
    ids = {m.get("id") for m in messages if isinstance(m, dict) and isinstance(m.get("id"), str)}
    own = [event for event in called if (_answer(event) or {}).get("id", 0) in ids]
    likely = own or [event for event in called if event.role is None]
    return likely[-1] if likely else None


def _settings(own: _Event | None, header: Header) -> dict[str, JSON]:
    """Sampling settings by OpenAI's names: the call's own, else those of the whole log."""
    general = {
        **(header.eval.model_generate_config or {}),
        **((header.plan.config if header.plan else None) or {}),
    }
    config = own.config if own and own.config else general
    found = {
        _SETTINGS[name]: value
        for name, value in config.items()
        if name in _SETTINGS and value is not None
    }
    match own.tool_choice if own else None:
        case "any":
            found["tool_choice"] = "required"
        case {"name": str(name)}:
            found["tool_choice"] = {"type": "function", "function": {"name": name}}
        case "none":
            found["tool_choice"] = "none"
    return found


def _about(sample: _Sample, header: Header) -> dict[str, object]:
    """What the log says of a sample, as tags."""
    found: dict[str, object] = {"sample": sample.id, "epoch": sample.epoch}
    if header.eval.task:
        found["task"] = header.eval.task
    if sample.limit and sample.limit.type:
        found["limit"] = sample.limit.type
    if sample.error:
        found["error"] = True
    for role, model in (header.eval.model_roles or {}).items():
        if isinstance(model, dict) and isinstance(model.get("model"), str):
            found[f"role_{role}"] = model["model"]
    return found


def _stop(sample: _Sample, output: _Output) -> Stop:
    if sample.limit is not None:
        return _LIMITS.get(sample.limit.type or "", Stop.UNKNOWN)
    if sample.error or not output.choices:
        return Stop.UNKNOWN
    return _STOPS.get(output.choices[0].stop_reason or "", Stop.UNKNOWN)


def _labels(sample: _Sample) -> Iterator[Label]:
    """Scores by their scorers' names; each part of one that has parts."""
    scores = sample.scores or ({"score": sample.score} if sample.score else {})
    for name, score in scores.items():
        if not isinstance(score, dict):
            continue
        value = score.get("value")
        by = "human" if _by_hand(score.get("history")) else name
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, each in parts:
            if isinstance(each, int) and not isinstance(each, bool):
                each = float(each)  # noqa: PLW2901  # one type of number
            if isinstance(each, str | float | bool):
                yield Label(name=f"{name}/{part}" if part else name, value=each, by=by)


def _by_hand(history: JSON) -> bool:
    """Whether the value was set by a person: only an edit names who made it."""
    edits = (
        [edit for edit in history if isinstance(edit, dict)] if isinstance(history, list) else []
    )
    valued = [edit for edit in edits if edit.get("value", "UNCHANGED") != "UNCHANGED"]
    return bool(valued) and isinstance(valued[-1].get("provenance"), dict)
