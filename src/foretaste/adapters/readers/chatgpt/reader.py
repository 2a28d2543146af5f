"""ChatGPT's export of a person's data: `conversations.json`, or `conversations-000.json`, ...

One JSON array of conversations, each a tree of messages.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import msgspec

from foretaste.adapters.readers.chatgpt import feedback
from foretaste.adapters.readers.chatgpt.tree import ROUND, Branch, Knot, active, others
from foretaste.adapters.readers.files.elements import elements
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.streams import Broken, Line, LogFile, chunks
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    failed,
    moment,
    read_files,
    reason_of,
    tags_of,
)
from foretaste.dialects.chatgpt import Node, path_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.said import Unreadable
from foretaste.records import Conversation, Dialogue, Failure, Gap, Label, Message

_TITLE = rb'"title"\s*:\s*(?:null|"(?:[^"\\]|\\.){0,200}+")'
_BEGINS = re.compile(rb"\{\s*" + _TITLE + rb'\s*,\s*"create_time"\s*:')
_TREE = re.compile(
    rb'"mapping"\s*:\s*\{\s*(?:\}|"[^"]*"\s*:\s*\{\s*"(?:id|message|parent|children)")'
)
_BESIDE = frozenset(
    [
        *(feedback.NAME, "user.json", "user_settings.json", "model_comparisons.json"),
        *("shared_conversations.json", "group_chats.json", "shopping.json", "sora.json"),
        *("export_manifest.json", "conversation_asset_file_names.json", "library_files.json"),
    ]
)
_TAGS = ("gizmo_id", "is_archived", "is_starred", "memory_scope")


class _Record(msgspec.Struct):
    mapping: dict[str, Knot]
    current_node: Any = None
    conversation_id: Any = None
    id: Any = None
    title: Any = None
    create_time: Any = None
    default_model_slug: Any = None
    gizmo_id: Any = None
    is_archived: Any = None
    is_starred: Any = None
    voice: Any = None
    memory_scope: Any = None


_RECORD = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatGPT:
    """Reads ChatGPT exports, unpacked or as the zip archive that they come in.

    Read is the path that the interface showed last; `branches: all` adds what editing a prompt or
    asking again left aside, each as a conversation with the messages before its fork as context.
    Such a branch has the tags `branch_of` (key of the conversation it leaves) and `fork`: `prompt`,
    or `answer` where the same prompt was answered again, then with `sibling_model`, whose answer
    stands at the same place of the other conversation.

    Thumbs up and down, from the `message_feedback.json` beside the conversations, are labels
    `rating` by `human`. What was really in the system prompt, tool schemas, settings and attached
    files are not in an export.

    Attributes:
        path: a file, folder, glob, zip archive, or `-` for standard input.
        where: tags (`gizmo_id`, `is_archived`, `is_starred`, ...) that a record must have to be
            read.
        branches: `active`, or `all`.
    """

    path: str
    where: dict[str, str | int] = field(default_factory=dict)
    branches: Literal["active", "all"] = "active"

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each conversation, or a `Failure` with its place in the array.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        ratings = feedback.ratings(self.path)

        def records(file: LogFile) -> Iterator[Conversation | Failure]:
            for record in elements(chunks(file), _BEGINS):
                if isinstance(record, Broken):
                    yield failed(file.name, record.number, record.reason)
                else:
                    yield from self._conversations(file.name, record, ratings)

        return read_files(self.path, records, self.where, self.recognizes, beside=_BESIDE)

    def _conversations(
        self, source: str, line: Line, ratings: Mapping[str, str]
    ) -> Iterator[Conversation | Failure]:
        """Every conversation of a record that is wanted."""
        try:
            record = _RECORD.decode(line.data)
            branches = [active(record.mapping, record.current_node)]
        except (msgspec.MsgspecError, UnicodeError, RecursionError, Unreadable) as error:
            yield failed(source, line.number, reason_of(error))
            return
        if self.branches == "all":
            branches += others(record.mapping, branches[0])
        for branch in branches:
            parse = partial(_parsed, record, branch, branches, ratings)
            found = attempt(source, line.number, parse)
            # A branch that was only opened says nothing of its own.
            if isinstance(found, Failure) or found.dialogue.own_from < len(found.dialogue.messages):
                yield found

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        return "mapping" in outline(head) and _TREE.search(head) is not None


def _parsed(
    record: _Record, branch: Branch, branches: list[Branch], ratings: Mapping[str, str]
) -> Parsed:
    """Read one path."""
    if branch.round:
        raise Unreadable(ROUND)
    raw = [record.mapping[name].message or None for name in branch.knots]
    at = [place for place, message in enumerate(raw) if message is not None]
    nodes = msgspec.convert([raw[place] for place in at], list[Node])
    path = path_of(nodes)
    if not path.messages and branch is branches[0]:
        raise Unreadable("no messages")
    own = [where for place, where in zip(at, path.places, strict=True) if place >= branch.own]
    own_from = min((where for where in own if where is not None), default=len(path.messages))
    started_at = moment(record.create_time)
    default = record.default_model_slug
    model = path.model or (default if isinstance(default, str) and default != "auto" else None)
    rated = zip((ratings.get(node.id or "") for node in nodes), path.places, strict=True)
    about = {name: getattr(record, name) for name in _TAGS}
    forked = _fork(record, branch, branches, path.messages[own_from:])
    lost = {*path.lost, Gap.SYSTEM, *(() if branch.whole else (Gap.TRUNCATED,))}
    dialogue = Dialogue(
        messages=path.messages,
        model=model or None,
        started_at=started_at,
        tags=tags_of(about | forked),
        gaps=gaps_of(
            path.messages,
            has={
                Gap.TOOLS: None,
                Gap.SETTINGS: None,
                Gap.MODEL: model,
                Gap.TIME: started_at,
                Gap.USER: None,
            },
            lost=lost,
        ),
        own_from=own_from if branch.own else 0,
        stop=path.stop,
        labels=tuple(
            Label(name="rating", value=rating, message=where, by="human")
            for rating, where in rated
            if rating and where is not None and where >= own_from
        ),
    )
    return dialogue, _key(record, branch, branches), None


def _key(record: _Record, branch: Branch, branches: list[Branch]) -> str | None:
    names = (record.conversation_id, record.id)
    name = next((name for name in names if isinstance(name, str) and name), None)
    return f"{name}#{branch.knots[-1]}" if name and branch is not branches[0] else name


def _fork(
    record: _Record, branch: Branch, branches: list[Branch], own: Sequence[Message]
) -> dict[str, str | None]:
    """Tags of a branch that leaves another one."""
    if branch.leaves < 0 or not own:
        return {}
    other = branches[branch.leaves]
    found = {"branch_of": _key(record, other, branches)}
    if own[0].role == "user":
        return found | {"fork": "prompt"}
    beside = (record.mapping[name].message for name in other.knots[branch.own :])
    models = (
        message["metadata"].get("model_slug")
        for message in beside
        if isinstance(message, dict) and isinstance(message.get("metadata"), dict)
    )
    return found | {"fork": "answer", "sibling_model": next(filter(None, models), None)}
