"""Before a run: what a log holds, and what a plan would cost and show. Nothing is sent."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from foretaste.errors import PlanError
from foretaste.language import language_of
from foretaste.pipeline import sample_of
from foretaste.plan import LogPlan, Plan
from foretaste.planfile import load_plan
from foretaste.records import Conversation, ScrubbedConversation
from foretaste.runs.assembly import Parts, assemble
from foretaste.runs.sources import open_log
from foretaste.runs.spending import quote, total
from foretaste.runs.traffic import weigh
from foretaste.runs.watch import Watch, quiet
from foretaste.stages.curate import curate
from foretaste.stages.ingest import ingest
from foretaste.stages.preview import Preview, limit_power, power
from foretaste.stages.scan import LogSummary
from foretaste.stages.scan import scan as summarize
from foretaste.stages.scrub import scrub
from foretaste.usable import usable

Record = TypeVar("Record")


class Scanned(NamedTuple):
    """A log's format, and what it holds."""

    format: str
    log: LogSummary


def scan(
    log: str,
    *,
    use: str | None = None,
    where: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    watch: Watch = quiet,
) -> Scanned:
    """What a log holds, what could be replayed, and what it lacks. Reads; sends nothing.

    Args:
        log: file, folder, glob, or `-` for standard input.
        use: its format; found by content if left out.
        where: keep only records with these tags.
        options: of the format's reader.
        watch: told of progress.

    Raises:
        LogError: the log cannot be opened, or no record of it can be read.
        PlanError: an option that the format does not know.
    """
    spec = LogPlan(path=log, use=use, where=dict(where or {}), options=dict(options or {}))
    name, reader = open_log(log, spec)
    return Scanned(name, summarize(_counted(ingest(reader), watch), language=language_of))


def _counted(records: Iterable[Record], watch: Watch) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        watch("read", number, None)
        yield record


class _Corpus:
    """The corpus of a plan, made anew from the log at each pass: a preview keeps nothing."""

    def __init__(self, plan: Plan, parts: Parts, watch: Watch) -> None:
        self._plan, self._parts, self._watch = plan, parts, watch
        self.kept = 0
        self.has_users = False

    def __iter__(self) -> Iterator[ScrubbedConversation]:
        self.kept = 0
        since, until = self._plan.window.moments()
        raw = usable(ingest(self._parts.reader), Conversation)
        clean = usable(scrub(raw, scrubber=self._parts.scrubber), ScrubbedConversation)
        for record in curate(clean, since=since, until=until, consent=self._plan.consent):
            if isinstance(record, ScrubbedConversation):
                self.kept += 1
                self.has_users |= record.user is not None
                self._watch("read", self.kept, None)
                yield record


def preview(plan: str | Mapping[str, Any] | Plan, *, watch: Watch = quiet) -> Preview:
    """What a plan would cost in calls, tokens and money, and what it can show. Sends nothing.

    Raises:
        PlanError: the plan is wrong, or its log is standard input, which can be read only once.
        LogError: the log cannot be read.
    """
    plan = load_plan(plan)
    if plan.log.path == "-":
        raise PlanError("standard input can be read only once: `plan` needs the log as a file")
    parts = assemble(plan)
    corpus = _Corpus(plan, parts, watch)
    drawn = sample_of(plan, corpus)
    prefixes = list(drawn.prefixes)
    found = quote(parts, prefixes)
    shifted = weigh(plan, parts, prefixes)
    users = len({prefix.user for prefix in prefixes}) if corpus.has_users else None
    return Preview(
        conversations=corpus.kept,
        population=drawn.population,
        costs=found,
        usd=total(found),
        power=power(len(prefixes), users),
        behaviors=tuple(behavior.name for behavior in parts.panel.behaviors),
        skipped=dict(parts.panel.skipped),
        traffic=shifted.finding if shifted else None,
        limits=limit_power(parts.panel.limits, len(prefixes)),
    )
