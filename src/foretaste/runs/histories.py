"""What a caller hands over as a history, made a conversation."""

from pathlib import Path

import msgspec

from foretaste.dialects.said import Unreadable
from foretaste.errors import PlanError
from foretaste.plan import LogPlan
from foretaste.protocols import History
from foretaste.records import Conversation
from foretaste.registry import build, plugins
from foretaste.runs.sources import open_log
from foretaste.stages.ingest import ingest
from foretaste.usable import usable


async def conversation_of(history: object, use: str | None = None) -> Conversation:
    """A history as a conversation, by the one plug-in that knows it, or by a log's reader.

    Args:
        history: what a framework keeps, or the path of a log that holds one conversation.
        use: name of the plug-in; all are asked where it is left out.

    Raises:
        PlanError: none knows it, or several do; or it cannot be read.
        LogError: it is a path, and no log is there.
    """
    found: dict[str, Conversation] = {}
    for name in (use,) if use else plugins("histories"):
        plug_in: History = build("histories", {"use": name})
        try:
            conversation = await plug_in(history)
        except (Unreadable, msgspec.ValidationError) as error:
            raise PlanError(f"history, as {name} keeps it: {error}") from None
        if conversation is not None:
            found[name] = conversation
    if len(found) == 1:
        return found.popitem()[1]
    if found:
        raise PlanError(f"the history could be of {' or '.join(sorted(found))}: say `use`")
    if isinstance(history, str | Path) and not use:
        return _logged(str(history))
    known = use or ", ".join(sorted(plugins("histories")))
    raise PlanError(f"no history that {known} could read: {type(history).__name__}")


def _logged(path: str) -> Conversation:
    """The one conversation of a log.

    Raises:
        PlanError: there are several.
    """
    found = list(usable(ingest(open_log(path, LogPlan(path=path))[1]), Conversation))
    if len(found) != 1:
        raise PlanError(f"log {path!r} holds {len(found)} conversations: give one of them")
    return found[0]
