import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretaste.environments.arithmetic import calculated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 2", "4.0"),
        ("  3 * (105 + 127) - 7 / 2", "692.5"),
        ("10 / 3", "3.33"),
        ("-(5 - 8)", "3.0"),
        ("+.5", "0.5"),
        ("7 // 2 + 2 ** 10", "1027.0"),
        ("2 ** -1", "0.5"),
        ("2 ** 0.5", "1.41"),
    ],
)
def test_an_expression_has_its_value_to_two_decimals(expression: str, value: str) -> None:
    assert calculated(expression) == value


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("1 if x else 2", "invalid characters in expression"),
        ("5,000 + 1", "invalid characters in expression"),
        ("7 % 2", "invalid characters in expression"),
        ("", "invalid syntax"),
        ("(2 + ", "was never closed"),
        ("1 / 0", "division by zero"),
        ("2(3)", "'int' object is not callable"),
        ("()", "no expression of numbers"),
        ("(-8) ** 0.5", "is no real number"),
        ("9 ** 9 ** 9 ** 9", "too large"),
        ("10 ** 400", "too large"),
    ],
)
def test_what_has_no_value_is_refused_with_the_reason(expression: str, error: str) -> None:
    with pytest.raises((ValueError, SyntaxError, TypeError, ArithmeticError), match=error):
        calculated(expression)


NUMBERS = st.integers(0, 999) | st.floats(0.01, 999).map(lambda value: round(value, 2))


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from("+-*/"), st.sampled_from("+-*/"))
def test_it_says_what_python_says(a: float, b: float, c: float, one: str, two: str) -> None:
    expression = f"{a} {one} ({b} {two} {c})"
    try:
        truth = str(round(float(eval(expression)), 2))
    except ZeroDivisionError:
        return

    assert calculated(expression) == truth
