"""From one log format to another: reads, writes, sends nothing."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, NamedTuple

from foretaste.drafts import drafted
from foretaste.errors import PlanError
from foretaste.plan import LogPlan, Plan
from foretaste.protocols import Writer
from foretaste.records import Conversation, Failure, Gap
from foretaste.registry import build, plugins, resolve
from foretaste.runs.sources import open_log, scrubber_of
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.ingest import ingest
from foretaste.stages.scan import FailureKind, Losses
from foretaste.stages.scrub import scrub
from foretaste.usable import usable

STDOUT = "-"
_EVERY = 100  # conversations between two notes of progress


class Converted(NamedTuple):
    """What became of a log."""

    read_as: str  # format
    written_as: str
    conversations: int
    scrubbed: bool
    carried: dict[str, int]  # what only Foretaste reads back -> conversations
    gaps: dict[str, int]  # what the log lacked, and so the new one does -> conversations
    failures: dict[str, FailureKind]


def convert(
    log: str,
    out: str,
    *,
    use: str | None = None,
    to: str | None = None,
    where: Mapping[str, str] | None = None,
    force: bool = False,
    scrubbed: bool = False,
    watch: Watch = quiet,
) -> Converted:
    """Write a log in another format.

    Args:
        log: file, folder, glob, or `-` for standard input.
        out: file to write, or `-` for standard output.
        use: the log's format; found by content if left out.
        to: the format to write; told by the file's ending if left out.
        where: keep only records with these tags.
        force: write over a file that is there.
        scrubbed: write stand-ins for what identifies people; otherwise texts stay as they are.
        watch: told of progress.

    Raises:
        PlanError: the file is there, cannot be written, or its format is not known.
        LogError: the log cannot be read.
    """
    name = to or _format_of(out)
    writer: Writer = build("writers", {"use": name})
    if out == STDOUT and not writer.text:
        raise PlanError(f"{name} is no text: name a file to write it to")
    if out != STDOUT and Path(out).exists() and not force:
        raise PlanError(f"{out} is there already; --force writes over it")
    read_as, reader = open_log(log, LogPlan(path=log, use=use, where=dict(where or {})))
    losses = Losses()
    whole = usable(ingest(reader), Conversation, losses.add)
    chosen = _scrubbed(whole, losses) if scrubbed else whole
    count = _Count(watch)
    with _written(out) as stream:
        carried = writer(count(chosen), stream)
    return Converted(
        read_as=read_as,
        written_as=name,
        conversations=count.done,
        scrubbed=scrubbed,
        carried=_ordered(carried),
        gaps=_ordered({gap.value: n for gap, n in count.gaps.items()}),
        failures=losses.kinds(),
    )


def _format_of(out: str) -> str:
    """The format that a file's ending asks for.

    Raises:
        PlanError: it asks for none.
    """
    known = {
        ending: name
        for name in sorted(plugins("writers"))
        for ending in getattr(resolve("writers", name), "endings", ())
    }
    found = next((name for ending, name in known.items() if out.lower().endswith(ending)), None)
    if found is None:
        endings = ", ".join(sorted(known))
        raise PlanError(f"{out}: name the format with --to, or end the file in one of {endings}")
    return found


def _scrubbed(whole: Iterable[Conversation], losses: Losses) -> Iterator[Conversation]:
    """Conversations as a model may see them: no id of the log's, and a pseudonym for the user."""
    scrubber = scrubber_of(Plan(log=LogPlan(path=""), candidate={}))
    for record in whole:
        for clean in scrub([record], scrubber=scrubber):
            if isinstance(clean, Failure):
                losses.add(clean)
            else:
                said = replace(clean.dialogue, origins={})
                yield replace(record, dialogue=said, key=clean.id, user=clean.user, id="")


class _Count:
    """Conversations on their way to the writer."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.done = 0
        self.gaps: dict[Gap, int] = {}

    def __call__(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        for each in conversations:
            yield each
            self.done += 1
            for gap in each.dialogue.gaps:
                self.gaps[gap] = self.gaps.get(gap, 0) + 1
            if self.done % _EVERY == 0:
                self._watch("written", self.done, None)
        self._watch("written", self.done, None)


@contextmanager
def _written(out: str) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all."""
    if out == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with drafted(Path(out)) as stream:
        yield stream


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """From the most frequent to the least."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
