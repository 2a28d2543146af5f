"""Curate: keep the conversations that the forecast is about."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from foretaste.records import Dropped, ScrubbedConversation
from foretaste.turns import turns

_YES = frozenset({"true", "yes", "1"})


def curate(
    conversations: Iterable[ScrubbedConversation],
    *,
    since: datetime | None,
    until: datetime | None,
    consent: str | None = None,
) -> Iterator[ScrubbedConversation | Dropped]:
    """Keep conversations inside the window, with consent, once each, with a turn to replay.

    Args:
        conversations: scrubbed ones; a raw one cannot get here.
        since: first moment of the window, with time zone; None: no beginning.
        until: first moment after the window, with time zone; None: no end.
        consent: tag that must say true, yes or 1; None: consent is not asked for.

    Yields:
        Each conversation, or a `Dropped` that names the first reason against it.
    """
    seen: set[str] = set()
    for conversation in conversations:
        reason = (
            ("duplicate" if conversation.id in seen else None)
            or _outside(conversation.dialogue.started_at, since, until)
            or _refused(conversation.dialogue.tags, consent)
            or (None if turns(conversation.dialogue) else "no turn to replay")
        )
        seen.add(conversation.id)
        if reason is None:
            yield conversation
        else:
            yield Dropped(parent=conversation.id, reason=reason)


def _outside(
    started: datetime | None, since: datetime | None, until: datetime | None
) -> str | None:
    if since is None and until is None:
        return None
    if started is None:
        return "no time, and a window is set"
    if since is not None and started < since:
        return "before the window"
    return "after the window" if until is not None and started >= until else None


def _refused(tags: dict[str, str], consent: str | None) -> str | None:
    given = consent is None or tags.get(consent, "").strip().lower() in _YES
    return None if given else "no consent"
