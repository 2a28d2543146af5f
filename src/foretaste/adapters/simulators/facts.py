"""What a conversation's tool calls have shown and changed so far: facts and effects, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from foretaste.adapters.simulators.effects import Effects, leaves, values
from foretaste.adapters.simulators.entities import (
    Entity,
    Row,
    arguments,
    ids,
    is_id,
    named,
    parsed,
    rows,
    subject,
    words,
)
from foretaste.calls import canonical
from foretaste.protocols import Act
from foretaste.records import JSON, ToolCall

ERRORS = ("error*", "traceback*", "exception*", "*not found*", "*no such *", "*does not exist*")
_SETS = frozenset(
    ("set", "update", "change", "edit", "modify", "rename", "assign", "patch", "mark")
)
_DELETES = frozenset(("delete", "remove", "destroy", "drop", "unlink", "erase", "purge"))
_ENDS = frozenset(("cancel", "close", "archive", "revoke", "terminate"))
_NOTHING = frozenset({"", "null", "[]", "{}", "None", '""'})
_STEM = 5  # characters of a verb that an answer repeats: `cancelled`, `closed`
_START = 300  # characters of an answer in which an error says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Which answers say that a call failed.

    Args:
        patterns: shell patterns, in any case, of the start of an answer that is no JSON.
    """

    patterns: tuple[str, ...] = ERRORS

    def __call__(self, content: str) -> bool:
        """Whether it says so: by its words, or in JSON by `error`, `ok` or `success`."""
        found = parsed(content)
        if found is None:
            start, short = content[:_START].strip().lower(), len(content) <= _START
            # In a long text `not found` may well be what was looked for.
            fitting = (each.lower() for each in self.patterns if short or each[:1] != "*")
            return any(fnmatchcase(start, pattern) for pattern in fitting)
        if not isinstance(found, dict):
            return False
        said = {key.lower(): value for key, value in found.items()}
        failed = any(said.get(key) for key in ("error", "errors", "iserror", "is_error"))
        return failed or any(said.get(key) is False for key in ("ok", "success"))


class Fact(NamedTuple):
    """A value that an answer gave, or a write set."""

    value: JSON
    step: int  # number of the tool call, from 1
    origin: str  # `history`, `recorded` or `rollout`: whose call
    holds: bool = True  # False: a later write may have changed it


class Effect(NamedTuple):
    """A call that may have changed something, and did not fail."""

    call: ToolCall
    answer: str
    step: int
    origin: str
    changed: dict[str, JSON]  # fields that it set by its arguments


