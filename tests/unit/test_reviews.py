import pytest

from foretaste.records import Label
from foretaste.reviews import AGREED, Said, Truth, concord, is_pseudonym, log_label, truth

P, A, U, S = Said.PRESENT, Said.ABSENT, Said.UNSURE, Said.SKIPPED


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"a": P, "b": P}, Truth(1, open=False)),
        ({"a": P, "b": U}, Truth(1, open=False)),
        ({"a": P, "b": A}, Truth(None, open=True)),
        ({"a": U}, Truth(None, open=True)),
        ({"a": S}, Truth(None, open=False)),
        ({}, Truth(None, open=False)),
        ({"a": P, "b": A, AGREED: A}, Truth(0, open=False)),
        ({"a": P, "b": P, AGREED: U}, Truth(None, open=True)),
    ],
)
def test_a_turn_s_truth_is_what_those_say_who_could_tell(
    said: dict[str, Said], known: Truth
) -> None:
    assert truth(said) == known


@pytest.mark.parametrize(
    ("value", "known"),
    [("present", 1), (True, 1), ("No", 0), (False, 0), ("partial", None), (0.5, None)],
)
def test_only_a_clear_label_of_a_person_in_the_log_counts(value: object, known: object) -> None:
    label = Label(name="refusal", value=value, by="human")  # type: ignore[arg-type]

    assert log_label([label], "refusal") == known
    assert log_label([label], "other") is None
    assert log_label([Label(name="refusal", value="present", by="gpt")], "refusal") is None


def test_agreement_is_that_of_what_people_said_before_they_settled_it() -> None:
    told = [{"a": P, "b": P}, {"a": A, "b": A}, {"a": P, "b": A, AGREED: P}, {"a": U, "b": P}] * 5
    found = concord(told, range(20))

    assert found is not None
    assert (found.items, found.annotators, found.same) == (15, 2, 10)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.4)


def test_one_annotator_agrees_with_nobody() -> None:
    assert concord([{"a": P}, {"a": A}], [0, 1]) is None


@pytest.mark.parametrize("name", ["", "agreed", "a b", "<b>", "x" * 41, "-a", "é"])
def test_a_pseudonym_is_letters_and_digits(name: str) -> None:
    assert not is_pseudonym(name)
    assert is_pseudonym("ann-2")
