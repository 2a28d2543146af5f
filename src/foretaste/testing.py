"""Parts for tests: a model that says what it is told to, and checks that every plug-in keeps."""

import copy
import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import msgspec

from foretaste.errors import ItemFailed, ModelUnavailable, PlanError
from foretaste.findings import Study
from foretaste.protocols import Exporter, Graded, Model, Reply, Request
from foretaste.records import JSON, Message, Stop, ToolCall, Usage, identity

QUESTION = Request(
    messages=(
        Message(role="system", content="Answer briefly."),
        Message(role="user", content="What is the capital of France?"),
    ),
    settings={"temperature": 0.7, "max_tokens": 8},
    seed=20261121,
)
"""A plain request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a scripted model says.

    Args:
        say: the answer.
        when: regular expression that the last message must hold; empty fits every message.
        share: share of seeds that get this answer where it fits, from 0 to 1.
        calls: tools that it calls with it, each with its `name` and its `arguments`: a mapping,
            or any text, as models write broken JSON too.
    """

    say: str = ""
    when: str = ""
    share: float = 1.0
    calls: tuple[dict[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedModel:
    """A model whose behavior is planted: what it says, to what, and how often.

    The seed of a request decides by hash, so that over many requests each line gets its share,
    and the same request gets the same answer. Among the lines that fit a message the shares add
    up in order; seeds beyond their sum get `default`.

    Args:
        replies: the lines; mappings with a `Line`'s fields will do.
        default: what it says otherwise.
        fail_share: share of seeds whose request fails.
        name: the model's name; models of different names draw independently.
    """

    replies: tuple[Line, ...] = ()
    default: str = "Of course."
    fail_share: float = 0.0
    name: str = "scripted"
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            lines = tuple(
                line if isinstance(line, Line) else msgspec.convert(line, Line)
                for line in self.replies
            )
            patterns = tuple(re.compile(line.when) for line in lines)
        except (msgspec.ValidationError, re.error) as error:
            raise PlanError(f"scripted model {self.name!r}: {error}") from error
        for share in (self.fail_share, *(line.share for line in lines)):
            if not 0 <= share <= 1:
                raise PlanError(f"scripted model {self.name!r}: share {share} is not in 0 to 1")
        object.__setattr__(self, "replies", lines)
        object.__setattr__(self, "_patterns", patterns)

    async def __call__(self, request: Request) -> Reply:
        """Say the line that the request's seed draws.

        Raises:
            ItemFailed: for `fail_share` of the seeds.
        """
        if self._draw("fail", request.seed) < self.fail_share:
            raise ItemFailed("scripted failure")
        heard = request.messages[-1].content if request.messages else ""
        line = self._line(heard, self._draw("say", request.seed))
        calls = tuple(_call(n, each) for n, each in enumerate(line.calls, len(request.messages)))
        return Reply(
            message=Message(role="assistant", content=line.say, tool_calls=calls),
            stop=Stop.FINAL,
            asked_model=self.name,
            answered_model=self.name,
            sent=dict(request.settings),
            usage=Usage(
                input_tokens=sum(len(m.content.split()) for m in request.messages),
                output_tokens=len(line.say.split()) + len(calls),
            ),
        )

    def _line(self, heard: str, draw: float) -> Line:
        reached = 0.0
        for line, pattern in zip(self.replies, self._patterns, strict=True):
            if pattern.search(heard):
                reached += line.share
                if draw < reached:
                    return line
        return Line(say=self.default)

    def _draw(self, what: str, seed: int) -> float:
        return int(identity(what, self.name, seed)[:13], 16) / 16**13


def _call(number: int, written: dict[str, JSON]) -> ToolCall:
    arguments = written.get("arguments", {})
    text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
    return ToolCall(id=f"call-{number}", name=str(written.get("name", "")), arguments=text)


async def check_model(
    model: Model, request: Request = QUESTION, *, repeatable: bool = False
) -> Reply | None:
    """Check what every model must keep, on one request.

    It answers with an assistant message under a name, or fails as the port says; it leaves the
    request as it was; it can be entered again after it was left; every setting it was asked for
    is accounted for as sent or dropped.

    Args:
        model: the model; entered and left here where it is a context manager.
        request: what to ask.
        repeatable: the same seed must give the same message.

    Returns:
        The answer, or None where the request failed as it may.

    Raises:
        AssertionError: the model breaks the contract.
    """
    before = copy.deepcopy(request)
    replies = [await _asked(model, request) for _ in range(2)]
    _require(request == before, "the model changed the request")
    first, second = replies
    if first is None:
        return None
    _require(first.message.role == "assistant", "the answer is no assistant message")
    _require(bool(first.asked_model), "the reply does not say which model was asked")
    accounted = first.sent.keys() | {name.partition(" ")[0] for name in first.dropped}
    _require(request.settings.keys() <= accounted, "a setting is neither sent nor dropped")
    if repeatable:
        _require(
            second is not None and second.message == first.message,
            "the same seed gave another answer",
        )
    return first


def check_exporter(
    exporter: Exporter, study: Study, graded: Sequence[Graded]
) -> Mapping[str, bytes]:
    """Check what every exporter that writes files must keep, on the answers of one run.

    It opens only files that it announces, each once; counts every verdict, the ungraded ones too;
    links no more of them than there are; and writes the same bytes for the same run.

    Returns:
        What it wrote, by file name.

    Raises:
        AssertionError: the exporter breaks the contract.
    """
    first, again = (_exported(exporter, study, graded) for _ in range(2))
    _require(first == again, "the same run was written in two ways")
    return first


def _exported(exporter: Exporter, study: Study, graded: Sequence[Graded]) -> dict[str, bytes]:
    streams: dict[str, BytesIO] = {}

    def opened(name: str) -> BytesIO:
        _require(name in exporter.files, "a file is opened that was not announced")
        _require(name not in streams, "a file is opened twice")
        streams[name] = BytesIO()
        return streams[name]

    counts = exporter(study, iter(graded), opened)
    verdicts = sum(len(each.verdicts) for each in graded)
    _require(counts.get("verdicts") == verdicts, "a verdict is left out, or counted twice")
    _require(0 <= counts.get("linked", 0) <= verdicts, "more verdicts are linked than there are")
    _require(not any(each.closed for each in streams.values()), "a stream is closed: not its own")
    return {name: stream.getvalue() for name, stream in streams.items()}


async def _asked(model: Model, request: Request) -> Reply | None:
    try:
        async with AsyncExitStack() as stack:
            opened: Any = model
            if hasattr(opened, "__aenter__"):
                await stack.enter_async_context(opened)
            answer = await model(request)
    except (ItemFailed, ModelUnavailable) as error:
        _require(bool(str(error)), "a failure does not say why")
        return None
    _require(isinstance(answer, Reply), "the answer is no Reply")
    return answer


def _require(kept: bool, rule: str) -> None:  # noqa: FBT001  (reads as a sentence where it is used)
    if not kept:
        raise AssertionError(rule)
