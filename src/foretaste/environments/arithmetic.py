"""Expressions of numbers, worked out without running them as code."""

import ast
import operator
from collections.abc import Callable

LARGEST_POWER = 10_000  # bits that a whole power may have; more would take the process along
_ALLOWED = frozenset("0123456789+-*/(). ")
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def calculated(expression: str) -> str:
    """The value of an expression, rounded to two decimals, as text (`"4.0"`).

    Args:
        expression: numbers, `+ - * /`, parentheses and spaces; Python's `//` and `**` too.

    Raises:
        ValueError: other characters, or something that has no value as a number.
        SyntaxError, TypeError: no expression, or one that takes a number for a function.
        ArithmeticError: a division by zero, or a result too large.
    """
    if not set(expression) <= _ALLOWED:
        raise ValueError("invalid characters in expression")
    tree = ast.parse(expression.lstrip(" "), "<string>", mode="eval")
    return str(round(float(_value(tree.body)), 2))


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left), _value(right))
        case ast.Call(func=func):  # "2(3)"
            raise TypeError(f"{type(_value(func)).__name__!r} object is not callable")
        case _:
            raise ValueError("no expression of numbers")


def _power(base: float, exponent: float) -> float:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and int(base).bit_length() * abs(exponent) > LARGEST_POWER:
        raise OverflowError("int too large to convert to float")
    raised: float = base**exponent
    if isinstance(raised, complex):
        raise ValueError(f"{raised} is no real number")  # noqa: TRY004
    return raised
