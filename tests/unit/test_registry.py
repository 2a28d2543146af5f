from dataclasses import dataclass, field
from pathlib import Path

import pytest

from foretaste.adapters.engines.local import Local
from foretaste.errors import PlanError, UnknownName
from foretaste.registry import build, options, plugins, resolve


@dataclass(frozen=True, kw_only=True)
class Mine:
    """A plug-in of somebody else's."""

    path: str
    depth: int = 1
    names: tuple[str, ...] = ()
    secret: str = ""
    _open: list[str] = field(init=False, default_factory=list)


def function() -> None:
    """No plug-in."""


HERE = f"{__name__}:Mine"


def test_shipped_plug_ins_come_through_entry_points() -> None:
    assert set(plugins("models")) >= {"openai", "embedded", "recorded", "scripted"}
    assert resolve("engines", "local") is Local


@pytest.mark.parametrize(
    "family",
    ["readers", "histories", "scrubbers", "models", "graders", "simulators", "stores", "engines"],
)
def test_every_entry_point_leads_to_a_plug_in(family: str) -> None:
    for name in plugins(family):
        assert isinstance(resolve(family, name), type)  # type: ignore[arg-type]


def test_a_plug_in_may_be_named_by_its_place() -> None:
    found = build("models", {"use": HERE, "path": "x", "depth": 3, "names": ["a", "b"]})

    assert found == Mine(path="x", depth=3, names=("a", "b"))


def test_an_unknown_plug_in_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown grader 'rubrik'.*did you mean 'rubric'\?"):
        resolve("graders", "rubrik")


@pytest.mark.parametrize(
    "use", ["no_such_module:X", f"{__name__}:Missing", f"{__name__}:function", ":X", ".x:Y", "x:"]
)
def test_a_place_that_holds_no_plug_in_is_a_wrong_plan(use: str) -> None:
    with pytest.raises(PlanError, match="models"):
        resolve("models", use)


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"'dept'.*did you mean 'depth'\?") as caught:
        build("models", {"use": HERE, "path": "x", "dept": 3})

    assert "Mine" in str(caught.value)


def test_an_option_that_the_program_supplies_is_not_the_plan_s_to_set() -> None:
    assert build("models", {"use": HERE, "path": "x"}, secret="k").secret == "k"
    with pytest.raises(UnknownName) as caught:
        build("models", {"use": HERE, "path": "x", "secret": "mine"}, secret="k")
    assert "mine" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"depth": "deep"}, {"names": "abc"}, {"names": [1]}])
def test_an_option_of_the_wrong_type_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(PlanError, match=next(iter(wrong))):
        build("models", {"use": HERE, "path": "x"} | wrong)


def test_a_missing_option_is_named() -> None:
    with pytest.raises(PlanError, match="needs path"):
        build("models", {"use": HERE})


def test_a_part_without_use_is_refused() -> None:
    with pytest.raises(PlanError, match="store"):
        build("stores", {"path": "x"})


def test_state_is_no_option() -> None:
    assert list(options(Mine)) == ["path", "depth", "names", "secret"]


def test_importing_a_plug_in_s_module_that_is_broken_is_a_wrong_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_written.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(PlanError, match="no_such_library"):
        resolve("models", "half_written:X")
