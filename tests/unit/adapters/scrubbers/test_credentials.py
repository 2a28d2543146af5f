import base64
import json
import re

import pytest

from scrubbing import MIXED, kinds, scrubbed

HEX = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
KEYS = [
    ("sk-", MIXED[:48]),
    ("sk-proj-", MIXED[:40] + "_-" + MIXED[:30]),
    ("sk-ant-api03-", MIXED + "-_AA"),
    ("AK" + "IA", "Q7ZXK2MWVTTY4LCR"),
    ("gh" + "p_", MIXED[:36]),
    ("github_" + "pat_", MIXED[:22] + "_" + MIXED[:59]),
    ("gl" + "pat-", MIXED[:20]),
    ("xo" + "xb-", "506162251996-" + MIXED[:24]),
    ("AI" + "za", MIXED[:35]),
    ("sk_" + "live_", MIXED[:24]),
    ("hf" + "_", MIXED[:34]),
    ("npm" + "_", MIXED[:36]),
    ("pypi-" + "AgE", MIXED),
    ("SG" + ".", MIXED[:22] + "." + MIXED[:43]),
    ("AC", HEX),
    ("hooks.slack.com/" + "services/", "T0A1B2C3D/B0A1B2C3D/" + MIXED[:24]),
]
LABELLED = [
    ("aws_secret_access_key = ", MIXED[:40]),
    ("Authorization: Bearer ", MIXED[:32]),
    ("Authorization: Basic ", MIXED[:22] + "=="),
    ('{"Authorization": "Bearer ', MIXED[:30]),
    ("curl -H 'authorization: token ", MIXED[:30]),
]


@pytest.mark.parametrize(("prefix", "body"), KEYS, ids=[prefix for prefix, _ in KEYS])
def test_a_key_keeps_its_prefix_length_and_alphabet(prefix: str, body: str) -> None:
    (text,) = scrubbed(f"key={prefix}{body} ok")
    made = text.removeprefix(f"key={prefix}").removesuffix(" ok")

    assert body not in text
    assert len(made) == len(body)
    assert re.sub("[A-Za-z0-9]", "x", made) == re.sub("[A-Za-z0-9]", "x", body)
    assert kinds(prefix + body) == {"api_key": 1}


@pytest.mark.parametrize(("label", "body"), LABELLED, ids=[label for label, _ in LABELLED])
def test_a_labelled_secret_is_replaced_here_and_everywhere(label: str, body: str) -> None:
    texts = scrubbed(label + body, f"You sent {body}, right?")

    assert label in texts[0]
    assert body not in " ".join(texts)


def test_a_token_still_parses_and_names_nobody() -> None:
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=")
        for p in ({"alg": "RS256", "kid": "ada"}, {"sub": "ada", "email": "ada@corp.test"})
    ]
    (text,) = scrubbed(f"cookie {'.'.join(parts)}.{MIXED[:43]}")
    made = text.split()[1].split(".")
    header, claims = (json.loads(base64.urlsafe_b64decode(p + "==")) for p in made[:2])

    assert len(made) == 3
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims.keys() == {"sub"}
    assert claims["sub"] != "ada"


@pytest.mark.parametrize("newline", ["\n", "\\n"], ids=["lines", "escaped"])
@pytest.mark.parametrize("label", ["", "RSA ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_keeps_its_frame(label: str, newline: str) -> None:
    begin, end = (f"-----{word} {label}PRIVATE KEY-----" for word in ("BEGIN", "END"))
    lines = [MIXED[:64], MIXED[8:72], MIXED[:20] + "=="]
    (text,) = scrubbed(f"see {newline.join([begin, *lines, end])} end")
    made = text.removeprefix("see ").removesuffix(" end").split(newline)

    assert (made[0], made[-1]) == (begin, end)
    assert [len(line) for line in made[1:-1]] == [len(line) for line in lines]
    assert not [line for line in lines if line in text]


def test_a_private_key_that_was_cut_off_is_replaced_and_prose_is_not() -> None:
    (text,) = scrubbed(f"-----BEGIN PRIVATE KEY-----\n{MIXED[:64]}\nwhat is this?")

    assert MIXED[:64] not in text
    assert text.endswith("\nwhat is this?")


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn and sk-learn-some-very-long-hyphenated-name-2024",
        "AK" + "IAIOSFODNN7EXAMPLE",
        "pypi-package-name hf_hub_download npm_config_registry ghp_ short",
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
        "the Bearer authentication scheme, and the bearer of bad news",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "eyJ is how a token begins",
    ],
)
def test_what_only_looks_like_a_key_stays(text: str) -> None:
    assert scrubbed(text) == [text]
