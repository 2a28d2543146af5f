import ipaddress
import re

import pytest

from scrubbing import kinds, scrubbed

EMAILS = ["ada.byron@corp.co.uk", "Ada@Corp.test", "a+b_c-d@mail.corp.test", "jörg@müller.test"]
ADDRESSES = [
    "86.231.85.193",
    "10.218.6.131",
    "2a00:1450:4001:82a::200e",
    "fe80::1ff:fe23:4567:890a",
    "4f8a:c99e:dc86:faf9:5988:5f63:375e:8a2a",
]


@pytest.mark.parametrize("email", EMAILS)
def test_an_email_becomes_one_that_nobody_has(email: str) -> None:
    (text,) = scrubbed(f"Write to {email}, please.")

    assert re.fullmatch(r"Write to person\.[0-9a-f]{8}@example\.(com|org|net), please\.", text)


def test_case_does_not_make_another_person() -> None:
    first, second = scrubbed("I am Ada@Corp.test", "Hello ada@corp.TEST")

    assert first.split()[-1] == second.split()[-1]


def test_an_email_in_a_url_stays_encoded() -> None:
    (text,) = scrubbed("/unsubscribe?who=ada%40corp.test&x=1")

    assert re.fullmatch(r"/unsubscribe\?who=person\.[0-9a-f]{8}%40example\.(com|org|net)&x=1", text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_ip_address_becomes_a_reserved_one_of_its_version(address: str) -> None:
    (text,) = scrubbed(f"from {address}: down")
    made = ipaddress.ip_address(text.removeprefix("from ").removesuffix(": down"))

    assert made.version == ipaddress.ip_address(address).version
    assert not made.is_global


def test_a_thousand_addresses_keep_apart() -> None:
    addresses = [f"86.231.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    (text,) = scrubbed("\n".join(addresses))

    assert len(set(text.split())) == 1000
    assert not any(ipaddress.ip_address(made).is_global for made in text.split())


@pytest.mark.parametrize(
    ("url", "gone", "kept"),
    [
        ("postgres://ada:hunter2@db.test/x", ["ada", "hunter2"], "@db.test/x"),
        ("redis://:hunter2@db.test", ["hunter2"], "redis://:"),
        ("https://token12345@github.com/x", ["token12345"], "@github.com/x"),
        ("https://x.test/f?X-Amz-Signature=ab12cd34&n=1", ["ab12cd34"], "&n=1"),
        ("https://x.test/f?n=1&access_token=hunterhunter", ["hunterhunter"], "?n=1&access_token="),
        ("https://x.test/f?apiKey=ab12cd34", ["ab12cd34"], "?apiKey="),
        ("https://x.test/f?sig=a%2Fb1cd34%3D", ["b1cd34"], "%2F"),
    ],
)
def test_a_url_loses_its_secret_and_nothing_else(url: str, gone: list[str], kept: str) -> None:
    (text,) = scrubbed(f"open {url} now")

    assert not [part for part in gone if part in text]
    assert kept in text
    assert kinds(url).keys() == {"url_secret"}


def test_a_password_that_a_url_gave_away_is_replaced_everywhere() -> None:
    texts = scrubbed("use postgres://ada:hunter22@db.test", "Your password is hunter22.")

    assert "hunter22" not in " ".join(texts)


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4, v1.2.3.4, foo==1.2.3.4, Section 4.1.2.3",
        "127.0.0.1 0.0.0.0 255.255.255.0 ::1",
        "10.0.19045.3448 and 1.2.3.4.5 and 300.1.2.3",
        "std::vector<int> a::b ab::cd f :: Int -> Int x[::-1]",
        "12:30:45 and 00:1A:2B:3C:4D:5E",
        "git clone git@github.com:org/repo.git ssh://git@github.com/org/repo",
        "react@18.2.0 @app.route('/x') user@localhost a @ b",
        "?page=2&sort_key=price&monkey=banana",
        "?key=YOUR_API_KEY&token=<token>&secret={secret}",
        "http://user:password@host/",
        "http://localhost:8080/a:b",
    ],
)
def test_what_only_looks_like_an_address_stays(text: str) -> None:
    assert scrubbed(text) == [text]
