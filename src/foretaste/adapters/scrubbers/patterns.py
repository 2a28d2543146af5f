"""Replaces identifiers that have a form: addresses, numbers, keys. Names need a model; not here."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import msgspec
from msgspec import structs

from foretaste.adapters.scrubbers import accounts, credentials, internet, phones
from foretaste.adapters.scrubbers.detectors import Detector, Find, find, veil
from foretaste.adapters.scrubbers.draws import Draw, keyed
from foretaste.adapters.scrubbers.standins import StandIns
from foretaste.errors import ItemFailed, UnknownName
from foretaste.records import JSON, Conversation, Dialogue, Message, ScrubbedConversation, ToolCall

# What is taken first: the narrow before the broad.
DETECTORS: tuple[Detector, ...] = (
    credentials.PEM,
    internet.PASSWORD,
    internet.LOGIN,
    credentials.JWT,
    *credentials.KEYS,
    internet.PARAMETER,
    *internet.DETECTORS,
    *accounts.DETECTORS,
    *phones.DETECTORS,
)
KINDS: tuple[str, ...] = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))
"""Every kind of identifier that can be found."""

_WHO = frozenset({"user", "metadata", "safety_identifier", "prompt_cache_key"})
"""Settings that say who asked; a replay does not need them."""

_IDENTIFYING_TAG = re.compile(
    r"(?:.*_)?(?:user|username|login|email|mail|phone|mobile|ip|ip_?addr(?:ess)?|address"
    r"|(?:full_?|first_?|last_?|display_?|given_?|family_?|nick_?|user_?)name"
    r"|(?:user|account|customer|client|member|person|visitor|session|device|thread|conversation"
    r"|chat|request|organi[sz]ation|org|tenant|employee|patient)_?(?:id|uuid|hash|name|key))|name"
)

_LITERAL = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?')
_TOKEN = re.compile(r"[A-Za-z0-9][\w+/~.%-]{5,}=*")
_NUMBER = re.compile(r"[0-9](?:[ \u00a0().-]{0,2}[0-9]){6,14}")
_SHORTEST = 6


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """Replace e-mail addresses, phone, card and account numbers, IP addresses, keys and tokens.

    The same identifier gets the same stand-in throughout a conversation. In a conversation that
    begins with another user message it gets another one; two that begin alike (one prompt
    answered twice) get the same, so that answers to the same prompts stay comparable.

    Users become pseudonyms that hold across conversations: estimates are clustered by them.

    Args:
        key: secret of this run; whoever lacks it can neither undo nor test a stand-in. With the
            empty key stand-ins can be guessed by trying: the caller gives one.
        kinds: kinds to replace, of `KINDS`; all where left out.

    Raises:
        UnknownName: a kind that is none.
    """

    key: str = field(default="", repr=False)
    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise UnknownName("kind of identifier", kind, KINDS)

    def __call__(self, conversation: Conversation) -> ScrubbedConversation:
        """Scrub one conversation: the same conversation and key give the same result.

        Raises:
            ItemFailed: it cannot be scrubbed whole; the message quotes nothing of it.
        """
        detectors = tuple(d for d in DETECTORS if d.kind in self.kinds)
        return _Scrubbing(conversation, self.key, detectors).result()


class _Scrubbing:
    """The scrubbing of one conversation: find in all of it first, then replace."""

    def __init__(
        self, conversation: Conversation, key: str, detectors: tuple[Detector, ...]
    ) -> None:
        self._conversation = conversation
        self._key = key
        self._detectors = detectors
        first = next((m for m in conversation.dialogue.messages if m.role == "user"), None)
        salt = keyed(key, "salt", first.content if first else conversation.id).hex()
        self._stand_in = StandIns(key, salt)
        self._salt = salt
        self._replaced: Counter[str] = Counter()
        self._found: dict[str, tuple[str, list[Find]]] = {}
        self._known: dict[str, Detector] = {}  # what only its context gave away, anywhere
        self._user = _distinctive(conversation.user)

    def result(self) -> ScrubbedConversation:
        dialogue = self._conversation.dialogue
        self._rebuild(dialogue, self._collect)
        scrubbed = self._rebuild(dialogue, self._replace)
        user = self._conversation.user
        if user is not None:
            self._replaced["user"] += 1
        return ScrubbedConversation(
            parent=self._conversation.id,
            dialogue=scrubbed,
            user=None if user is None else self._pseudonym("user", user),
            replaced=dict(sorted(self._replaced.items())),
        )

    def _rebuild(self, dialogue: Dialogue, text: Callable[[str], str]) -> Dialogue:
        """Apply `text` to all that is text, in order of appearance."""
        return replace(
            dialogue,
            messages=tuple(self._message(message, text) for message in dialogue.messages),
            settings=_structure(
                {k: v for k, v in dialogue.settings.items() if k not in _WHO}, text
            ),
            tools=tuple(_structure(tool, text) for tool in dialogue.tools),
            model=None if dialogue.model is None else text(dialogue.model),
            tags={text(name): self._tag(name, tag, text) for name, tag in dialogue.tags.items()},
            labels=tuple(
                replace(
                    label,
                    name=text(label.name),
                    value=text(label.value) if isinstance(label.value, str) else label.value,
                    by=text(label.by),
                )
                for label in dialogue.labels
            ),
        )

    def _message(self, message: Message, text: Callable[[str], str]) -> Message:
        return structs.replace(
            message,
            content=text(message.content),
            name=self._name(message, text),
            reasoning=None if message.reasoning is None else text(message.reasoning),
            tool_calls=tuple(
                ToolCall(id=text(c.id), name=text(c.name), arguments=text(c.arguments))
                for c in message.tool_calls
            ),
            tool_call_id=None if message.tool_call_id is None else text(message.tool_call_id),
        )

    def _name(self, message: Message, text: Callable[[str], str]) -> str | None:
        if message.name is None:
            return None
        if message.role == "user":  # the name of a person
            return f"name-{keyed(self._key, self._salt, 'name', message.name, size=6).hex()}"
        return text(message.name)

    def _tag(self, name: str, tag: str, text: Callable[[str], str]) -> str:
        snake = re.sub("(?<=[a-z])(?=[A-Z])|[-. ]", "_", name).lower()
        if _IDENTIFYING_TAG.fullmatch(snake):
            return self._pseudonym("user" if tag == self._conversation.user else "id", tag)
        return text(tag)

    def _pseudonym(self, kind: str, value: str) -> str:
        return f"{kind}-{keyed(self._key, kind, value, size=6).hex()}"

    def _collect(self, text: str) -> str:
        if text not in self._found:
            plain = _unescaped(text)
            finds = find(plain, self._detectors)
            self._found[text] = plain, finds
            for item in finds:
                original = plain[item.start : item.end]
                if item.detector.contextual and not item.detector.reserved(original):
                    self._known |= dict.fromkeys((original, _bare(original)), item.detector)
        return text

    def _replace(self, text: str) -> str:
        plain, finds = self._found[text]
        parts, last = [], 0
        for item in self._with_known(plain, finds):
            original = plain[item.start : item.end]
            made = self._stand_in(item.detector, original)
            self._replaced[item.detector.kind] += made != original
            parts += [self._without_user(plain[last : item.start]), made]
            last = item.end
        changed = "".join([*parts, self._without_user(plain[last:])])
        return text if changed == plain else changed

    def _with_known(self, text: str, finds: list[Find]) -> list[Find]:
        """Add what was given away elsewhere in the conversation and stands here without context."""
        if not self._known:
            return finds
        taken = bytearray(len(text))
        for item in finds:
            taken[item.start : item.end] = b"\1" * (item.end - item.start)
        more = [
            item for item in self._mentions(veil(text)) if not any(taken[item.start : item.end])
        ]
        return sorted([*finds, *more], key=lambda item: item.start)

    def _mentions(self, text: str) -> Iterator[Find]:
        last = 0
        for start, end in sorted(_candidates(text)):
            detector = self._known.get(_bare(text[start:end]))
            if detector and start >= last:
                last = end
                yield Find(start, end, detector)

    def _without_user(self, text: str) -> str:
        user = self._conversation.user
        if self._user is None or user is None or user not in text:
            return text
        # A number must stay one: it may stand bare in JSON.
        draw = Draw(keyed(self._key, "digits", user))
        number = user.isdecimal()
        made = draw.pick("123456789", len(user)) if number else self._pseudonym("user", user)
        changed, count = self._user.subn(made, text)
        self._replaced["user"] += count
        return changed


def _bare(text: str) -> str:
    """A number without its separators; anything else as it is."""
    return re.sub("[^0-9]", "", text) if _NUMBER.fullmatch(text) else text


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Where something may stand that was given away elsewhere."""
    for match in _TOKEN.finditer(text):
        yield match.start(), match.start() + len(match[0].rstrip(".-"))
    for match in _NUMBER.finditer(text):
        yield match.span()


def _distinctive(user: str | None) -> re.Pattern[str] | None:
    """Find the user's id in texts; none where it could be an ordinary word."""
    if user is None or len(user) < _SHORTEST or user.isalpha():
        return None
    return re.compile(rf"(?<!\w){re.escape(user)}(?!\w)")


def _unescaped(text: str) -> str:
    r"""Write out \u0040 and \/ inside of JSON strings; all else stays as it is written."""
    if "\\u" not in text and "\\/" not in text:
        return text
    return _LITERAL.sub(_literal, text)


def _literal(match: re.Match[str]) -> str:
    literal = match[0]
    if "\\u" not in literal and "\\/" not in literal:
        return literal
    try:
        return msgspec.json.encode(msgspec.json.decode(literal, type=str)).decode()
    except (msgspec.DecodeError, UnicodeError):
        return literal


def _structure(value: JSON, text: Callable[[str], str]) -> JSON:
    """Scrub JSON as the text it is: keys, strings, numbers, however deep."""
    try:
        written = msgspec.json.encode(value).decode()
        changed = text(written)
        return value if changed == written else msgspec.json.decode(changed)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError) as error:
        raise ItemFailed(f"settings or tools that are no JSON ({type(error).__name__})") from None
