import pytest
from rich.console import Console

from foretaste.backtests import Backtest, SameModel
from foretaste.report.backtests import table
from unit.report.backtested import backtested, many, point, record
from unit.report.dialogues import HOSTILE


def shown(found: Backtest, width: int = 80) -> list[str]:
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        console.print(table(found))
    return capture.get().splitlines()


def row(found: Backtest, name: str, width: int = 80) -> str:
    return next(line for line in shown(found, width) if line.startswith(name))


def test_every_method_is_one_line_of_80_columns() -> None:
    large = record(n=130_000, direction_n=123_456, directional_accuracy=0.987, nll=1_234.5)
    names = ("hierarchical", "previous-deployment", "challenging-prompts")
    found = backtested(models=dict.fromkeys(names, large))

    assert " ".join(row(found, "challenging").split()) == (
        "challenging-prompts 1.40x 1.90x 99 % of 123,456 1234.500 50/83/92 0.84 130,000"
    )
    assert row(found, "previous").split()[-1] == "130,000"


def test_the_previous_deployment_says_none_of_a_direction() -> None:
    assert "says none" in row(backtested(), "previous-deployment")


def test_what_is_not_known_is_unknown() -> None:
    bare = record(directional_accuracy=None, direction_n=0, log_rate_correlation=None)

    assert row(backtested(models={"direct": bare}), "direct").count("unknown") == 2


def test_chance_and_the_same_model_stand_below() -> None:
    same = SameModel(
        median_multiplicative_error=1.2, mean_multiplicative_error=1.4, noise_error=1.25, n=9
    )
    lines = shown(backtested(same_model=same, skipped={"too few": 3}, unseen=("insult",)))

    assert "Chance alone: a perfect forecast would be off by 1.4x" in lines
    assert any(line.startswith("Same model twice: off by 1.2x") for line in lines)
    assert "Transitions left out: too few (3)" in lines
    assert "Seen in no release, not scored: insult" in lines
    assert "Same model twice: unknown: no log holds two answers to one prompt" in shown(
        backtested()
    )


def test_the_misses_that_luck_explains_least_are_named() -> None:
    lines = shown(backtested())
    first = next(at for at, line in enumerate(lines) if line.startswith("Furthest from luck"))

    assert lines[first + 1].split()[:6] == ["flattery", "5.2", "%", "40", "%", "7.7x"]
    assert lines[first + 1].endswith("new, from old")
    assert [line.split()[0] for line in lines[first + 2 : first + 5]] == [
        "emoji",
        "refusal",
        "apology",
    ]
    assert "none seen" in lines[first + 4]


def test_five_behaviors_are_shown_at_most() -> None:
    lines = shown(backtested(points=many(100)))

    assert sum(line[:1] == "b" and line[1:2].isdigit() for line in lines) == 5


@pytest.mark.parametrize("width", [60, 80, 200])
def test_hostile_names_stay_text_and_rows_within_the_window(width: int) -> None:
    found = backtested(points=(point(HOSTILE, HOSTILE, realized=90),), unseen=(HOSTILE,))
    lines = shown(found, width)

    assert max(map(len, lines)) <= width
    assert "\x1b" not in "".join(lines)
