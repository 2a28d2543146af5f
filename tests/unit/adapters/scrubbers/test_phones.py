import re

import pytest

from scrubbing import kinds, scrubbed

NUMBERS = [
    "+1 (212) 736-5000",
    "+12127365000",
    "+44 20 7123 1234",
    "+49 (0)89 123456",
    "+33 6 12 34 56 78",
    "+86 138 1234 5678",
    "0049 89 1234567",
    "001-748-088-2851",
    "212-736-5000",
    "212.736.5000",
    "212 736 5000",
    "(212) 736-5000",
    "(212) 736-5000 ext. 55",
    "1-800-736-5000",
    "020 7123 4567",
    "06-10446904",
    "02.27.96.63.08",
    "(11) 4706-6184",
    "212\u00a0736\u00a05000",
]
CUED = [
    "call me at 2127365000",
    "Phone: 785 8949",
    "phone number is 88 165 40 96",
    '{"phone": "13812345678"}',
    '{"phone": 2813882583}',
    "手机13812345678。",
    "22 498317 office",
    "tel. 06 1044 6904",
]


def layout(text: str) -> str:
    return re.sub("[0-9]", "0", text)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_phone_number_keeps_its_layout_and_no_subscriber(number: str) -> None:
    (text,) = scrubbed(f"try {number}, then wait")
    made = text.removeprefix("try ").removesuffix(", then wait")

    assert layout(made) == layout(number)
    assert made != number
    assert kinds(number) == {"phone": 1}


@pytest.mark.parametrize("text", CUED)
def test_a_bare_number_beside_a_word_for_phone_is_one(text: str) -> None:
    (made,) = scrubbed(text)

    assert layout(made) == layout(text)
    assert made != text
    assert kinds(text) == {"phone": 1}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+1 (212) 736-5000", r"\+1 \([2-9][0-8][0-9]\) 555-01[0-9]{2}"),
        ("212-736-5000", r"[2-9][0-8][0-9]-555-01[0-9]{2}"),
        ("+44 20 7123 1234", r"\+44 00 [0-9]{4} [0-9]{4}"),
        ("020 7123 4567", r"000 [0-9]{4} [0-9]{4}"),
        ("phone 785 8949", r"phone 555 01[0-9]{2}"),
    ],
)
def test_nobody_has_the_number(number: str, expected: str) -> None:
    (made,) = scrubbed(number)

    assert re.fullmatch(expected, made)


def test_spelling_does_not_make_another_subscriber() -> None:
    first, second = scrubbed("+1 212 736 5000", "(212) 736-5000")

    assert re.sub("[^0-9]", "", first) == "1" + re.sub("[^0-9]", "", second)


def test_a_number_named_once_is_replaced_everywhere() -> None:
    texts = scrubbed("my phone: 785 8949", "I noted 785 8949.", "and 785-8949, 7858949")

    assert not re.search("785.?8949", " ".join(texts))


def test_more_numbers_than_the_reserved_range_holds_keep_apart() -> None:
    numbers = [f"785 {i:04}" for i in range(300)]
    (text,) = scrubbed("\n".join(f"phone: {number}" for number in numbers))

    assert len(set(text.split("\n"))) == 300


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-01 10:30:00, 01-02-2023 10:30, 01.02.2023, 12/10/2023, 2024-05-15T15:00:00",
        "$1,234,567.89 and 1 234 567,89 and € 12.345.678 and 10 000 000 000",
        "3.14159265358979 0x7fffffff 4294967295 20240515150000",
        "call 2023-10-01 or call 12.10.2023",
        "ISBN 0-306-40615-2, ISBN 978-0-306-40615-7",
        "x = 100 200 300; 007 008 009 010",
        "2010-2020, (1998) 345-3567, order 12345678",
        "-73.985428, 40.748817",
        "550e8400-e29b-41d4-a716-446655440000 #123456",
        "10.0.19045.3448 v1.800.555.1234",
        "fax machines were sold in 1985 and call of duty in 2003",
        "a+4912345678 and 1+1=2",
    ],
)
def test_what_only_looks_like_a_phone_number_stays(text: str) -> None:
    assert scrubbed(text) == [text]
