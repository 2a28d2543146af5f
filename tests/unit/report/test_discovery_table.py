from io import StringIO

from rich.console import Console

from foretaste.discoveries import Discovery
from foretaste.report.discovery_table import discovery_table
from unit.report.discovered import EMPTY, FOUND


def drawn(found: Discovery, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(discovery_table(found))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_table_fits_and_names_everything() -> None:
    said = drawn(FOUND)

    assert max(map(len, said.splitlines())) <= 80
    for part in (
        "1. phrase search results: more in candidate",
        "+1.8 points [+1.3 to +2.7], q below 0.001",
        "candidate: I looked it up",
        "81 %",
        "1 in 152",
        "9 of 20",
        "not enough evidence",
        "corrected the model: 8.6 %",
        "6.6x [3.9x to 11x]",
    ):
        assert part in " ".join(said.split()), part


def test_codes_of_the_terminal_are_shown_and_not_obeyed() -> None:
    assert "\x1b" not in drawn(FOUND)
    assert "⟨U+001B⟩" in drawn(FOUND)


def test_where_nothing_passes_it_says_what_would_have() -> None:
    said = " ".join(drawn(EMPTY).split())

    assert "no proof of sameness: what 17 users' turns gain" in said
    assert "at 2.7 % of users" in said
