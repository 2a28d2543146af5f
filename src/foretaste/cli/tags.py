"""Tags on the command line: `--where draw=0`."""

from collections.abc import Iterable

from foretaste.errors import PlanError


def parse_tags(written: Iterable[str]) -> dict[str, str]:
    """Tags by name.

    Raises:
        PlanError: one is not of the form name=value.
    """
    tags: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals:
            raise PlanError(f"--where {each}: write it as name=value, like --where draw=0")
        tags[name] = value
    return tags
