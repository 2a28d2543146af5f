import pytest

from foretaste.features.coined import coined, figures
from foretaste.features.named import Known
from foretaste.records import Message
from unit.lanes import asked


def known(text: str, beside: str = "") -> Known:
    other = (Message(role="assistant", content=beside),) if beside else ()
    return Known(asked(text), (), record=True, beside=other)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We wrote to Castellan Partners.", ["Castellan Partners"]),
        ("Castellan Partners has agreed.", ["Castellan Partners"]),
        ("We met Dora, and then Castellan Partners.", ["Castellan Partners", "Dora"]),
        ("Write to the Berlin office of Hargreaves.", []),
        ("On Monday, The Note is due. Next Steps follow.", []),
        ("Ask the Reader; every reader knows.", []),
        ("Call `to Anna`.", []),
    ],
)
def test_names_that_nothing_holds_are_coined(text: str, names: list[str]) -> None:
    assert coined(text, known("hargreaves of berlin")) == names


def test_a_german_noun_is_no_name() -> None:
    text = "Der Brief ist nicht fertig, und die Frist ist mit dem Gericht zu klären."

    assert coined(text, known("")) == []


def test_what_another_replay_says_too_is_not_coined() -> None:
    assert coined("We wrote to Dora.", known("", beside="Dora wrote.")) == []


def test_numbers_are_known_however_their_thousands_are_set_off() -> None:
    assert figures("It is 1,250 or 4321, within 24-hour, as of AB-1234.", known("1250; 4,321")) == [
        "AB-1234"
    ]
    assert figures("It is 990 now.", known("")) == ["990"]
