"""`foretaste mcp`: the verbs as tools for agents."""

from contextlib import suppress

import click

from foretaste.errors import PlanError
from foretaste.runs.pricing import Price
from foretaste.toolserver.fence import Fence
from foretaste.toolserver.purse import Purse
from foretaste.toolserver.vetting import Allowance


@click.command()
@click.argument("folders", metavar="[FOLDER]...", nargs=-1)
@click.option("--http", "port", type=click.IntRange(0, 65535), help="Listen here; 0: any port.")
@click.option("--usd", type=click.FloatRange(0), help="US dollars that may be spent in all.")
@click.option("--calls", type=click.IntRange(0), help="Requests to models that may be made in all.")
@click.option("--key", "keys", multiple=True, metavar="NAME", help="Variable that may be used.")
@click.option("--server", "servers", multiple=True, metavar="URL", help="May be asked for models.")
@click.option("--price", "prices", multiple=True, metavar="MODEL=IN,OUT", help="USD per 1M tokens.")
def mcp(
    folders: tuple[str, ...],
    *,
    port: int | None,
    usd: float | None,
    calls: int | None,
    keys: tuple[str, ...],
    servers: tuple[str, ...],
    prices: tuple[str, ...],
) -> None:
    """Serve tools to an agent over MCP: scan, plan, run, read findings and examples, gate.

    Over standard input and output, or with --http on 127.0.0.1 for whoever has the token that is
    printed. Tools read and write in FOLDERs alone (the current one if none is named). Without
    --usd or --calls only models that cost nothing are asked.
    """
    fence = Fence(folders or (".",))
    allowance = Allowance(
        purse=Purse(usd=usd, calls=calls, prices=dict(map(_price, prices))),
        keys=frozenset(keys),
        servers=frozenset(servers),
    )
    try:
        from foretaste.toolserver.server import server_of  # noqa: PLC0415  (an extra)
        from foretaste.toolserver.serving import over_http, over_pipes  # noqa: PLC0415
    except ImportError as error:
        raise PlanError("this needs the MCP SDK: pip install 'foretaste[mcp]'") from error
    server = server_of(fence, allowance)
    with suppress(KeyboardInterrupt):
        if port is None:
            over_pipes(server)
        else:
            over_http(server, port=port, announce=_say)


def _say(address: str, token: str) -> None:
    click.echo(f"listening at {address}\nAuthorization: Bearer {token}\nCtrl-C ends it", err=True)


def _price(written: str) -> tuple[str, Price]:
    model, _, figures = written.rpartition("=")
    try:
        shown, answered = (float(each) for each in figures.split(","))
    except ValueError:
        raise PlanError(f"--price {written!r}: write it like --price gpt-x=1.25,10") from None
    if not model or shown < 0 or answered < 0:
        raise PlanError(f"--price {written!r}: write it like --price gpt-x=1.25,10")
    return model, Price(input=shown, output=answered)
