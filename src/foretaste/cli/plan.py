"""`foretaste plan`: price and power, before anything is spent."""

import click
from rich.table import Table
from rich.text import Text

from foretaste.cli.terminal import progress, say_json, show
from foretaste.outlook import preview
from foretaste.report.gating.limits import limit_name
from foretaste.report.traffic import traffic_view
from foretaste.report.wording import per_100k
from foretaste.stages.preview import LimitPower, Preview


@click.command()
@click.argument("file", default="foretaste.yaml", metavar="[PLAN]")
@click.option("--json", "as_json", is_flag=True, help="Print the estimate as JSON.")
def plan(file: str, *, as_json: bool) -> None:
    """What a plan will cost and what it can detect, before anything is spent."""
    with progress() as watch:
        found = preview(file, watch=watch)
    if as_json:
        say_json(found)
        return
    power = found.power
    users = f" of {power.users:,} users" if power.users is not None else ""
    show(
        Text(
            f"{power.prefixes:,} prefixes{users}, drawn from {found.population:,} "
            f"in {found.conversations:,} conversations"
        ),
        _costs(found),
        Text(_total(found), "bold"),
        Text(""),
        Text(f"Behaviors graded: {', '.join(found.behaviors)}"),
        *(Text(line, "yellow") for line in _skipped(found)),
        *(Text(line) for line in _traffic(found)),
        Text(""),
        Text("What this sample can show (80 % power, 5 % level)", "bold"),
        Text(f"  a behavior seen at least once, 95 % sure: {per_100k(power.floor, 1)} per 100,000"),
        *(Text(f"  at {rate} today: {_times(ratio)}") for rate, ratio in power.ratios.items()),
        *(
            Text(f"  if {share} of the pairs differ: {_points(least)}")
            for share, least in power.differences.items()
        ),
        *(Text(line) for line in _limits(found)),
    )


def _limits(found: Preview) -> list[str]:
    if not found.limits:
        return []
    told = [
        f"  {each.limit.behavior}, {limit_name(each.limit)}: {_kept(each)}" for each in found.limits
    ]
    return ["", "What the gate can release at this size, in 95 of 100 runs", *told]


def _kept(each: LimitPower) -> str:
    if each.limit.increase is not None:
        if each.equal_from is None:
            return "nothing; an equal model needs a limit above 1x"
        return (
            f"an equal model, if today's rate is {per_100k(each.equal_from, 1)} per 100,000 or more"
        )
    if each.rate is not None:
        return f"a rate up to {per_100k(each.rate, 1)} per 100,000"
    if each.needed is None:
        return "nothing, whatever the sample"
    return f"nothing; without one sighting it takes {each.needed:,} prefixes"


def _costs(found: Preview) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("asked")
    table.add_column("model", overflow="fold")
    for column in ("calls", "input tokens", "output tokens", "US$"):
        table.add_column(column, justify="right")
    for each in found.costs:
        usd = "unknown" if each.usd is None else f"{each.usd:,.2f}"
        tokens = (f"~{each.input_tokens:,}", f"~{each.output_tokens:,}")
        table.add_row(each.what, Text(each.model), f"{each.calls:,}", *tokens, usd)
    return table


def _skipped(found: Preview) -> list[str]:
    """Behaviors that are not graded, gathered by reason."""
    names: dict[str, list[str]] = {}
    for name, why in found.skipped.items():
        names.setdefault(why, []).append(name)
    return [f"Not graded: {', '.join(those)} ({why})" for why, those in names.items()]


def _traffic(found: Preview) -> list[str]:
    view = traffic_view(found.traffic)
    if view is None:
        return []
    facts = (f"  {fact.name}: {fact.text}" for fact in view.facts)
    return [f"Traffic: {view.sentence}", *facts, *(f"  {each}" for each in view.warnings)]


def _total(found: Preview) -> str:
    if found.usd is None:
        return "Cost: unknown; state `price: {input: ..., output: ...}` per million tokens"
    return f"Cost: about ${found.usd:,.2f}" if found.usd else "Cost: no money, only time"


def _times(ratio: float | None) -> str:
    return f"a change by {ratio:.1f}x or more" if ratio is not None else "no change, too few cases"


def _points(least: float | None) -> str:
    return f"a shift of {least:.1%} of all turns or more" if least is not None else "no shift"