class Ledger:
    """Facts and effects of one conversation, in the order of its calls. Asks no model.

    Facts are the fields of JSON answers, by entity (`entities.py`). A write that succeeds puts
    those in doubt that it may have changed: of every entity whose id it names, or that mentions
    one; a write that names nothing puts all in doubt. `update_order(order_id, status)` and the like
    set fields by their arguments, unless their answer says otherwise. After `delete_order` the
    order is gone; after `cancel_order` an answer about it must say so.
    """

    def __init__(self, tools: Effects, is_error: Errors) -> None:
        self._tools = tools
        self._is_error = is_error
        self._steps = 0
        self._said: dict[tuple[str, str], tuple[str, int]] = {}  # reads since the last write
        self.facts: dict[Entity, dict[str, Fact]] = {}  # by field; the latest entity last
        self.effects: list[Effect] = []
        self.gone: dict[Entity, tuple[str, int]] = {}  # by which verb, at which step

    def add(self, act: Act, origin: str) -> None:
        """Take in one call and its answer, whoever gave it."""
        self._steps += 1
        if not act.answer.done:
            return
        call, content = act.call, act.answer.content
        wrote, failed = self._tools.may_write(call.name), self._is_error(content)
        if wrote:
            self._said.clear()  # one that failed may have done half
        if failed:
            return
        if not wrote:
            self._said[canonical(call)] = (content, self._steps)
        told = rows(call, content, wrote=wrote)
        if wrote:
            self._write(call, content, origin, told)
        for row in told:
            if row.entity not in self.gone:
                self._learn(row.entity, row.fields, origin)

    def opening(self, acts: Iterable[Act]) -> None:
        """Take in what production's turn read before its first write: the world at the start."""
        for act in acts:
            if self._tools.may_write(act.call.name):
                return
            self.add(act, "recorded")

    def repeated(self, call: ToolCall) -> tuple[str, int] | None:
        """The answer that this reading call got before, and its step, if nothing was written since.

        An answer that the call failed is none: the next attempt may do better.
        """
        return self._said.get(canonical(call))

    def is_gone(self, call: ToolCall) -> bool:
        """Whether what the call is about was deleted or ended."""
        about = subject(call)
        return about is not None and about in self.gone

    def complaint(self, call: ToolCall, content: str) -> str | None:
        """What in an answer contradicts the ledger; None where nothing does."""
        missing = self._is_error(content) or content.strip() in _NOTHING
        verb = _verb(call.name)
        wrote = self._tools.may_write(call.name)
        about = subject(call)
        if not missing and about in self.gone and (not wrote or verb):
            done, step = self.gone[about]
            if done in _DELETES:
                return f"{about} is gone since step {step}: it must not be found"
            if done[:_STEM] not in content.lower():
                return f"{about} was ended by {done!r} at step {step}: the answer must say so"
        if missing or wrote:
            return None
        for each in _listed(content):
            for entity in named(each, call.name):
                if self.gone.get(entity, ("", 0))[0] in _DELETES:
                    return f"{entity} is gone since step {self.gone[entity][1]}"
        return self._contradiction(call, content)

    def _contradiction(self, call: ToolCall, content: str) -> str | None:
        for entity, given in rows(call, content, wrote=False):
            for key, fact in self.facts.get(entity, {}).items():
                if fact.holds and key in given and given[key] != fact.value:
                    known = msgspec.json.encode(fact.value).decode()
                    return f"{key} of {entity} is {known} since step {fact.step}"
        return None

    def _write(self, call: ToolCall, content: str, origin: str, told: list[Row]) -> None:
        given, about, verb = arguments(call), subject(call), _verb(call.name)
        self._doubt(call, content)
        shown = {row.entity: row.fields for row in told}
        for entity in shown:
            self.gone.pop(entity, None)
        changed: dict[str, JSON] = {}
        if about is not None and verb in _SETS:
            self.gone.pop(about, None)
            answered = shown.get(about, {})
            changed = {k: v for k, v in given.items() if not is_id(k) and k not in answered}
            self._learn(about, changed, origin)
        ends = verb in _DELETES or (verb in _ENDS and about not in shown)
        # With two ids nobody knows which of both is gone, or only their bond.
        if about is not None and ends and len(named(given, call.name)) == 1:
            self.gone[about] = (verb, self._steps)
            self.facts.pop(about, None)
        self.effects.append(Effect(call, content, self._steps, origin, changed))

    def _doubt(self, call: ToolCall, content: str) -> None:
        """Put in doubt what a write may have changed."""
        about = set(ids(arguments(call))) or set(values(call))
        touched = about | set(ids(parsed(content)))
        for entity, fields in self.facts.items():
            mentioned = {entity.id, *leaves([fact.value for fact in fields.values()])}
            if not about or touched & mentioned:
                self.facts[entity] = {k: fact._replace(holds=False) for k, fact in fields.items()}

    def _learn(self, entity: Entity, fields: dict[str, JSON], origin: str) -> None:
        if fields:
            new = {key: Fact(value, self._steps, origin) for key, value in fields.items()}
            self.facts[entity] = self.facts.pop(entity, {}) | new  # the latest last


def _verb(tool: str) -> str:
    """What a tool does to what it is about, as far as one of its first two words says so."""
    known = _SETS | _DELETES | _ENDS
    return next((word for word in words(tool)[:2] if word in known), "")


def _listed(content: str) -> list[dict[str, JSON]]:
    """The objects of an answer's lists, at its top or one below."""
    answer = parsed(content)
    lists = [answer, *answer.values()] if isinstance(answer, dict) else [answer]
    return [
        row for each in lists if isinstance(each, list) for row in each if isinstance(row, dict)
    ]
