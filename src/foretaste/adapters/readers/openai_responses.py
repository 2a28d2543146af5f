"""OpenAI Responses: calls with their input, joined along the chain that they form.

Read are a proxy's pair `{"request": {...}, "response": {...}}`, where the response may be the
events of a stream, and a stored response with its `input_items` (or `input`) in it or beside it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, NamedTuple

import msgspec

from foretaste.adapters.readers.files.elements import lines_or_elements
from foretaste.adapters.readers.files.outline import outline
from foretaste.adapters.readers.files.shelf import Shelf, Shelved, shelf
from foretaste.adapters.readers.files.streams import LONGEST, Broken, LogFile
from foretaste.adapters.readers.reading import (
    Parsed,
    attempt,
    chosen,
    failed,
    known_files,
    reason_of,
)
from foretaste.adapters.readers.responses_call import Call, call_of, dialogue_of
from foretaste.dialects.responses import ids_of
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Conversation, Failure, Gap

_LINE = re.compile(rb'\s*\{[ \t]*"')
_BEGINS = re.compile(rb'\{\s*"(?:id|request|response|object)"\s*:')
_EVENT = re.compile(rb"(?:event: *)?response\.")


class _Context(NamedTuple):
    items: list[JSON]
    lost: frozenset[Gap]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIResponses:
    """Reads logs of OpenAI's Responses API.

    Each response is a conversation: what stood in the model's context, and what it answered. What
    came before is found by `previous_response_id`, or among the responses of the same
    `conversation`, wherever in the log that is; `instructions` are the response's own.

    Attributes:
        path: a file, folder, glob, or `-` for standard input; gzip and zstd are recognized.
        where: tags (scalars of `metadata`) that a record must have to be read.
        newest_first: how `input_items` are sorted, which the API lists newest first unless asked
            otherwise. Left out, it is told from the items; where it cannot be, that is a failure.
    """

    names_itself: ClassVar[bool] = True
    path: str
    where: dict[str, str | int] = field(default_factory=dict)
    newest_first: bool | None = None

    def __call__(self) -> Iterator[Conversation | Failure]:
        """Yield each response's conversation, or a `Failure` with its record number.

        Raises:
            LogError: the log cannot be opened, is empty, or `where` leaves nothing of it.
        """
        return chosen(self.path, self._records(), self.where)

    @staticmethod
    def recognizes(head: bytes) -> bool:
        """Whether the first bytes of a log look like this format."""
        keys = outline(head)
        if "custom_id" in keys:  # a batch's
            return False
        if b"response" in keys.get("object", ()) or b"response" in keys.get("response.object", ()):
            return True
        if any(map(_EVENT.match, [*keys.get("response", ()), *keys.get("response[].type", ())])):
            return True
        asked = "request.input" in keys and "request.messages" not in keys
        return asked and "response" not in keys

    def _records(self) -> Iterator[Conversation | Failure]:
        with shelf() as records:
            for file in known_files(self.path, self.recognizes):
                yield from [file] if isinstance(file, Failure) else self._filled(records, file)
            for record in records:
                yield attempt(record.source, record.number, partial(self._parsed, records, record))

    def _filled(self, records: Shelf, file: LogFile) -> Iterator[Failure]:
        """Put the records of a file on the shelf; what cannot be read is told at once."""
        for record in lines_or_elements(file, _LINE, _BEGINS):
            if isinstance(record, Broken):
                yield failed(file.name, record.number, record.reason)
                continue
            try:
                call = self._call(record.data)
            except (Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield failed(file.name, record.number, reason_of(error))
                continue
            began = call.response.get("created_at")
            records.put(
                record.data,
                number=record.number,
                source=file.name,
                names=_names(call),
                thread=_thread(call),
                time=float(began) if isinstance(began, float) else _whole(began),
            )

    def _call(self, data: bytes) -> Call:
        return call_of(msgspec.json.decode(data), newest_first=self.newest_first)

    def _parsed(self, records: Shelf, record: Shelved) -> Parsed:
        call = self._call(record.data)
        context = self._context(records, record, call)
        here = {known: item for item in context.items for known in ids_of([item])}
        inputs = [self._resolved(records, item, here) for item in call.input]
        earlier = [self._resolved(records, item, here) for item in context.items]
        return dialogue_of(call._replace(input=inputs), earlier, context.lost)

    def _context(self, records: Shelf, record: Shelved, call: Call) -> _Context:
        """What earlier responses of the chain put into the context.

        Raises:
            Unreadable: the chain is a circle, or too long.
        """
        calls: list[Call] = []
        seen = {record.place}
        size = len(record.data)
        lost: set[Gap] = set()
        at, now = record, call
        while True:
            named = now.told("previous_response_id")
            named = named if isinstance(named, str) and named else None
            before = records.find(named) if named else records.before(at.place)
            if before is None:
                if named:
                    lost.add(Gap.TRUNCATED)
                break
            if before.place in seen:
                raise Unreadable("its chain of earlier responses is a circle")
            seen.add(before.place)
            size += len(before.data)
            if size > LONGEST:
                raise Unreadable(f"its chain of responses is longer than {LONGEST >> 20} MiB")
            earlier = self._call(before.data)
            if set(ids_of(now.input)) & set(ids_of(earlier.output)):
                break  # the input holds all that came before
            if earlier.cut_off:
                lost.add(Gap.TRUNCATED)
            calls.append(earlier)
            at, now = before, earlier
        items = [item for each in reversed(calls) for item in (*each.input, *each.output)]
        return _Context(items, frozenset(lost))

    def _resolved(self, records: Shelf, item: JSON, here: Mapping[str, JSON]) -> JSON:
        """What a reference refers to, or the item itself."""
        if not isinstance(item, dict) or item.get("type") != "item_reference":
            return item
        name = item.get("id")
        if not isinstance(name, str):
            return item
        if name in here:
            return here[name]
        found = records.find(name)
        if found is None:
            return item
        call = self._call(found.data)
        candidates = {known: each for each in call.output for known in ids_of([each])}
        return candidates.get(name, item)


def _names(call: Call) -> Iterable[str]:
    """By which a later record may refer to this one: its id, and those of its output's items."""
    key = call.response.get("id")
    if isinstance(key, str):
        yield key
    yield from ids_of(call.output)


def _thread(call: Call) -> str | None:
    named = call.told("conversation")
    named = named.get("id") if isinstance(named, dict) else named
    return named if isinstance(named, str) and named else None


def _whole(value: JSON) -> float:
    return float(value) if isinstance(value, int) and abs(value) < 1 << 53 else 0.0
