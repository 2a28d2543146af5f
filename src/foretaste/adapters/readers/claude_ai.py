"""The export of Claude.ai: `conversations.json`, in its zip archive or taken out of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.outline import outlines
from foretaste.adapters.readers.files.streams import Broken, LogFile
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    time_of,
)
from foretaste.dialects.anthropic import said
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.errors import PlanError
from foretaste.records import JSON, Conversation, Dialogue, Failure, Gap, Label, Message

_LINE = re.compile(rb'\s*+(?!\[)[^\n]*?"[\w-]+"[ \t]*:')
_BEGINS = re.compile(rb'\{\s*"uuid"\s*:\s*"[^"]{0,100}"\s*,\s*"name"\s*:')
_ROLES = {"human": "user", "assistant": "assistant"}
_SHOWN_ONLY = ("token_budget", "flag")  # blocks that the model never saw
_BESIDE = frozenset({"users.json", "projects.json", "memories.json", "design_chats.json"})


class _Attachment(msgspec.Struct):
    file_name: Any = None
    extracted_content: Any = None


class _Said(msgspec.Struct):
    sender: str
    uuid: str | None = None
    parent_message_uuid: str | None = None
    text: str | None = None
    content: list[dict[str, Any]] | None = None
    created_at: Any = None
    attachments: list[_Attachment] | None = None
    files: list[Any] | None = None
    truncated: Any = None
    chat_feedback: Any = None


class _Account(msgspec.Struct):
    uuid: str | None = None


class _Record(msgspec.Struct):
    uuid: str
    chat_messages: list[_Said]
    account: _Account | None = None
    model: Any = None
    created_at: Any = None
    current_leaf_message_uuid: Any = None


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeAI:
    """Reads the conversations of a Claude.ai export.

    Where the user changed a question or asked for another answer, the way that was gone last is
    read. The text that was taken from an attached file stands before the question.

    Attributes:
        path: the archive, or a file, folder, glob, or `-` for standard input.
        where: tags that a record must have to be read; the format has none.
        branches: `active`, or `all` for answers and questions that were left too; what branches
            share counts once.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)
    branches: Literal["active", "all"] = "active"

    def __post_init__(self) -> None:
        if self.branches not in ("active", "all"):
            raise PlanError(f"claude-ai: branches is {self.branches!r}; it is `active` or `all`")

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its record number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._every(), self.where)

    def _every(self) -> Iterator[Conversation | Failure]:
        for file in known_files(self.path, self.recognizes, beside=_BESIDE):
            if isinstance(file, Failure):
                yield file
            else:
                yield from self._conversations(file)

    def _conversations(self, file: LogFile) -> Iterator[Conversation | Failure]:
        for record in lines_or_elements(file, _LINE, _BEGINS):
            if isinstance(record, Broken):
                yield failed(file.name, record.number, record.reason)
                continue
            first = attempt(file.name, record.number, partial(_parsed, record.data, 0))
            yield first
            if self.branches == "all" and isinstance(first, Conversation):
                for branch in range(1, len(_ways(_RECORD.decode(record.data)))):
                    way = partial(_parsed, record.data, branch)
                    yield attempt(file.name, record.number, way)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return any({"uuid", "chat_messages"} <= found.keys() for found in outlines(head))


