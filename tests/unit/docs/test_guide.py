"""The numbers of the guide pages are those that Foretaste's own functions give."""

import re
import runpy

from foretaste.stats.proportion import wilson
from foretaste.stats.scoring import direction_chance, noise_band, noise_error
from unit.docs.pages import ROOT

PAGE = (ROOT / "docs/guide/ninety-two-percent.md").read_text("utf-8")
RARE = 10_000_000  # turns


def rows(pattern: str) -> list[tuple[str, ...]]:
    found = re.findall(rf"^\| {pattern} \|$", PAGE, re.MULTILINE)
    assert found
    return [each if isinstance(each, tuple) else (each,) for each in found]


def test_the_errors_by_chance_are_those_that_reports_print() -> None:
    found = rows(r"(\d+) \| (\d\.\d\d)x \| (\d\.\d\d)x")

    assert [int(k) for k, _, _ in found] == [3, 5, 10, 20, 50, 100]
    for k, error, band in found:
        events = int(k)
        assert f"{noise_error(events, RARE, events, RARE):.2f}" == error
        assert f"{noise_band(events, events):.2f}" == band


def test_the_chances_to_see_a_direction_are_those_of_the_counts() -> None:
    found = rows(r"(\d+) \| (0\.\d\d)")

    assert [int(k) for k, _ in found] == [5, 10, 20, 50]
    assert [f"{direction_chance(int(k), 1.5):.2f}" for k, _ in found] == [p for _, p in found]


def test_the_intervals_of_the_published_counts_are_wilson_s() -> None:
    for right, whole, share, lower, upper in rows(
        r"[^|]+ \| (\d+) of (\d+) \| (\d+) % \| (\d+) % to (\d+) %"
    ):
        interval = wilson(int(right), int(whole))
        assert [f"{100 * limit:.0f}" for limit in interval] == [lower, upper]
        assert f"{100 * int(right) / int(whole):.0f}" == share


def test_the_picture_is_what_its_script_draws() -> None:
    script = runpy.run_path(str(ROOT / "docs/images/luck.py"))

    drawn = (ROOT / "docs/images/luck.svg").read_text("utf-8")
    assert script["picture"]() == drawn, "run: python docs/images/luck.py"
