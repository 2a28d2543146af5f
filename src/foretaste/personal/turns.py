"""The last real turns of a log, de-identified: what a person looks at without a plan."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from foretaste.errors import LogError
from foretaste.protocols import Reader, Scrubber
from foretaste.records import Conversation, Failure, Prefix, ScrubbedConversation
from foretaste.runs.watch import Watch
from foretaste.stages.ingest import ingest
from foretaste.stages.sample import latest, newest
from foretaste.stages.scrub import scrub
from foretaste.usable import usable


class Picked(NamedTuple):
    """Turns, and where in the log each is."""

    prefixes: tuple[Prefix, ...]
    sources: dict[str, str]  # Prefix.id -> file name and line
    read: int  # conversations of the log
    lost: int  # records that could not be read or scrubbed


def pick(reader: Reader, scrubber: Scrubber, count: int, watch: Watch) -> Picked:
    """The last `count` turns: see `stages.sample.newest` and `latest` for the rule.

    Only the conversations that they come from are scrubbed, so a large log takes no longer than
    reading it.

    Raises:
        LogError: the log cannot be read, or holds no turn to replay.
    """
    counts: Counter[str] = Counter()

    def lose(_: Failure) -> None:
        counts["lost"] += 1

    def counted(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        for each in conversations:
            counts["read"] += 1
            watch("read", counts["read"], None)
            yield each

    raw = newest(counted(usable(ingest(reader), Conversation, lose)), count)
    clean = list(usable(scrub(raw, scrubber=scrubber), ScrubbedConversation, lose))
    places = {each.id: f"{each.source}:{each.line}" for each in raw}
    scrubbed = {each.id: places[each.parent] for each in clean}
    found = tuple(latest(clean, count))
    if not found:
        raise LogError("the log holds no assistant turn after a user message")
    sources = {prefix.id: scrubbed[prefix.parent] for prefix in found}
    return Picked(found, sources, counts["read"], counts["lost"])
