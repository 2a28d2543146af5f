import pytest

from foretaste.adapters.scrubbers.detectors import find, veil
from foretaste.adapters.scrubbers.patterns import DETECTORS, KINDS
from scrubbing import MIXED, kinds

SIZE = 200_000
NUMBERS = ["1", "1 ", "12 ", "(1", "+1 ", "0", "00 ", "123456789 ", "4111 ", "4539148803436467 "]
PLACES = ["@", "a@", "a.", "a@b.", ":", "a:", "1:", "::", "1.", "1.1.1.", "://", "://a:", "://a:b:"]
WORDS = ["a", "ab12", "GB82 ", "GB82 WEST ", "phone ", "tel 1234567 ", '"\\"', '"\\u0040', "\\"]
SECRETS = ["?a=", "&key=", "-----BEGIN PRIVATE KEY-----", "sk-", "eyJ", "eyJaaaaaaaaa.", "bearer "]
HOSTILE = [*NUMBERS, *PLACES, *WORDS, *SECRETS, "authorization:", "secret_key="]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_repetition_ends(piece: str) -> None:
    """Quadratic time would be hours; linear time is under two seconds."""
    text = "x@y.zz 1 k=1 " + piece * (SIZE // len(piece))

    assert kinds(text)["email"] >= 1


def test_finds_are_ordered_and_never_overlap() -> None:
    text = f"https://ada:pw1@corp.test/?token={MIXED[:20]} b@corp.test 212-736-5000 86.231.85.193"
    finds = find(text, DETECTORS)
    ends = [0, *(f.end for f in finds)]

    assert [f.detector.kind for f in finds] == ["url_secret"] * 3 + ["email", "phone", "ip"]
    assert all(end <= f.start < f.end for end, f in zip(ends, finds, strict=False))


def test_an_escape_is_a_boundary_and_keeps_its_place() -> None:
    text = 'a\\n212-736-5000\\"\\u00e9\\u0040'

    assert veil(text) == "a  212-736-5000        \\u0040"
    assert [(f.start, f.end) for f in find(text, DETECTORS)] == [(3, 15)]


def test_every_kind_has_a_detector() -> None:
    assert set(KINDS) == {
        "email", "phone", "card", "iban", "ip", "url_secret", "api_key", "token", "jwt",
        "private_key", "ssn",
    }  # fmt: skip
