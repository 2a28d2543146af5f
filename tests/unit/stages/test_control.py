import numpy as np

from foretaste.contrasts import Contrast
from foretaste.stages.control import shuffled, trials
from unit.looks import contrast, turn


def real(task: int, trial: int, tool: str = "look") -> Contrast:
    own = turn((tool, f'{{"at": {task}}}', f"found {task}"), last=f"said {task} {trial}")
    return contrast(own, own, name=f"{task}-{trial}", cluster=f"task {task}")


EVERY = [real(task, trial) for task in range(6) for trial in range(4)]


def test_a_trial_is_set_against_another_of_its_own_task_and_each_is_taken_once() -> None:
    found = list(trials(EVERY, rng=np.random.default_rng(1)))
    taken = [side.messages for each in found for side in (each.real, each.simulated)]

    assert len(found) == 12
    assert len(set(taken)) == 24
    assert all(each.real.messages[1] == each.simulated.messages[1] for each in found)
    assert all(each.real != each.simulated for each in found)


def test_which_trial_is_called_real_is_decided_by_lot() -> None:
    many = [real(task, trial) for task in range(200) for trial in range(2)]
    found = list(trials(many, rng=np.random.default_rng(2)))
    first = sum(each.real.messages[-1].content.endswith("0") for each in found)

    assert 75 < first < 125


def test_turns_of_one_conversation_are_no_trials() -> None:
    same = [contrast(turn(), turn(), name=f"t{n}", source="one talk") for n in range(4)]

    assert list(trials(same, rng=np.random.default_rng(1))) == []


def test_shuffled_results_are_of_the_same_tool_and_of_another_task() -> None:
    rng = np.random.default_rng(3)
    found = list(shuffled([*EVERY, real(9, 0, "list"), real(8, 0, "list")], rng=rng))

    assert len(found) == 26
    for each in found:
        own, other = each.real.messages, each.simulated.messages
        assert (own[0], own[2]) == (other[0], other[2])
        assert own[1].content != other[1].content
    listed = {each.simulated.messages[1].content for each in found[24:]}
    assert listed == {"found 8", "found 9"}


def test_a_result_that_no_other_task_has_leaves_its_turn_out() -> None:
    assert list(shuffled([real(1, 0), real(1, 1)], rng=np.random.default_rng(1))) == []
