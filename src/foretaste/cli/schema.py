"""`foretaste schema`: the JSON schema of foretaste.yaml."""

import click

from foretaste.cli.terminal import say_json
from foretaste.schema import plan_schema


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same: a schema is JSON.")
def schema(*, as_json: bool) -> None:  # noqa: ARG001  # every verb takes --json
    """Print the JSON schema of foretaste.yaml."""
    say_json(plan_schema())
