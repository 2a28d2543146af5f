"""The lines of one way through a session, told as messages."""

from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from foretaste.adapters.readers.claude_code.entries import Entry, is_command, is_injected
from foretaste.adapters.readers.reading import moment
from foretaste.dialects.anthropic import said
from foretaste.dialects.anthropic_call import STOPS
from foretaste.records import JSON, Gap, Message, Stop

_UNITS = {"durationMs": 1000.0, "totalDurationMs": 1000.0, "durationSeconds": 1.0}


class Prompt(NamedTuple):
    """Where the user spoke."""

    message: int
    uuid: str
    time: datetime | None


class Told(NamedTuple):
    """A session's messages, and what else its lines say."""

    messages: tuple[Message, ...]
    prompts: tuple[Prompt, ...]
    lost: frozenset[Gap]
    model: str | None
    stop: Stop
    effort: str | None


class _Note(NamedTuple):
    text: str
    uuid: str
    time: datetime | None


def told(way: list[Entry]) -> Told:
    """Tell what was said.

    What the program says in the user's name becomes a `system` message; among the results of tools
    it is put behind the last one, as a turn goes on there. A command that the model answers is the
    user's. What the model never saw, such as a network's error, is left out.

    Raises:
        Unreadable: a line has no message.
        msgspec.ValidationError: a message has another shape.
    """
    return _Telling(way).told()


def when(entry: Entry) -> datetime | None:
    """The time of a line, where it has one."""
    return moment(entry.timestamp) if isinstance(entry.timestamp, str) else None


class _Telling:
    def __init__(self, way: list[Entry]) -> None:
        self._way = way
        self._messages: list[Message] = []
        self._prompts: list[Prompt] = []
        self._notes: list[_Note] = []  # that the next message will show where to put
        self._lost: set[Gap] = set()
        self._parts: dict[str, list[Entry]] = {}
        self._called: dict[str, tuple[datetime | None, bool]] = {}  # when, and whether alone
        for entry in way:
            if entry.answer is not None and not entry.by_program:
                self._parts.setdefault(entry.answer, []).append(entry)

    def told(self) -> Told:
        answers = []
        summed_up = False
        for entry in self._way:
            if entry.type == "assistant":
                parts = self._parts.pop(entry.answer or "", None)
                if parts:
                    self._answer(parts)
                    answers.append(parts)
            elif entry.type == "user":
                summed_up |= entry.isCompactSummary is True
                self._user(entry)
            elif entry.type == "attachment":
                self._attachment(entry)
            elif entry.type == "system":
                self._system(entry)
        first = self._way[0]
        if not summed_up and (_is_boundary(first) or first.parentUuid is not None):
            self._lost.add(Gap.TRUNCATED)  # what was said before is not here
        last = [entry.message for entry in answers[-1]] if answers else []
        stops = [each.get("stop_reason") for each in last]
        models = [each.get("model") for parts in answers for each in (parts[0].message,)]
        efforts = [parts[0].effort for parts in answers if isinstance(parts[0].effort, str)]
        ended = self._messages[-1].role == "assistant" if self._messages else False
        stop = next((each for each in reversed(stops) if isinstance(each, str)), "")
        return Told(
            messages=tuple(self._messages),
            prompts=tuple(self._prompts),
            lost=frozenset(self._lost),
            model=next((m for m in reversed(models) if isinstance(m, str) and m), None),
            stop=STOPS.get(stop, Stop.UNKNOWN) if ended else Stop.UNKNOWN,
            effort=efforts[-1] if efforts else None,
        )

    def _said(self, role: str, blocks: list[JSON]) -> tuple[Message, ...]:
        found = said([{"role": role, "content": blocks}])
        self._lost |= found.lost
        return found.messages

    def _answer(self, parts: list[Entry]) -> None:
        """One answer, which may lie on several lines."""
        self._put_notes(answered=True)
        calls = sum(len(part.named("tool_use", "id")) for part in parts)
        for part in parts:
            for call in part.named("tool_use", "id"):
                self._called[call] = (when(part), calls == 1)
        self._messages += self._said("assistant", [b for part in parts for b in part.blocks])

    def _user(self, entry: Entry) -> None:
        results: list[JSON] = []
        own: list[JSON] = []
        for block in entry.blocks:
            kind = block.get("type") if isinstance(block, dict) else None
            text = block.get("text") if isinstance(block, dict) else block
            if isinstance(kind, str) and kind.endswith("tool_result"):
                results.append(block)
            elif isinstance(text, str) and self._is_note(entry, text):
                self._notes.append(_Note(text, entry.uuid, when(entry)))
            else:
                own.append(block)
        if results:
            found = self._said("user", results)
            self._messages += [self._timed(each, entry, len(found)) for each in found]
        if own:
            self._put_notes(answered=False)
            self._prompts.append(Prompt(len(self._messages), entry.uuid, when(entry)))
            self._messages += self._said("user", own)

    def _is_note(self, entry: Entry, text: str) -> bool:
        injected = entry.isMeta is True or entry.isCompactSummary is True
        return injected or is_command(text) or is_injected(text)

    def _attachment(self, entry: Entry) -> None:
        """What the program showed the model; only what the user typed meanwhile is told in full."""
        given: Any = entry.attachment if isinstance(entry.attachment, dict) else {}
        prompt = given.get("prompt")
        if given.get("type") == "queued_command" and isinstance(prompt, str):
            self._notes.append(_Note(prompt, entry.uuid, when(entry)))
        else:
            self._lost.add(Gap.ATTACHMENTS)

    def _system(self, entry: Entry) -> None:
        if entry.subtype == "local_command" and isinstance(entry.content, str):
            self._notes.append(_Note(entry.content, entry.uuid, when(entry)))
        elif entry.subtype == "microcompact_boundary":
            self._lost.add(Gap.TRUNCATED)  # results of tools were taken out of the model's sight

    def _put_notes(self, *, answered: bool) -> None:
        """Put what the program said before the message that comes next."""
        notes, self._notes = self._notes, []
        if not notes:
            return
        before = self._messages[-1] if self._messages else None
        if answered and before is not None and before.role == "tool":
            texts = [before.content, *(note.text for note in notes)]
            self._messages[-1] = replace(before, content="\n\n".join(texts))
            return
        asked = before is not None and before.role == "user"
        for note in notes:
            if answered and not asked and is_command(note.text):
                asked = True
                self._prompts.append(Prompt(len(self._messages), note.uuid, note.time))
                self._messages.append(Message(role="user", content=note.text))
            else:
                self._messages.append(Message(role="system", content=note.text))

    def _timed(self, result: Message, entry: Entry, of: int) -> Message:
        """A result with the time its tool took: measured, or between the lines of a lone call."""
        told: Any = entry.toolUseResult if isinstance(entry.toolUseResult, dict) else {}
        for name, unit in _UNITS.items():
            took = told.get(name)
            if of == 1 and isinstance(took, int | float) and not isinstance(took, bool):
                return replace(result, seconds=max(0.0, took / unit))
        since, alone = self._called.get(result.tool_call_id or "", (None, False))
        until = when(entry)
        if not alone or since is None or until is None or until < since:
            return result
        return replace(result, seconds=(until - since).total_seconds())


def _is_boundary(entry: Entry) -> bool:
    return (entry.type, entry.subtype) == ("system", "compact_boundary")


def segments(way: list[Entry]) -> list[list[Entry]]:
    """Cut a way where the model's context was replaced; the cut begins what follows it."""
    found: list[list[Entry]] = [[]]
    for entry in way:
        if _is_boundary(entry) and found[-1]:
            found.append([])
        found[-1].append(entry)
    return found
