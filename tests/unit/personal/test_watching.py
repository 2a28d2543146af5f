import fcntl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foretaste.errors import MachineFailed, PlanError
from foretaste.pairs import Comparison
from foretaste.personal.watching import Looked, look, remembered, state_file
from foretaste.stages.preview import Cost
from unit.report.compared import comparison

FOUND = comparison()


class Comparer:
    """Compares as `diff` would, without a model."""

    def __init__(self, found: Comparison = FOUND, usd: float | None = 0.5) -> None:
        self.found = found
        self.usd = usd
        self.asked: list[tuple[str | Mapping[str, Any], str]] = []
        self.fails = False

    def __call__(self, log: str, **given: Any) -> Comparison:
        self.asked.append((given["model"], given["path"]))
        cost = Cost(
            what="answers", model="new", calls=1, input_tokens=1, output_tokens=1, usd=self.usd
        )
        if not given["confirm"]((cost,)):
            raise PlanError("no consent")
        if self.fails:
            raise MachineFailed("the server is down")
        return replace(self.found, path=given["path"])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state.json"


@pytest.fixture
def compare() -> Comparer:
    return Comparer()


def glance(state: Path, compare: Comparer, model: str = "new", **more: Any) -> Looked:
    return look("log", model=model, state=state, compare=compare, **{"usd": 1.0, **more})


def test_the_first_look_only_remembers(state: Path, compare: Comparer) -> None:
    looked = glance(state, compare, "old")

    assert looked == Looked("old", None, None)
    assert compare.asked == []
    kept = remembered(state)
    assert kept
    assert kept.model == "old"


def test_the_same_name_is_nothing_new(state: Path, compare: Comparer) -> None:
    glance(state, compare, "old")

    assert glance(state, compare, "old") == Looked("old", "old", None)
    assert compare.asked == []


def test_another_name_is_compared_once(state: Path, compare: Comparer) -> None:
    glance(state, compare, "old")
    looked = glance(state, compare)
    glance(state, compare)

    assert looked.before == "old"
    assert looked.comparison
    assert len(compare.asked) == 1
    kept = remembered(state)
    assert kept
    assert (kept.model, kept.path) == ("new", looked.comparison.path)


def test_the_first_look_can_compare_too(state: Path, compare: Comparer) -> None:
    assert glance(state, compare, at_once=True).comparison is not None
    assert glance(state, compare, at_once=True).comparison is None


def test_a_part_says_how_the_model_is_asked(state: Path, compare: Comparer) -> None:
    glance(state, compare, part={"use": "openai", "model": "new"}, at_once=True)

    assert compare.asked[0][0] == {"use": "openai", "model": "new"}


def test_a_comparison_that_fails_is_tried_again_in_the_same_folder(
    state: Path, compare: Comparer
) -> None:
    glance(state, compare, "old")
    compare.fails = True
    with pytest.raises(MachineFailed, match="down"):
        glance(state, compare)
    compare.fails = False

    assert glance(state, compare).comparison is not None
    assert len(set(compare.asked[0][1:] + compare.asked[1][1:])) == 1


def test_a_model_that_answers_nothing_is_tried_again(state: Path) -> None:
    silent = tuple(replace(pair, new=None) for pair in FOUND.pairs)
    compare = Comparer(replace(FOUND, pairs=silent))
    glance(state, compare, "old")

    with pytest.raises(MachineFailed, match="answered none of 9 turns: the server did not"):
        glance(state, compare)
    kept = remembered(state)
    assert kept
    assert kept.model == "old"


def test_a_name_that_comes_back_is_compared_anew(state: Path, compare: Comparer) -> None:
    glance(state, compare, "old")
    glance(state, compare, "new")
    glance(state, compare, "old")
    glance(state, compare, "new")

    assert len({path for _, path in compare.asked}) == 3


@pytest.mark.parametrize(
    ("usd", "more", "why"),
    [
        (0.5, {"usd": 0.4}, r"about \$0\.50, and --usd allows \$0\.40"),
        (0.5, {"usd": 0.0}, "allows"),
        (None, {}, "costs is not known: say --unpriced"),
    ],
)
def test_nothing_is_spent_above_the_budget(
    state: Path, usd: float | None, more: dict[str, Any], why: str
) -> None:
    compare = Comparer(usd=usd)
    glance(state, compare, "old")

    with pytest.raises(PlanError, match=why):
        glance(state, compare, **more)
    kept = remembered(state)
    assert kept
    assert kept.model == "old"


def test_an_unknown_price_can_be_allowed(state: Path) -> None:
    assert glance(state, Comparer(usd=None), at_once=True, unpriced=True).comparison is not None


def test_two_looks_are_never_at_work_at_once(state: Path, compare: Comparer) -> None:
    glance(state, compare, "old")
    with state.with_name(f".{state.name}.lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

        assert glance(state, compare) == Looked("new", None, None, busy=True)
    assert compare.asked == []
    assert glance(state, compare).comparison is not None


def test_a_file_that_is_no_state_is_left_alone(state: Path, compare: Comparer) -> None:
    state.parent.mkdir()
    state.write_text("[]")

    with pytest.raises(PlanError, match="no state"):
        glance(state, compare)
    assert state.read_text() == "[]"


def test_each_log_has_a_state_of_its_own() -> None:
    assert state_file("a") != state_file("b")
    assert state_file("a") == state_file("./a")
