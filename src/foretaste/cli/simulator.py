"""`foretaste simulator`: how true simulated tools are."""

from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import progress, say_json, show
from foretaste.errors import PlanError
from foretaste.report.visible import visible
from foretaste.runs.retracing import Count, LayerScore, Truth, score_simulator

_STATES = ("n", "answered", "agree")


@click.group()
def simulator() -> None:
    """How true simulated tools are."""


@simulator.command()
@click.argument("trajectories")
@click.option("--leave-out", required=True, metavar="FIELD", help="What belongs together: task_id.")
@click.option("--environment", metavar="MODULE:CLASS", help="Tools that are known to be right.")
@click.option("--state", help="What they start from; `database` or `state` beside the log.")
@click.option("--error", default="Error: {error}", help="How they word an exception.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def score(
    trajectories: str,
    *,
    leave_out: str,
    environment: str | None,
    state: str | None,
    error: str,
    where: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ask simulated tools what the real ones said, each task's calls left out. Offline and free.

    Each trajectory's calls are asked again, in order, of the record of another trial with the same
    FIELD, of a database of all calls with another FIELD, and of both. With an environment, that is
    held to the recorded results, and the others to it. Exact means equal to the letter.
    """
    with progress() as watch:
        found = score_simulator(
            trajectories,
            leave_out=leave_out,
            environment=environment,
            state=state or (_beside(trajectories) if environment else None),
            error=error,
            where=parse_tags(where),
            watch=watch,
        )
    if as_json:
        say_json(_plain(found))
        return
    show(_table(found))
    groups = f"{found.groups:,} values of {leave_out!r}"
    show(Text(visible(f"{found.trajectories:,} trajectories, {groups}; held to: {found.truth}")))
    for reason, count in found.failures.items():
        show(Text(visible(f"not retraced: {count:,}: {reason}"), "red"))


def _beside(trajectories: str) -> str:
    folder = Path(trajectories).parent
    for name in ("database", "state", "state.json", "state.sqlite", "state.db"):
        if (folder / name).exists():
            return str(folder / name)
    raise PlanError("an environment needs a state to start from: --state PATH")


def _table(found: Truth) -> Table:
    """A row for each tool, a column for each layer: its answers, and how many of them are exact."""
    first = next(iter(found.layers.values()))
    table = Table(
        box=None,
        pad_edge=False,
        collapse_padding=True,
        caption="answers, all exact; or: exact / answers",
        caption_justify="right",
    )
    table.add_column("tool", overflow="fold")
    table.add_column("calls", justify="right")
    for layer in found.layers:
        table.add_column(layer, justify="right")
    for name, count in first.tools.items():
        table.add_row(
            Text(visible(name)), f"{count.n:,}", *(_of(own.tools[name]) for own in _all(found))
        )
    table.add_row("[bold]all", f"{first.calls.n:,}", *(_of(own.calls) for own in _all(found)))
    ends = [own.states for own in _all(found)]
    known = next((end for end in ends if end is not None), None)
    if known is not None:
        table.add_row("states at the end", f"{known.n:,}", *(_of(end) for end in ends))
    return table


def _all(found: Truth) -> list[LayerScore]:
    return list(found.layers.values())


def _of(count: Count | None) -> str:
    if count is None or not count.answered:
        return "-"
    wrong = count.answered - count.exact
    return f"{count.exact:,} / {count.answered:,}" if wrong else f"{count.answered:,}"


def _plain(found: Truth) -> dict[str, object]:
    return {
        **found._asdict(),
        "layers": {
            layer: {
                **own.calls._asdict(),
                "tools": {name: count._asdict() for name, count in own.tools.items()},
                "states": own.states and dict(zip(_STATES, own.states, strict=True)),
            }
            for layer, own in found.layers.items()
        },
    }
