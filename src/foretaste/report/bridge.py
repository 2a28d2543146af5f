"""What a changed pipeline changes, lane by lane."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.findings import Bridge, Change, Direction
from foretaste.records import Lane
from foretaste.report.visible import one_line
from foretaste.report.wording import between, chance, list_of, moves, sighted, signed, some, times

_NOTE = (
    "Rates per 100,000 turns on the same prefixes, sealed and today; ratio: today's over the "
    "sealed one. + and -: turns that show the behavior only today, only as sealed."
)


def bridge_sentence(found: Bridge) -> str:
    """What today's pipeline changes, in one sentence."""
    moved = [each for each in found.changes if each.direction is not Direction.UNCLEAR]
    apart = sum(each.only_before + each.only_after for each in found.changes)
    graded = sum(each.pairs for each in found.changes)
    if moved:
        names = list_of([f"{one_line(each.behavior)} ({each.before})" for each in moved])
        return f"Today's pipeline changes {names} beyond chance."
    if not graded:
        return "Unknown: no turn was graded both then and now."
    if not apart:
        return f"Nothing changed: all {graded:,} verdicts are as they were sealed."
    return (
        f"Not enough evidence that anything changed: {apart:,} of {graded:,} verdicts differ, "
        "in no behavior more than chance explains."
    )


def bridge_table(found: Bridge) -> RenderableType:
    """Each lane's behaviors that were seen, sealed against today; from 80 columns up."""
    parts: list[RenderableType] = [
        Text(bridge_sentence(found), style="bold"),
        Text(_NOTE, style="dim"),
    ]
    for lane in Lane:
        own = [each for each in found.changes if each.before is lane]
        if own:
            parts += [Text(), *_lane(lane, own, regraded=found.regraded)]
    parts.append(Text())
    parts += _facts(found)
    return Group(*parts)


def _lane(lane: Lane, changes: Sequence[Change], *, regraded: bool) -> Iterable[RenderableType]:
    turns = some(max(each.pairs for each in changes), "turn")
    apart = [each for each in changes if each.only_before + each.only_after]
    same = regraded or lane is Lane.RECORDED
    yield Text(f"{lane}, {turns} {'graded' if same else 'answered and graded'} again", "bold")
    if not apart:
        yield Text("every verdict as sealed", style="dim")
        return
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("Behavior", overflow="fold")
    for column in ("Sealed", "Today", "Ratio", "Difference", "q", "+ -", ""):
        table.add_column(column, no_wrap=column != "Difference", overflow="fold")
    for each in sorted(apart, key=lambda one: (one.q_value or 0.0, one.behavior)):
        table.add_row(*_row(each))
    yield table
    rest = len(changes) - len(apart)
    if rest:
        yield Text(f"{some(rest, 'behavior')} more: every verdict as sealed", style="dim")


def _row(each: Change) -> list[Text]:
    old, new = each.both + each.only_before, each.both + each.only_after
    apart = each.only_before + each.only_after
    interval = between(each.lower, each.upper, apart, signed)
    clear = each.direction is not Direction.UNCLEAR
    return [
        Text(one_line(each.behavior)),
        Text(sighted(old / each.pairs, old, each.pairs)),
        Text(sighted(new / each.pairs, new, each.pairs)),
        Text(times(each.ratio)),
        Text.assemble(signed(each.difference, apart), (f" [{interval}]", "dim")),
        Text(chance(each.q_value).replace("below ", "<")),
        Text(f"+{each.only_after} -{each.only_before}"),
        Text(moves(each.direction) if clear else "unclear", "bold yellow" if clear else "dim"),
    ]


def _facts(found: Bridge) -> Iterable[Text]:
    same = "the same" if found.code == found.sealed_code else "another"
    yield Text.assemble(
        ("Foretaste: ", "bold"),
        f"{same} code ({found.sealed_version} {found.sealed_code[:8]} then, "
        f"{found.version} {found.code[:8]} today)",
    )
    if found.regraders:
        names = list_of([one_line(name) for name in found.regraders])
        yield Text.assemble(("Other graders today: ", "bold"), names)
    if found.absent:
        names = list_of([one_line(name) for name in found.absent])
        yield Text.assemble(("Not graded today: ", "bold"), names)