def _parsed(data: bytes, branch: int) -> Parsed:
    """Read one way through a conversation; the first is the active one."""
    record = _RECORD.decode(data)
    every = _ways(record)
    if not every:
        raise Unreadable("no messages")
    way = every[branch]
    before = {id(each) for other in every[:branch] for each in other}
    messages: list[Message] = []
    labels: list[Label] = []
    lost: set[Gap] = set()
    own_from = 0
    for each in way:
        found = said([{"role": _role(each), "content": _blocks(each, len(messages), lost)}])
        messages += found.messages
        lost |= found.lost
        if id(each) in before:
            own_from = len(messages)
        else:
            labels += _labels(each, len(messages) - 1)
    started_at = time_of(_time(record.created_at) or _time(way[0].created_at))
    user = record.account.uuid if record.account else None
    model = record.model if isinstance(record.model, str) and record.model else None
    dialogue = Dialogue(
        messages=tuple(messages),
        model=model,
        started_at=started_at,
        gaps=gaps_of(
            messages,
            has={
                Gap.SETTINGS: None,
                Gap.TOOLS: None,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: user,
            },
            lost=lost,
        ),
        own_from=own_from,
        labels=tuple(labels),
    )
    return dialogue, record.uuid if branch == 0 else f"{record.uuid}:{way[-1].uuid}", user


def _ways(record: _Record) -> list[list[_Said]]:
    """Every way from the first message to a last one, the active one first.

    An older export has no tree: its messages follow each other.
    """
    every = record.chat_messages
    if not any(each.parent_message_uuid for each in every):
        return [every] if every else []
    nodes: dict[str, _Said] = {}
    for each in every:
        nodes.setdefault(each.uuid or "", each)
    inner = {each.parent_message_uuid for each in every}
    ends = [each for each in every if each.uuid not in inner] or every[-1:]
    active = nodes.get(str(record.current_leaf_message_uuid), ends[-1])
    return [_way(end, nodes) for end in [active, *(e for e in ends if e is not active)]]


def _way(end: _Said, nodes: dict[str, _Said]) -> list[_Said]:
    found: dict[int, _Said] = {}
    at: _Said | None = end
    while at is not None and id(at) not in found:
        found[id(at)] = at
        at = nodes.get(at.parent_message_uuid or "-")
    return list(reversed(found.values()))


def _role(each: _Said) -> str:
    role = _ROLES.get(each.sender)
    if role is None:
        raise Unreadable("unknown sender of a message")
    return role


def _blocks(each: _Said, at: int, lost: set[Gap]) -> list[JSON]:
    """A message's blocks as Anthropic's API has them; calls and results get ids where they lack."""
    given = [block for block in each.content or () if block.get("type") not in _SHOWN_ONLY]
    if not given:
        given = [{"type": "text", "text": each.text or ""}]
    blocks: list[JSON] = [*_attached(each, lost)]
    still_open: list[JSON] = []
    for n, block in enumerate(given):
        if block.get("type") == "tool_use":
            named = block.get("id") or f"call_{at}_{n}"
            still_open.append(named)
            blocks.append(block | {"id": named})
        elif block.get("type") == "tool_result":
            named = block.get("tool_use_id") or (still_open[0] if still_open else f"call_{at}_{n}")
            if named in still_open:
                still_open.remove(named)
            blocks.append(block | {"tool_use_id": named})
        else:
            blocks.append(block)
    if each.truncated is True:
        lost.add(Gap.TRUNCATED)
    return blocks


def _attached(each: _Said, lost: set[Gap]) -> Iterator[JSON]:
    """Files whose text the export holds, which the model read before the question."""
    read = set()
    for one in each.attachments or ():
        if isinstance(one.extracted_content, str) and one.extracted_content:
            read.add(str(one.file_name))
            source = {"type": "text", "data": one.extracted_content}
            yield {"type": "document", "title": one.file_name, "source": source}
        else:
            lost.add(Gap.ATTACHMENTS)
    names = (one.get("file_name") if isinstance(one, dict) else None for one in each.files or ())
    if any(str(name) not in read for name in names):
        lost.add(Gap.ATTACHMENTS)


def _labels(each: _Said, message: int) -> Iterator[Label]:
    """What the user thought of an answer."""
    kind = each.chat_feedback.get("type") if isinstance(each.chat_feedback, dict) else None
    if isinstance(kind, str) and kind:
        yield Label(name="feedback", value=kind, message=message, by="human")


def _time(value: JSON) -> float | str | None:
    return value if isinstance(value, str | int | float) and value else None
