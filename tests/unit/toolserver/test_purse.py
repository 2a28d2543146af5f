from concurrent.futures import ThreadPoolExecutor

import pytest

from foretaste.errors import BudgetSpent
from foretaste.records import Usage
from foretaste.runs.pricing import Price
from foretaste.toolserver.purse import Purse, Spent

PRICE = Price(input=1.0, output=10.0)
BODY = {"model": "m", "messages": "x" * 4_000_000, "max_tokens": 100_000}  # $1 in, $1 out


def test_without_a_budget_nothing_goes_out() -> None:
    with pytest.raises(BudgetSpent, match="without a budget"):
        Purse().slip({"m": PRICE})(BODY)


def test_many_threads_together_get_no_more_than_there_is() -> None:
    purse = Purse(calls=50)
    slips = [purse.slip({"m": None}) for _ in range(4)]

    def ask(number: int) -> bool:
        try:
            slips[number % 4](BODY)
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(400))) == 50
    assert purse.left == Spent(calls=0, usd=None)
    assert sum(slip.spent.calls or 0 for slip in slips) == 50


def test_what_a_call_asks_for_lowers_its_budget_and_never_raises_it() -> None:
    purse = Purse(calls=3)
    low, high = purse.slip({}, calls=1), purse.slip({}, calls=100)

    low(BODY)
    with pytest.raises(BudgetSpent, match="asked for"):
        low(BODY)
    high(BODY)
    high(BODY)
    with pytest.raises(BudgetSpent, match="server's budget of 3 calls"):
        high(BODY)


def test_money_is_held_back_before_a_request_and_put_right_after_it() -> None:
    purse = Purse(usd=3.0)
    slip = purse.slip({"m": PRICE})
    ticket = slip(BODY)
    assert purse.left.usd == pytest.approx(1.0)
    with pytest.raises(BudgetSpent):
        slip(BODY)

    ticket.settle(Usage(input_tokens=100_000, output_tokens=10_000))

    assert slip.spent.calls == 1
    assert slip.spent.usd == pytest.approx(0.2)
    assert slip(BODY)


def test_a_request_that_reached_nobody_costs_nothing_and_an_unknown_one_what_was_held() -> None:
    purse = Purse(usd=10.0, calls=10)
    slip = purse.slip({"m": PRICE})
    slip(BODY).give_back()
    assert purse.left == Spent(calls=10, usd=10.0)

    slip(BODY).settle(None)

    assert purse.left.calls == 9
    assert purse.left.usd == pytest.approx(8.0)


def test_a_model_of_unknown_price_cannot_be_held_to_money() -> None:
    with pytest.raises(BudgetSpent, match="--price"):
        Purse(usd=1.0).slip({"m": None})(BODY)

    slip = Purse(calls=1).slip({"m": None})
    slip(BODY)

    assert slip.spent == Spent(calls=1, usd=None)
