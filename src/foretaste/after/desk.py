"""A labelling desk: what is to be labelled, by whom, and what they said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from foretaste.protocols import Store
from foretaste.records import Behavior, Message, Prefix, identity
from foretaste.reviews import (
    AGREED,
    ReviewItem,
    ReviewLabel,
    Said,
    is_pseudonym,
    latest,
    truth,
)

LONGEST_NOTE = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A drawn turn with what is to be judged; nothing here tells the lane from another."""

    item: ReviewItem
    prefix: Prefix
    answer: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of labels made elsewhere."""

    taken: int
    refused: dict[str, int]  # reason -> lines


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A label made elsewhere, as a line of JSON; other keys are not looked at."""

    rollout: str
    annotator: str
    value: Said
    behavior: str | None = None
    note: str = ""
    at: str = ""


class Desk:
    """One behavior's queue and its labels. A label is durable once `say` returns."""

    def __init__(self, store: Store, behavior: Behavior, tasks: Sequence[Task]) -> None:
        self.behavior = behavior
        self.tasks = {task.item.id: task for task in tasks}
        self._store = store
        self._by_rollout = {task.item.parent: task for task in tasks}
        self._said: dict[str, dict[str, ReviewLabel]] = {}
        for (parent, name, version), by in latest(store.read(ReviewLabel)).items():
            if (name, version) == (behavior.name, behavior.version) and parent in self._by_rollout:
                self._said[self._by_rollout[parent].item.id] = by

    @property
    def annotators(self) -> list[str]:
        """Who labelled anything."""
        return sorted({name for by in self._said.values() for name in by} - {AGREED})

    def order(self, annotator: str) -> list[str]:
        """The items' ids, in an order of the annotator's own."""
        return sorted(self.tasks, key=lambda item: identity("order", annotator, item))

    def said(self, item: str, annotator: str) -> ReviewLabel | None:
        """What somebody said last of one item."""
        return self._said.get(item, {}).get(annotator)

    def done(self, annotator: str) -> int:
        """How many items somebody has judged or skipped."""
        return sum(annotator in by for by in self._said.values())

    @property
    def complete(self) -> bool:
        """Whether two or more have gone through the whole queue, so that nobody sees too early."""
        return sum(self.done(name) == len(self.tasks) for name in self.annotators) >= 2

    def disputes(self) -> list[str]:
        """Items on which annotators differ or one is unsure, those that were settled included."""
        found = []
        for item in self.tasks:
            values = {n: each.value for n, each in self._said.get(item, {}).items() if n != AGREED}
            known = truth(values)
            if known.open or len(set(values.values()) - {Said.SKIPPED}) > 1:
                found.append(item)
        return found

    def opinions(self, item: str) -> list[ReviewLabel]:
        """Everybody's last label of one item, what they agreed on last."""
        by = self._said.get(item, {})
        return sorted(by.values(), key=lambda each: (each.annotator == AGREED, each.annotator))

    def say(
        self, item: str, annotator: str, value: Said, note: str = "", at: str = ""
    ) -> ReviewLabel:
        """Keep a label; once this returns it survives whatever happens to the process.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        task = self.tasks[item].item
        label = ReviewLabel(
            parent=task.parent,
            behavior=self.behavior.name,
            version=self.behavior.version,
            annotator=annotator,
            value=value,
            probability=task.probability,
            at=at or datetime.now(UTC).isoformat(timespec="milliseconds"),
            note=note[:LONGEST_NOTE],
        )
        self._store.append(label)
        self._store.flush()
        self._said.setdefault(item, {})[annotator] = label
        return label

    def exported(self) -> Iterator[dict[str, Any]]:
        """Every last label with its turn's lane, stratum and chance: not for annotators' eyes."""
        for item, task in self.tasks.items():
            for label in self.opinions(item):
                yield {
                    "rollout": label.parent,
                    "behavior": label.behavior,
                    "lane": task.item.lane,
                    "stratum": task.item.stratum,
                    "probability": task.item.probability,
                    "annotator": label.annotator,
                    "value": label.value,
                    "note": label.note,
                    "at": label.at,
                }

    def texts(self) -> Iterator[dict[str, Any]]:
        """The drawn turns without lane, verdict or label, to be labelled elsewhere."""
        for item in self.order(""):
            task = self.tasks[item]
            yield {
                "rollout": task.item.parent,
                "behavior": self.behavior.name,
                "definition": self.behavior.rubric,
                "messages": [_plain(each) for each in task.prefix.messages],
                "answer": [_plain(each) for each in task.answer],
            }

    def take(self, lines: Iterable[bytes]) -> Imported:
        """Keep labels made elsewhere, a JSON object a line; only drawn turns have a known chance.

        Raises:
            StoreUnavailable: they cannot be written.
        """
        taken, refused = 0, dict[str, int]()
        for line in lines:
            reason = self._taken(line) if line.strip() else None
            if reason:
                refused[reason] = refused.get(reason, 0) + 1
            elif reason is not None:
                taken += 1
        return Imported(taken=taken, refused=refused)

    def _taken(self, line: bytes) -> str:
        """Take one line; the reason where it is refused."""
        try:
            found = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return "not a label: it takes rollout, annotator and value"
        task = self._by_rollout.get(found.rollout)
        if task is None or found.behavior not in (None, self.behavior.name):
            return "not drawn for this behavior, so its chance is unknown"
        if found.annotator != AGREED and not is_pseudonym(found.annotator):
            return "the annotator is no pseudonym"
        now = self.said(task.item.id, found.annotator)
        if now is None or (now.value, now.note) != (found.value, found.note):
            self.say(task.item.id, found.annotator, found.value, found.note, found.at)
        return ""


def _plain(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": message.content,
        "tool_calls": [{"name": c.name, "arguments": c.arguments} for c in message.tool_calls],
    }
