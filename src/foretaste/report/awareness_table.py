"""Whether models notice that they are tested, for the terminal."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.awareness import Awareness
from foretaste.report.awareness import MarkRow, MeasureView, PairRow, awareness_view

_NOTE = (
    "Evaluation: share of transcripts that a detector takes for one; of recorded production, "
    "falsely. In brackets: 95 % interval, by user. "
    "AUC: how well the score tells them from recorded production; 0.5 is not at all. Its interval "
    "counts transcripts as independent, and is too narrow where users bring many. Same prefixes: "
    "replayed minus recorded, with the pairs in which only one of them is taken for one or "
    "shows it, and an exact test over users."
)
_SHOWN = 12  # marks


def awareness_table(found: Awareness) -> RenderableType:
    """One finding as text; from 80 columns up."""
    view = awareness_view(found, _SHOWN)
    parts: list[RenderableType] = [Text(view.title, "bold"), Text(_NOTE, "dim")]
    parts += [Text(each, "yellow") for each in view.warnings]
    for each in view.measures:
        parts += [Text(), Text.assemble((each.name, "bold"), f": {each.sentence}")]
        if each.rows:
            parts.append(_rates(each))
        if each.pairs:
            parts.append(_paired(each.pairs))
        parts += [Text(f"{fact.name}: {fact.text}", "dim") for fact in each.facts]
    parts += [Text(), Text("Marks that give a test away", "bold"), Text(view.marks_note)]
    if view.marks:
        parts.append(_marked(view.marks))
        parts += [Text(view.more_marks, "dim")] if view.more_marks else []
    return Group(*parts)


def _rates(view: MeasureView) -> Table:
    heads = ["", "Transcripts", view.head, *(["Score", "AUC"] * view.scored)]
    table = _table(*heads)
    for row in view.rows:
        cells = [Text(row.source), Text(row.transcripts), _bracketed(row.rate, row.interval)]
        if view.scored:
            cells += [Text(row.score), _bracketed(row.auc, row.auc_interval)]
        table.add_row(*cells)
    return table


def _paired(rows: Iterable[PairRow]) -> Table:
    heads = ("Same prefixes", "Pairs", "Difference, points", "Sign test")
    return _filled(
        heads, ((r.source, r.pairs, _bracketed(r.difference, r.interval), r.more) for r in rows)
    )


def _marked(rows: Iterable[MarkRow]) -> Table:
    heads = ("Mark", "Source", "Score", "How to mend it")
    return _filled(
        heads, ((r.what, r.source, _bracketed(r.difference, r.interval), r.advice) for r in rows)
    )


def _filled(heads: Iterable[str], rows: Iterable[tuple[str, str, Text, str]]) -> Table:
    table = _table(*heads)
    for what, about, value, more in rows:
        table.add_row(Text(what), Text(about), value, Text(more, "dim"))
    return table


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _bracketed(value: str, interval: str) -> Text:
    return Text.assemble(value, (f" [{interval}]" if interval else "", "dim"))
