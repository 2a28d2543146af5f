import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from foretaste.adapters.simulators.environment import Environment
from foretaste.errors import ItemFailed, PlanError
from foretaste.protocols import Act, Session, ToolAnswer
from foretaste.records import Message
from foretaste.registry import build
from unit.adapters.simulators.asking import asked, call, calling, explained, result
from unit.adapters.simulators.shops import STOCK
from unit.docs.pages import blocks
from unit.rows import prefix, user

SHOPS = "unit.adapters.simulators.shops"


def environment(folder: Path, kind: str = "Shop", **more: Any) -> Environment:
    state = folder / "state.json"
    state.write_text(json.dumps(STOCK))
    return Environment(tools=f"{SHOPS}:{kind}", state=str(state), **more)


def opened(folder: Path, kind: str = "Shop", *before: Message, **more: Any) -> Session:
    return environment(folder, kind, **more)(prefix(messages=(user(), *before)))


def test_a_tool_s_text_is_given_as_it_is_and_anything_else_as_json(tmp_path: Path) -> None:
    session = opened(tmp_path)

    assert asked(session, "look", item="tea") == '{"left": 3, "price": 4}'
    assert asked(session, "buy", item="tea") == "1 tea bought"
    assert asked(session, "tables") == "0"


def test_a_read_after_a_write_sees_it(tmp_path: Path) -> None:
    session = opened(tmp_path)
    asked(session, "buy", item="tea", count=2)

    assert asked(session, "look", item="tea") == '{"left": 1, "price": 4}'


def test_sessions_do_not_share_state_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    tools = environment(tmp_path)
    one, other = (tools(prefix()) for _ in range(2))
    asked(one, "buy", item="milk")

    assert asked(other, "look", item="milk") == '{"left": 1, "price": 2}'
    assert json.loads((tmp_path / "state.json").read_text()) == STOCK


def test_a_session_starts_where_production_was_at_the_cut(tmp_path: Path) -> None:
    buys = call("buy", item="tea", count=2)
    before = (calling(buys), result(buys, "2 tea bought"))
    session = opened(tmp_path, "Shop", *before)

    assert asked(session, "look", item="tea") == '{"left": 1, "price": 4}'
    assert explained(session, "look", item="tea") == (
        "environment",
        "Shop.look, after 1 earlier calls",
    )


def test_an_answer_says_where_the_environment_did_not_follow_production(tmp_path: Path) -> None:
    calls = (call("buy", item="tea", count=2), call("buy", item="milk", count=2))
    before = (calling(*calls), result(calls[0], "2 tea bought"), result(calls[1], "2 milk bought"))
    _, why = explained(opened(tmp_path, "Shop", *before), "look", item="tea")

    assert why.endswith("after 2 earlier calls, 1 of them answered otherwise than recorded")


def test_what_a_tool_raises_is_its_answer(tmp_path: Path) -> None:
    session = opened(tmp_path)

    assert asked(session, "buy", item="tea", count=9) == "Error: only 3 left"
    assert asked(session, "look", item="gold") == "Error: 'gold'"


def test_the_text_of_an_error_can_be_production_s(tmp_path: Path) -> None:
    session = opened(tmp_path, error='{"failed": "{error}"}')

    assert asked(session, "buy", item="tea", count=9) == '{"failed": "only 3 left"}'


@pytest.mark.parametrize("arguments", ['{"item": ', "[]", '"tea"', "null", "{}", '{"x": 1}', ""])
def test_wrong_arguments_are_answered_with_an_error(tmp_path: Path, arguments: str) -> None:
    answer = asked(opened(tmp_path), "look", arguments)

    assert answer is not None
    assert answer.startswith("Error: ")


def test_no_arguments_at_all_are_none(tmp_path: Path) -> None:
    assert asked(opened(tmp_path), "tables", "") == "0"


@pytest.mark.parametrize("name", ["sell", "_secret", "__init__", "state", "fee", "look.x", ""])
def test_what_is_no_public_method_stays_open(tmp_path: Path, name: str) -> None:
    assert asked(opened(tmp_path), name, item="tea") is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("leave", "Error: gone"),
        ("silent", "Error: AssertionError"),
        ("raw", "\x00"),
        ("half", "?"),
        ("clear", None),
    ],
)
def test_a_tool_that_goes_wrong_stops_nothing(
    tmp_path: Path, name: str, answer: str | None
) -> None:
    assert asked(opened(tmp_path, "Broken"), name) == answer


def test_the_example_of_the_guide_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = (each.text for each in blocks("python run") if each.page == "docs/howto/agents.md")
    (tmp_path / "my_shop.py").write_text(code)
    (tmp_path / "orders.json").write_text('{"1": {"status": "new"}, "2": {"status": "sent"}}')
    monkeypatch.syspath_prepend(tmp_path)
    session = Environment(tools="my_shop:Shop", state=str(tmp_path))(prefix())

    assert asked(session, "cancel_order", order_id="1") == "cancelled"
    assert asked(session, "get_order", order_id="1") == '{"status": "cancelled"}'
    assert asked(session, "cancel_order", order_id="2") == "Error: the order is on its way"


def test_a_call_that_failed_before_it_did_anything_is_not_done_here_either(tmp_path: Path) -> None:
    failed = Act(call("buy", item="tea"), ToolAnswer("Error: 503", "failures", "", done=False))

    answer = asyncio.run(opened(tmp_path)(call("look", item="tea"), [failed]))

    assert answer is not None
    assert '"left": 3' in answer.content


def test_tools_that_cannot_be_made_fail_the_rollout(tmp_path: Path) -> None:
    with pytest.raises(ItemFailed, match="Unbuilt cannot be made: RuntimeError: no such table"):
        asked(opened(tmp_path, "Unbuilt"), "clear")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tools": "no_such_module:Shop"}, "cannot load 'no_such_module:Shop'"),
        ({"tools": f"{SHOPS}:Missing"}, "cannot load"),
        ({"tools": "Shop"}, "cannot load"),
        ({"tools": f"{SHOPS}:function"}, "is no class"),
        ({"error": "Sorry"}, "does not hold {error}"),
        ({"state": "nowhere.json"}, "cannot be read"),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_runs(
    tmp_path: Path, wrong: dict[str, str], message: str
) -> None:
    environment(tmp_path)
    part = {"use": "environment", "tools": f"{SHOPS}:Shop", "state": str(tmp_path / "state.json")}

    with pytest.raises(PlanError, match=message):
        build("simulators", part | wrong)
