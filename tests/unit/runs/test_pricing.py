import pytest

from foretaste.errors import PlanError
from foretaste.records import Usage
from foretaste.runs.pricing import Price, name_of, price_of


def test_a_price_is_for_a_million_tokens() -> None:
    usage = Usage(input_tokens=2_000_000, output_tokens=500_000)

    assert Price(input=1, output=4).of(usage) == pytest.approx(4)


def test_a_model_is_named_as_the_plan_names_it() -> None:
    assert name_of({"use": "openai", "model": "x"}) == "openai/x"
    assert name_of({"use": "scripted"}) == "scripted"


def test_a_stated_price_counts_for_a_model_that_is_free_too() -> None:
    assert price_of({"use": "scripted"}) == Price(input=0, output=0)
    assert price_of({"use": "scripted", "price": {"input": 1, "output": 2}}) == Price(
        input=1, output=2
    )


def test_what_is_no_price_is_refused() -> None:
    with pytest.raises(PlanError, match="say price"):
        price_of({"use": "scripted", "price": "cheap"})
