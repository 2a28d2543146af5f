"""One session of Codex, line by line: prompts, what was put in, compactions, turns taken back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from foretaste.adapters.readers.files.streams import LONGEST
from foretaste.adapters.readers.reading import as_tag, moment, tags_of
from foretaste.dialects.gaps import gaps_of
from foretaste.dialects.responses import said
from foretaste.dialects.said import Unreadable
from foretaste.records import JSON, Dialogue, Gap, Message, Stop

# How texts begin that Codex puts in as the user's, in rollouts that do not mark what was typed.
_PUT_IN = re.compile(
    r"\s*(?:# AGENTS\.md instructions|<(?:environment_context|user_instructions|instructions"
    r"|permissions instructions|turn_aborted|subagent_notification|user_shell_command|skill"
    r"|collaboration_mode|personality_spec|model_switch)\b)",
    re.IGNORECASE,
)
_NOT_TYPED = frozenset({"environment_context", "user_instructions"})  # kinds of older events
_NO_ITEMS = frozenset({"ghost_snapshot", "other"})
_COMPACTIONS = frozenset({"compaction", "compaction_summary", "context_compaction"})
_CREDENTIALS = re.compile(r"//[^/@]*@")
# The history of a forked session is written at once, when it begins.
_COPIED_WITHIN = timedelta(seconds=1)


@dataclass(slots=True)
class _Kept:
    item: Mapping[str, Any]
    typed: bool = False  # the user's own prompt
    by_event: bool = False  # known from an event alone


class Session:
    """What a rollout has told so far, since its last compaction."""

    def __init__(self) -> None:
        self._meta: Mapping[str, Any] = {}
        self._turn: dict[str, Any] = {}
        self._kept: list[_Kept] = []
        self._context = 0  # so many of the kept are context
        self._marks = False  # the rollout marks what was typed
        self._typed: set[str] = set()
        self._lost: set[Gap] = set()
        self._time: object = None
        self._part = 1
        self._size = 0
        self._stop = Stop.UNKNOWN

    def key(self) -> str | None:
        """The session's id; after a compaction with the number of its part."""
        known = self._meta.get("id")
        if not isinstance(known, str) or not known:
            return None
        return known if self._part == 1 else f"{known}/{self._part}"

    def missing(self) -> None:
        """A line could not be read."""
        self._lost.add(Gap.TRUNCATED)

    def other(self, meta: Mapping[str, Any]) -> bool:
        """Whether these are the data of another session; a fork also holds those of its origin."""
        known = (None, self._meta.get("id"), self._meta.get("forked_from_id"))
        return bool(self._meta or self._kept) and meta.get("id") not in known

    def cut_by(self, kind: str, payload: Mapping[str, Any]) -> bool:
        """Whether a line ends what the model has seen so far."""
        return kind == "compacted" or (kind == "response_item" and _is_compaction(payload))

    def holds_something(self) -> bool:
        """Whether anything was said since the last cut, or too much of it."""
        own = self._kept[self._context :]
        return self._size > LONGEST or any(
            kept.typed or kept.item.get("role") not in ("user", "developer", "system")
            for kept in own
        )

    def take(self, kind: str, payload: Mapping[str, Any], time: object, size: int) -> None:
        """Take in one line."""
        self._time = self._time or time
        self._size += size
        if self._size > LONGEST:
            self._kept = []
        if self.cut_by(kind, payload):
            self._cut(payload)
            return
        match kind, payload.get("type"):
            case "session_meta", _:
                self._meta = self._meta or payload
            case "turn_context", _:
                self._turn |= {name: value for name, value in payload.items() if value is not None}
            case "response_item", item if str(item) not in _NO_ITEMS:
                self._item(payload)
            case "event_msg", "user_message":
                self._prompt(payload)
            case "event_msg", "thread_rolled_back":
                self._roll_back(payload.get("num_turns"))
            case "event_msg", "task_complete" | "turn_complete":
                self._stop = Stop.FINAL
        if self._is_copy(time):
            self._context = len(self._kept)

    def dialogue(self) -> Dialogue:
        """What was said since the last cut.

        Raises:
            Unreadable: it is too much, or not the shape it should have.
        """
        if self._size > LONGEST:
            raise Unreadable(f"session longer than {LONGEST >> 20} MiB")
        prompt = self._meta.get("base_instructions")
        prompt = prompt.get("text") if isinstance(prompt, dict) else prompt
        first = [{"role": "system", "content": prompt}] if isinstance(prompt, str) else []
        found = said([*first, *self._items(self._kept)])
        messages = list(found.messages)
        own_from = self._own_from(first)
        while own_from and len(messages) > own_from and not _closes(messages[-1]):
            messages.pop()  # what other records may hold counts with its own end only
        effort = self._turn.get("effort")
        settings = {"reasoning_effort": effort} if isinstance(effort, str) else {}
        model = self._turn.get("model")
        model = model if isinstance(model, str) and model else None
        started_at = moment(self._meta.get("timestamp")) or moment(self._time)
        has = {Gap.SETTINGS: settings, Gap.MODEL: model, Gap.TIME: started_at}
        lost = self._lost | found.lost | (set() if first else {Gap.SYSTEM})
        return Dialogue(
            messages=tuple(messages),
            settings=settings,
            model=model,
            started_at=started_at,
            tags=self._tags(),
            gaps=gaps_of(messages, has=has | {Gap.TOOLS: None, Gap.USER: None}, lost=lost),
            own_from=own_from,
            stop=self._stop if messages and _closes(messages[-1]) else Stop.UNKNOWN,
        )

    def _own_from(self, first: list[dict[str, str]]) -> int:
        """Where the part begins that no other record holds; context without answers hides none."""
        context = said([*first, *self._items(self._kept[: self._context])]).messages
        return len(context) if any(m.role == "assistant" for m in context) else 0

    def _items(self, kept: list[_Kept]) -> list[Mapping[str, Any]]:
        """Items with what was put in as the system's, so that an answer follows its prompt."""
        items: list[Mapping[str, Any]] = []
        after_prompt = False
        for each in kept:
            put_in = each.item.get("role") in ("user", "developer", "system")
            if self._is_typed(each):
                items.append(each.item)
                after_prompt = True
            elif put_in:
                items.insert(len(items) - after_prompt, dict(each.item) | {"role": "system"})
            else:
                items.append(each.item)
                after_prompt = False
        return items

    def _is_typed(self, kept: _Kept) -> bool:
        if self._marks or kept.typed:
            return kept.typed
        return kept.item.get("role") == "user" and not _PUT_IN.match(_text(kept.item))

    def _item(self, item: Mapping[str, Any]) -> None:
        self._stop = Stop.UNKNOWN
        if item.get("role") == "user":
            for earlier in reversed(self._kept):
                if earlier.item.get("role") not in ("user", "developer", "system"):
                    break
                if earlier.by_event and _says(item, _text(earlier.item)):
                    earlier.item, earlier.by_event = item, False
                    return
        self._kept.append(_Kept(item))

    def _prompt(self, event: Mapping[str, Any]) -> None:
        """An event says what was typed; the item for the model came just before, or comes next."""
        text = event.get("message")
        if not isinstance(text, str) or str(event.get("kind")) in _NOT_TYPED:
            return
        self._marks = True
        self._typed.add(text.strip())
        for earlier in reversed(self._kept):
            if earlier.typed or earlier.item.get("role") not in ("user", "developer", "system"):
                break
            if earlier.item.get("role") == "user" and _says(earlier.item, text):
                earlier.typed = True
                return
        self._kept.append(_Kept({"role": "user", "content": text}, typed=True, by_event=True))

    def _roll_back(self, turns: JSON) -> None:
        if not isinstance(turns, int) or turns < 1:
            return
        prompts = [at for at, kept in enumerate(self._kept) if self._is_typed(kept)]
        if prompts:
            del self._kept[prompts[max(0, len(prompts) - turns)] :]
        self._context = min(self._context, len(self._kept))

    def _cut(self, payload: Mapping[str, Any]) -> None:
        """The context was replaced: by what the line tells, or by what nobody told."""
        self._part += self.holds_something()
        self._size = 0
        history = payload.get("replacement_history")
        summary = payload.get("message")
        self._lost = set() if isinstance(history, list) else {Gap.TRUNCATED}
        if isinstance(history, list):
            items = [item for item in history if isinstance(item, dict)]
            if any(map(_is_compaction, items)):
                self._lost.add(Gap.TRUNCATED)  # the summary is encrypted
            items = [item for item in items if not _is_compaction(item)]
        else:
            items = [{"role": "developer", "content": summary}] if summary else []
        self._kept = [
            _Kept(item, item.get("role") == "user" and any(_says(item, t) for t in self._typed))
            for item in items
        ]
        self._context = len(self._kept)

    def _is_copy(self, time: object) -> bool:
        """Whether a line of a forked session is a copy of its origin's."""
        begun, now = moment(self._meta.get("timestamp")), moment(time)
        if self._meta.get("forked_from_id") is None or begun is None or now is None:
            return False
        return now - begun < _COPIED_WITHIN

    def _tags(self) -> dict[str, str]:
        """What slices go by; no path of somebody's machine."""
        meta, turn = self._meta, self._turn
        git = meta.get("git")
        git = git if isinstance(git, dict) else {}
        place = git.get("repository_url")
        source, sandbox = meta.get("source"), turn.get("sandbox_policy")
        if isinstance(sandbox, dict):
            sandbox = sandbox.get("mode") or sandbox.get("type")
        found = {
            "commit": git.get("commit_hash"),
            "branch": git.get("branch"),
            "repository": _CREDENTIALS.sub("//", place) if isinstance(place, str) else None,
            "version": meta.get("cli_version"),
            "originator": meta.get("originator"),
            "provider": meta.get("model_provider"),
            "approval": turn.get("approval_policy"),
            "sandbox": sandbox,
            "effort": turn.get("effort"),
            "source": source if isinstance(source, str) else None,
            "role": meta.get("agent_role"),
        }
        known = {name: as_tag(v) for name, v in found.items() if isinstance(v, str) and v}
        subagent = isinstance(source, dict) and "subagent" in source
        return tags_of(known | ({"subagent": subagent} if subagent else {}))


def _is_compaction(item: Mapping[str, Any]) -> bool:
    return str(item.get("type")) in _COMPACTIONS


def _closes(message: Message) -> bool:
    return message.role == "assistant" and not message.tool_calls


def _texts(item: Mapping[str, Any]) -> list[str]:
    content = item.get("content")
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return [text for text in texts if isinstance(text, str)]


def _text(item: Mapping[str, Any]) -> str:
    return "\n".join(_texts(item))


def _says(item: Mapping[str, Any], text: str) -> bool:
    """Whether a message is this text, pictures beside it or not."""
    wanted = text.strip()
    return wanted in (each.strip() for each in [*_texts(item), _text(item)])
