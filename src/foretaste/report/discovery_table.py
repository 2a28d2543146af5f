"""What nobody listed, for the terminal; from 80 columns up."""

import re
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from foretaste.discoveries import Discovery
from foretaste.report.differences import DifferenceView, SightingView
from foretaste.report.discovery import DiscoveryView, Part, Row, discovery_view
from foretaste.report.reactions import ReactionView

_SPACES = re.compile(r"\s+")
_QUOTED = 10  # differences that are shown with what was said
_LISTED = 30  # differences
_SIGNS = 5  # of a reaction
_WIDE = 150  # characters of a quote
_AROUND = 60  # of them before what is shown
_NOTE = (
    "Rates: share of turns that show it. In brackets: 95 % interval of the difference, by user. "
    "Differences are counted, not understood: read the examples."
)


def discovery_table(found: Discovery) -> RenderableType:
    """All that one audit found; the clearest differences with an example each."""
    view = discovery_view(found)
    parts: list[RenderableType] = [Text(view.title, "bold"), Text(_NOTE, "dim")]
    parts += [Text(each, "yellow") for each in view.warnings]
    parts.append(Text(view.sentence))
    parts += [Text(f"{fact.name}: {fact.text}", "dim") for fact in view.facts]
    parts += _differences(view)
    for part in view.parts:
        parts += [Text(), *_part(part)]
    if view.reactions:
        parts += [Text(), *_reactions(view.reactions)]
    return Group(*parts)


def _differences(view: DiscoveryView) -> Iterator[RenderableType]:
    for number, each in enumerate(view.differences[:_LISTED], start=1):
        yield Text()
        yield Text.assemble(f"{number}. {each.kind} ", (each.what, "bold"), f": {each.direction}")
        yield from _beneath(_lines(each))
        if number <= _QUOTED:
            yield from _beneath(_quotes(each.sightings[:1]))
    left = len(view.differences) - _LISTED
    if left > 0:
        yield Text(f"{left:,} more are in the report. {view.left_out}".strip(), "dim")


def _lines(each: DifferenceView) -> Iterator[Text]:
    yield Text.assemble(
        f"{each.before} → {each.after}, {each.difference}",
        (f" [{each.interval}], {each.evidence}", "dim"),
    )
    yield Text(f"{each.counts}; {each.users}", "dim")
    if each.also:
        yield Text(f"with it: {each.also}", "dim")


def _quotes(sightings: tuple[SightingView, ...]) -> Iterator[Text]:
    for sighting in sightings:
        for side in sighting.sides:
            line = Text(f"{side.lane}: ", "dim")
            for piece in side.pieces:
                line.append(_SPACES.sub(" ", piece.text), _style(piece.kind))
            yield _cut(line, len(side.lane) + 2) if side.pieces else line.append(side.note)


def _style(kind: str) -> str:
    return "bold not dim" if kind == "mark" else "not dim"


def _cut(line: Text, label: int) -> Text:
    """A line around its mark."""
    marks = [span.start for span in line.spans if "bold" in str(span.style)]
    start = max(label, (marks[0] if marks else label) - _AROUND)
    shown = line[label:][start - label : start - label + _WIDE]
    dots = ("…" if start > label else "", "…" if len(line) > start + _WIDE else "")
    return Text.assemble(line[:label], dots[0], shown, dots[1])


def _part(part: Part) -> Iterator[RenderableType]:
    yield Text(part.title, "bold")
    yield Text(part.sentence)
    for fact in part.facts:
        yield Text(f"{fact.name}: {fact.text}", "dim")
    if part.rows:
        yield _drawn(part)
    for row in part.rows:
        yield from _beneath(_row_lines(row))


def _drawn(part: Part) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for number, column in enumerate(part.columns):
        table.add_column(column.capitalize() if number else "", overflow="fold")
    for row in part.rows:
        cells = (
            Text.assemble(cell, (f"\n{note}" if note else "", "dim"))
            for cell, note in zip(row.cells, row.notes, strict=True)
        )
        table.add_row(Text(row.about), *cells)
    return table


def _row_lines(row: Row) -> Iterator[Text]:
    if row.more or row.differences or row.sightings:
        yield Text(f"{row.about}:")
    if row.more:
        yield Text(row.more, "dim")
    for each in row.differences[:_SIGNS]:
        rates = f"{each.before} → {each.after}, {each.q_value}"
        yield Text.assemble(f"{each.kind} ", (each.what, "bold"), f": {rates}")
    yield from _quotes(row.sightings[:1])


def _reactions(reactions: tuple[ReactionView, ...]) -> Iterator[RenderableType]:
    yield Text("How people went on in the log", "bold")
    yield Text(
        "By a rule over the next user message; it knows clear phrases in six languages and misses "
        "the rest, so most true rates are higher. A sign goes with a reaction and need not cause "
        "it.",
        "dim",
    )
    for each in reactions:
        yield Text.assemble(
            f"{each.name}: {each.rate}",
            (f" [{each.interval}], {each.counts}, {each.users}. {each.sentence}", "dim"),
        )
        for sign in each.signs[:_SIGNS]:
            rates = f"{sign.rate} of the turns before it, {sign.elsewhere} of others"
            yield from _beneath(
                [
                    Text.assemble(
                        f"{sign.kind} ",
                        (sign.what, "bold"),
                        f": {rates}; {sign.ratio} ",
                        (f"[{sign.interval}], {sign.evidence}", "dim"),
                    )
                ]
            )


def _beneath(lines: Iterator[Text] | list[Text]) -> Iterator[RenderableType]:
    for line in lines:
        yield Padding(line, (0, 0, 0, 3), expand=False)
