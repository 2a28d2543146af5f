"""What the model was told of a tool that failed."""

import pytest

from foretaste.dialects.failing import as_error


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gone", "Error: gone"),
        ("", "Error"),
        ("File not found", "File not found"),
        ("x" * 200 + "error", "Error: " + "x" * 200 + "error"),
    ],
)
def test_a_failure_that_does_not_say_so_is_called_an_error(text: str, told: str) -> None:
    assert as_error(text) == told
