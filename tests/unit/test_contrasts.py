import pytest
from msgspec.structs import replace

from foretaste.contrasts import TIE, Taken
from unit.looks import contrast, turn

LOOKS = ("look", '{"at": 12}', "shelf 3")


def test_turns_that_differ_in_ids_of_calls_alone_are_the_same() -> None:
    real = turn(LOOKS)
    call = replace(real[0].tool_calls[0], id="other")
    renamed = (replace(real[0], tool_calls=(call,)), replace(real[1], tool_call_id="other"))

    assert contrast(real, (*renamed, real[2])).same
    assert not contrast(real, turn(("look", '{"at": 12}', "shelf 4"))).same


@pytest.mark.parametrize("taken", [Taken(None, 1.0), Taken(0.0, None), Taken(None, None)])
def test_half_a_pair_says_nothing(taken: Taken) -> None:
    assert taken.both is None


def test_a_judge_that_always_takes_the_first_one_ties_and_is_biased() -> None:
    always_first = Taken(0.0, 1.0)

    assert (always_first.both, always_first.bias) == (0.5, -1.0)
    assert (TIE.both, TIE.bias) == (0.5, 0.0)
