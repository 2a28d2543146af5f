"""`foretaste models`: what runs on this machine without a server or a key."""

import click
from rich.table import Table
from rich.text import Text

from foretaste.adapters.models.weights import WEIGHTS, find, install
from foretaste.cli.terminal import errors, say_json, show
from foretaste.registry import plugins


@click.command()
@click.option("--install", "wanted", metavar="NAME", help="Download these weights if missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def models(*, wanted: str | None, as_json: bool) -> None:
    """List models that run on this machine, and install their weights.

    Besides those listed, any local .gguf file works by its path, as `embedded/PATH`, and any
    OpenAI-compatible server by its address, as {use: openai, model: NAME, base_url: URL}.
    """
    if wanted is not None:
        install(wanted.removeprefix("embedded/"), lambda line: errors.print(Text(line)))
    found = {name: find(name) for name in WEIGHTS}
    if as_json:
        say_json(
            {
                "embedded": [
                    {
                        "model": f"embedded/{name}",
                        "installed": str(path) if path else None,
                        "bytes": WEIGHTS[name].bytes,
                        "sha256": WEIGHTS[name].sha256,
                        "license": WEIGHTS[name].license,
                    }
                    for name, path in found.items()
                ],
                "plugins": sorted(plugins("models")),
            }
        )
        return
    table = Table(box=None, pad_edge=False)
    for column in ("model", "size", "license", "on this machine"):
        table.add_column(column, overflow="fold")
    for name, path in found.items():
        own = WEIGHTS[name]
        here = str(path) if path else f"no: foretaste models --install {name}"
        table.add_row(f"embedded/{name}", f"{own.bytes / 1e6:.0f} MB", own.license, Text(here))
    show(table, Text(f"plug-ins for `use:`: {', '.join(sorted(plugins('models')))}"))
