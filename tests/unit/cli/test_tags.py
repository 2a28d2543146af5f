import pytest

from foretaste.cli.tags import parse_tags
from foretaste.errors import PlanError


def test_tags_are_read_as_name_and_value() -> None:
    found = parse_tags(["draw=0", "surface=web app", "path=a=b", "empty="])

    assert found == {"draw": "0", "surface": "web app", "path": "a=b", "empty": ""}


def test_a_tag_without_a_value_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(PlanError, match="name=value"):
        parse_tags(["draw"])
