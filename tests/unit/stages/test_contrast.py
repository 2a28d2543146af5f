from dataclasses import replace

from foretaste.records import Lane, Rollout, Stop
from foretaste.stages.contrast import cluster_of, paired, single_calls
from unit.looks import contrast, turn
from unit.rows import prefix, rollout, said

LOOKS = ("look", '{"at": 12}', "shelf 3")


def lanes(name: str, real: object, simulated: object, **more: object) -> list[Rollout]:
    at = prefix(name).id
    return [
        replace(rollout(at, lane), messages=messages, id="", **more)  # type: ignore[arg-type]
        for lane, messages in ((Lane.RECORDED, real), (Lane.INCUMBENT, simulated))
        if messages is not None
    ]


def test_only_prefixes_with_calls_in_both_lanes_are_pairs_and_the_others_are_counted() -> None:
    prefixes = [prefix(name) for name in ("both", "one", "none", "gone")]
    rollouts = [
        *lanes("both", turn(LOOKS), turn(LOOKS, LOOKS)),
        *lanes("one", turn(LOOKS), (said(),)),
        *lanes("none", (said(),), (said(),)),
        *lanes("gone", turn(LOOKS), None),
    ]
    found = paired(prefixes, rollouts, lane=Lane.INCUMBENT)

    assert [each.source for each in found.contrasts] == ["both"]
    assert (found.without_calls, found.missing, found.missed) == (2, 1, 0)
    assert found.contrasts[0].real.messages == turn(LOOKS)
    assert found.contrasts[0].simulated.before == prefixes[0].messages


def test_a_simulated_turn_that_ended_at_a_missing_answer_is_a_pair_and_counted() -> None:
    rollouts = lanes("p", turn(LOOKS), turn(LOOKS), stop=Stop.TOOL_MISS)
    found = paired([prefix("p")], rollouts, lane=Lane.INCUMBENT)

    assert (len(found.contrasts), found.missed) == (1, 1)


def test_a_cluster_is_the_task_by_its_tag_or_else_the_user() -> None:
    tagged = prefix(of="u1", tags={"task": "7"})

    assert cluster_of(tagged, "task") == "task: 7"
    assert cluster_of(tagged, None) == "u1"
    assert cluster_of(prefix(of="u1"), "task") == "u1"


def test_equal_calls_belong_together_then_those_of_the_same_tool() -> None:
    first, second = ("look", '{"at": 1}', "one"), ("look", '{"at": 2}', "two")
    third, other = ("look", '{"at": 3}', "three"), ("list", "{}", "[]")
    pair = contrast(turn(first, second, other), turn(second, third), layers=("record", "database"))
    found = list(single_calls([pair]))

    assert [
        (each.real.messages[1].content, each.simulated.messages[1].content) for each in found
    ] == [("two", "two"), ("one", "three")]
    assert [each.layers for each in found] == [("record",), ("database",)]
    assert {each.tool for each in found} == {"look"}
    assert [each.same for each in found] == [True, False]
    assert len({each.id for each in found}) == 2
