"""Names and values on the command line: `--where draw=0`."""

from collections.abc import Iterable

from foretaste.errors import PlanError


def parse_tags(written: Iterable[str], like: str = "--where draw=0") -> dict[str, str]:
    """Values by name.

    Args:
        written: each as name=value.
        like: the option with an example, for the message.

    Raises:
        PlanError: one is not of the form name=value.
    """
    tags: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals:
            raise PlanError(
                f"{like.split(maxsplit=1)[0]} {each}: write it as name=value, like {like}"
            )
        tags[name] = value
    return tags
