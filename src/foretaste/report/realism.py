"""How real the simulated turns look, for the page and for the terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.contrasts import Discriminated, Realism, Setting, WinRate
from foretaste.report.ledger import Fact
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, chance, share, some

_NOTE = (
    "Taken for real: share of pairs in which the simulated turn was. 50 % means that nobody can "
    "tell, 0 % that everybody can. In brackets: 95 % interval, by cluster."
)
_CONTROLS = {
    "shuffled": "Real turns with results of other tasks; has to be well below 50 %",
    "trials": "Real turn against real turn; has to be 50 % within its interval",
}
_SHOWN = 40  # tools


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRow:
    """One win rate in words."""

    about: str
    pairs: str
    rate: str
    interval: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellerView:
    """What one discriminator makes of the turns."""

    name: str
    sentence: str
    rows: tuple[WinRow, ...]  # all turns, then the controls
    parts: tuple[WinRow, ...]  # layers and tools


@dataclass(frozen=True, slots=True, kw_only=True)
class RealismView:
    """How real one lane looks."""

    title: str
    warnings: tuple[str, ...]
    facts: tuple[Fact, ...]
    tellers: tuple[TellerView, ...]
    ablation: tuple[WinRow, ...]


def realism_view(found: Realism) -> RealismView:
    """All that is said of one finding."""
    return RealismView(
        title=f"Recorded against {found.lane}, {some(found.pairs, 'pair')}",
        warnings=tuple(one_line(each, 400) for each in found.warnings),
        facts=(
            Fact(name="No tool called in one of the two", text=some(found.without_calls, "turn")),
            Fact(name="No answer in one of the two", text=some(found.missing, "turn")),
            Fact(name="Simulated turn ended at a call without answer", text=f"{found.missed:,}"),
            Fact(name="Clusters", text=f"by {one_line(found.group)}"),
        ),
        tellers=tuple(map(_teller, found.discriminators)),
        ablation=tuple(map(_setting, found.ablation)),
    )


def realism_table(found: Realism) -> RenderableType:
    """The same for the terminal; from 80 columns up."""
    view = realism_view(found)
    parts: list[RenderableType] = [Text(view.title, "bold"), Text(_NOTE, "dim")]
    parts += [Text(each, "yellow") for each in view.warnings]
    parts += [Text(f"{fact.name}: {fact.text}", "dim") for fact in view.facts]
    for teller in view.tellers:
        parts += [Text(), Text.assemble((teller.name, "bold"), f": {teller.sentence}")]
        parts.append(_drawn((*teller.rows, *teller.parts)))
    if view.ablation:
        parts += [
            Text(),
            Text("The recorded calls answered again, by some of the layers", "bold"),
            _drawn(view.ablation),
        ]
    return Group(*parts)


def _drawn(rows: Iterable[WinRow]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("", overflow="fold")
    table.add_column("Pairs", justify="right", no_wrap=True)
    table.add_column("Taken for real", no_wrap=True)
    table.add_column("", overflow="fold", style="dim")
    for row in rows:
        rate = Text.assemble(row.rate, (f" [{row.interval}]" if row.interval else "", "dim"))
        table.add_row(Text(row.about), Text(row.pairs), rate, Text(row.more))
    return table


def _teller(found: Discriminated) -> TellerView:
    return TellerView(
        name=one_line(found.discriminator),
        sentence=sentence(found.win),
        rows=(
            _row("all turns", found.win, _strength(found.win)),
            *(
                _row(f"control: {each.name}", each.win, _CONTROLS.get(each.name, ""))
                for each in found.controls
            ),
        ),
        parts=tuple(_parts(found)),
    )


def _parts(found: Discriminated) -> Iterator[WinRow]:
    for layer in found.layers:
        name = f"layer {one_line(layer.layer, 60)}"
        yield _row(f"{name}, turns it mostly answered", layer.most, "")
        yield _row(f"{name}, turns it answered in", layer.any, "")
        if layer.call is not None:
            calls = f"{100 * layer.share:.0f} % of the answers"
            yield _row(f"{name}, single answers", layer.call, calls)
    for tool in found.tools[:_SHOWN]:
        yield _row(f"tool {one_line(tool.tool, 60)}, single answers", tool.call, "")


def _setting(each: Setting) -> WinRow:
    name = one_line(each.name)
    answered = f"{share(each.answered, each.calls)} of {each.calls:,} calls answered"
    if each.failed:
        answered += f"; failed in {some(each.failed, 'turn')}"
    if each.error or each.win is None:
        return WinRow(about=name, pairs="", rate=UNKNOWN, interval="", more=one_line(each.error))
    return _row(name, each.win, answered)


def _row(about: str, win: WinRate, more: str) -> WinRow:
    return WinRow(
        about=about,
        pairs=f"{win.pairs:,}" + (f" + {win.ungraded:,} ungraded" if win.ungraded else ""),
        rate=_percent(win.rate),
        interval=(
            f"{_percent(win.clustered_lower)} to {_percent(win.clustered_upper)}"
            if win.clustered_lower is not None
            else ""
        ),
        more=more,
    )


def sentence(win: WinRate) -> str:
    """What a win rate says, with the margin it is held to."""
    if win.rate is None:
        return "nothing could be told: too few turns differ, or none was graded."
    low, high = _percent(0.5 - win.margin), _percent(0.5 + win.margin)
    if win.equivalent:
        return (
            f"indistinguishable within {low} to {high} (p {chance(win.p_equivalence)}, two "
            "one-sided tests)."
        )
    if win.clustered_upper is not None and win.clustered_upper < 0.5:
        return f"simulated turns are told: {_percent(win.rate)} were taken for real ones."
    if win.clustered_lower is not None and win.clustered_lower > 0.5:
        return (
            f"misled: {_percent(win.rate)} were taken for real ones. More than half is no realism; "
            "what it learned in some clusters is wrong in others. It takes more clusters."
        )
    needed = f"{win.needed:,}" if win.needed is not None else UNKNOWN
    return (
        f"not shown to be indistinguishable within {low} to {high} (p "
        f"{chance(win.p_equivalence)}); that takes about {needed} pairs."
    )


def _strength(win: WinRate) -> str:
    bias = "" if not win.position_bias else f"; position bias {100 * win.position_bias:+.0f} points"
    ties = f"; {some(win.ties, 'tie')}" if win.ties else ""
    return f"{some(win.clusters, 'cluster')}{ties}{bias}"


def _percent(rate: float | None) -> str:
    return UNKNOWN if rate is None else f"{100 * rate:.1f} %"
