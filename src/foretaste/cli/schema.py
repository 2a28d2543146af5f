"""`foretaste schema`: the JSON schema of foretaste.yaml."""

from foretaste.cli.screen import say_json
from foretaste.schema import plan_schema


def schema() -> None:
    """Print the JSON schema of foretaste.yaml."""
    say_json(plan_schema())
