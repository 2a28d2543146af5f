import re

import pytest
from stdnum import iban, luhn

from scrubbing import kinds, scrubbed

CARDS = [
    "4539148803436467",
    "4539 1488 0343 6467",
    "5425-2334-3010-9903",
    "374245455400126",
    "3742 454554 00126",
    "6011000990139424",
    "2223000048410010",
]
IBANS = [
    "GB82WEST12345698765432",
    "GB82 WEST 1234 5698 7654 32",
    "de89370400440532013000",
    "NL91 ABNA 0417 1643 00",
    "FR14 2004 1010 0505 0001 3M02 606",
]


def layout(text: str) -> str:
    return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", re.sub("[0-9]", "0", text)))


@pytest.mark.parametrize("card", CARDS)
def test_a_card_becomes_a_valid_one_in_the_same_layout(card: str) -> None:
    (text,) = scrubbed(f"Card: {card}.")
    made = text.removeprefix("Card: ").removesuffix(".")

    assert made != card
    assert layout(made) == layout(card)
    assert luhn.is_valid(re.sub("[ -]", "", made))
    assert kinds(card) == {"card": 1}


def test_a_security_code_behind_a_card_does_not_hide_it() -> None:
    (text,) = scrubbed("4539 1488 0343 6467 124 and 1234 5678 5425 2334 3010 9903")

    assert "4539" not in text
    assert "2334 3010 9903" not in text


def test_layout_does_not_make_another_card() -> None:
    first, second = scrubbed("4539148803436467", "4539-1488-0343-6467")

    assert first == second.replace("-", "")


@pytest.mark.parametrize("number", IBANS)
def test_an_iban_becomes_a_valid_one_of_no_bank(number: str) -> None:
    (text,) = scrubbed(f"to {number} please")
    made = text.removeprefix("to ").removesuffix(" please")

    assert made[:2] == number[:2]
    assert layout(made) == layout(number)
    assert iban.is_valid(made, check_country=False)
    assert re.fullmatch("[0Xx]{4}", made.replace(" ", "")[4:8])
    assert kinds(number) == {"iban": 1}


@pytest.mark.parametrize(
    "text",
    [
        "my ssn: 536-22-8726",
        "536-22-8726",
        "Social Security Number is 536228726",
        "SSN 536 22 8726",
    ],
)
def test_a_social_security_number_becomes_one_that_is_never_issued(text: str) -> None:
    (made,) = scrubbed(text)

    assert layout(made) == layout(text)
    assert re.sub("[^0-9]", "", made).startswith("9")
    assert kinds(text) == {"ssn": 1}


def test_a_social_security_number_named_once_is_replaced_everywhere() -> None:
    texts = scrubbed("SSN 536 22 8726", "I noted 536228726 for you.")

    assert "536228726" not in texts[1]


@pytest.mark.parametrize(
    "text",
    [
        "1234 5678 9012 3456",
        "4539148803436468",
        "9007199254740993 1699999999999 18446744073709551615",
        "ISBN 978-0-306-40615-7, 9780306406157",
        "0.4539148803436467 and 1.4539148803436467",
        "id_4539148803436467 4539148803436467abc",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "GB82 WEST 1234 5698 7654 33",
        "AB12CDEFGHIJKLMNOPQR",
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4 550e8400-e29b-41d4-a716-446655440000",
        "999-99-9999 000-12-3456 666-12-3456 536-00-8726 section 12-34-5678",
        "part 536 22 8726 of it and 536228726",
    ],
)
def test_what_only_looks_like_an_account_stays(text: str) -> None:
    assert scrubbed(text) == [text]
