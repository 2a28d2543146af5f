from typing import Any

import pytest

from foretaste.after.ablation import only, setting, settings, without
from foretaste.contrasts import TIE
from foretaste.errors import UnknownName
from foretaste.runs.tooling import layers_of
from unit.looks import contrast, turn

DATABASE = {"use": "database", "path": "calls.jsonl"}
MODEL = {"use": "model", "model": "scripted/tools"}
TOOLS: dict[str, Any] = {
    "use": "layered",
    "layers": ["recorded", DATABASE, MODEL],
    "miss": "model",
    "by_tool": {
        "find_*": ["database", "recorded"],
        "book_*": {"layers": ["model"], "miss": "model"},
        "think": {"miss": "stop"},
    },
}


def test_a_layer_is_left_out_wherever_it_is_named() -> None:
    found = without(TOOLS, "database")

    assert layers_of(found) == {"recorded": {"use": "recorded"}, "model": MODEL}
    assert found["by_tool"]["find_*"] == {"layers": ["recorded"]}
    assert found["by_tool"]["book_*"] == {"layers": ["model"], "miss": "model"}
    assert found["miss"] == "model"


def test_without_a_model_a_miss_stops() -> None:
    found = without(TOOLS, "model")

    assert found["miss"] == "stop"
    assert found["by_tool"]["book_*"] == {"miss": "stop"}


def test_one_layer_alone_answers_every_tool() -> None:
    found = only(TOOLS, "database")

    assert layers_of(found) == {"database": DATABASE}
    assert found["by_tool"] == {
        "find_*": {"layers": ["database"]},
        "book_*": {"miss": "stop"},
        "think": {"miss": "stop"},
    }


def test_the_plan_s_own_part_stays_as_it_is() -> None:
    before = repr(TOOLS)
    names = [name for name, _ in settings(TOOLS)]

    assert repr(TOOLS) == before
    assert names == [
        "all layers",
        *(f"without {name}" for name in ("recorded", "database", "model")),
        *(f"{name} alone" for name in ("recorded", "database", "model")),
    ]


def test_tools_without_layers_have_one_setting() -> None:
    assert list(settings({"use": "recorded"})) == [("recorded", {"use": "recorded"})]


@pytest.mark.parametrize("change", [without, only])
def test_a_layer_that_is_not_there_is_refused(change: Any) -> None:
    with pytest.raises(UnknownName, match="did you mean 'database'"):
        change(TOOLS, "databse")


def test_a_setting_counts_calls_answers_and_ties() -> None:
    own = turn(("look", "{}", "a"))
    pairs = [contrast(own, own, name=str(n), layers=("record",)) for n in range(3)]
    found = setting("all", pairs, calls=7, failed=1, tell=lambda given: [TIE] * len(given))

    assert (found.answered, found.calls, found.failed, found.layers) == (3, 7, 1, ("record",))
    assert found.win is not None
    assert found.call is not None
    assert (found.win.ties, found.call.ties) == (3, 3)
