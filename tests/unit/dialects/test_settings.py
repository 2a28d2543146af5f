import pytest

from foretaste.dialects.settings import settings_of
from foretaste.records import JSON


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"temperature": 0.5, "model": "m", "messages": []}, {"temperature": 0.5}),
        ({"temperature": "0.5", "max_tokens": "20"}, {"temperature": 0.5, "max_tokens": 20}),
        ({"maxTokens": 3, "max_completion_tokens": 4}, {"max_tokens": 3}),
        ({"topP": 1, "stopSequences": ["x"]}, {"top_p": 1, "stop": ["x"]}),
        ({"reasoning": {"effort": "low"}}, {"reasoning_effort": "low"}),
        ({"seed": None, "stop": [], "temperature": "warm"}, {}),
        ({"temperature": True, "top_p": "nan", "top_k": "inf"}, {}),
    ],
)
def test_settings_have_openais_names_and_numbers_are_numbers(
    given: dict[str, JSON], found: dict[str, JSON]
) -> None:
    assert settings_of(given) == found
