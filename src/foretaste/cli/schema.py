"""`foretaste schema`: the JSON schema of foretaste.yaml, or of a card."""

import click

from foretaste.cli.terminal import say_json
from foretaste.schema import card_schema, plan_schema

SCHEMAS = {"plan": plan_schema, "card": card_schema}


@click.command()
@click.argument("name", metavar="plan|card", type=click.Choice(list(SCHEMAS)), default="plan")
@click.option("--json", "as_json", is_flag=True, help="The same: a schema is JSON.")
def schema(name: str, *, as_json: bool) -> None:  # noqa: ARG001  # every verb takes --json
    """Print the JSON schema of foretaste.yaml; with `card` that of `foretaste card RUN --json`."""
    say_json(SCHEMAS[name]())
