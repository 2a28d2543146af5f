"""API keys, tokens and private keys."""

import base64
import json
import re

from foretaste.adapters.scrubbers.detectors import Detector
from foretaste.adapters.scrubbers.draws import WIDEN, Draw, pour

# Literals that betray a key, its prefix (which stays), and its random part.
_KEYS = (
    (
        ("sk-",),
        r"sk-(?:ant-(?:api|admin|oat)[0-9]{2}-|proj-|svcacct-|admin-|or-v1-)?",
        r"[\w-]{20,}",
    ),
    (("AKIA",), "AKIA", "[A-Z0-9]{16}"),
    (("ASIA",), "ASIA", "[A-Z0-9]{16}"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "gh[pousr]_", "[A-Za-z0-9]{30,}"),
    (("github_pat_",), "github_pat_", r"\w{22,}"),
    (
        ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glft-"),
        r"gl(?:pat|dt|rt|ptt|cbt|soat|ft)-",
        r"[\w-]{20,}",
    ),
    (("xox",), "xox[a-z]-", "[A-Za-z0-9-]{10,}"),
    (("xapp-",), "xapp-", "[A-Za-z0-9-]{10,}"),
    (("hooks.slack.com/",), "hooks[.]slack[.]com/services/", "[A-Za-z0-9/]{20,}"),
    (("AIza",), "AIza", r"[\w-]{35}"),
    (("ya29.",), "ya29[.]", r"[\w-]{20,}"),
    (("GOCSPX-",), "GOCSPX-", r"[\w-]{20,}"),
    (("k_live_", "k_test_"), "[srp]k_(?:live|test)_", "[A-Za-z0-9]{16,}"),
    (("whsec_",), "whsec_", "[A-Za-z0-9+/=]{16,}"),
    (("hf_",), "hf_", "[A-Za-z0-9]{30,}"),
    (("npm_",), "npm_", "[A-Za-z0-9]{36}"),
    (("pypi-AgE",), "pypi-AgE", r"[\w-]{16,}"),
    (("SG.",), "SG[.]", r"[\w-]{16,}[.][\w-]{16,}"),
    (("AC",), "AC", "[0-9a-f]{32}"),
    (("SK",), "SK", "[0-9a-f]{32}"),
    (("gsk_",), "gsk_", "[A-Za-z0-9]{30,}"),
    (("xai-",), "xai-", "[A-Za-z0-9]{30,}"),
)
# A slug (sk-learn-some-long-name-2024) has letters and digits, but never mixed in a long run.
_RANDOM = re.compile("(?=[A-Za-z]{0,9}[0-9])[A-Za-z0-9]{10}")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=]{16}")


def _key_end(match: re.Match[str]) -> int:
    body = match["it"]
    return match.end("it") if _RANDOM.search(body) and not body.endswith("EXAMPLE") else -1


def _bearer_end(match: re.Match[str]) -> int:
    return match.end("it") if re.search("[0-9]", match["it"]) else -1


def _opaque(original: str, draw: Draw, attempt: int) -> str:
    made = pour(original, draw)
    return made if attempt < WIDEN else draw.hex(32)


def _segment(data: object) -> str:
    encoded = json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(encoded).decode().rstrip("=")


def _jwt(original: str, draw: Draw, _: int) -> str:
    """A token that parses: an ordinary header, and claims that name nobody."""
    signature = draw.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 43)
    header = {"alg": "HS256", "typ": "JWT"}
    made = f"{_segment(header)}.{_segment({'sub': draw.hex(16)})}.{signature}"
    return made + "".join(f".{draw.hex(16)}" for _ in range(original.count(".") - 2))


def _pem_end(match: re.Match[str]) -> int:
    return match.end("it") if _PEM_BODY.search(match["it"]) else -1


def _same_pem(text: str) -> str:
    return re.sub(r"\\[a-z]|\s", "", text)


def _keys() -> tuple[Detector, ...]:
    return tuple(
        Detector(
            kind="api_key",
            gates=gates,
            pattern=re.compile(rf"(?<![A-Za-z0-9]){prefix}(?P<it>{body})(?![A-Za-z0-9])"),
            accept=_key_end,
            make=_opaque,
        )
        for gates, prefix, body in _KEYS
    )


PEM = Detector(
    kind="private_key",
    gates=("PRIVATE KEY",),
    # Up to the end line; in a text that was cut off, as far as the lines look like a key.
    pattern=re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"(?P<it>(?:[^\-\"'<>{}]|-(?!----))++(?=-----END)|(?:\s*+[A-Za-z0-9+/=]{16,}+)++)"
    ),
    accept=_pem_end,
    make=_opaque,
    same=_same_pem,
)
JWT = Detector(
    kind="jwt",
    gates=("eyJ",),
    pattern=re.compile(
        r"(?<![\w-])(?P<it>eyJ[\w-]{8,}+\.[\w-]{4,}+\.[\w-]*+(?:\.[\w-]++\.[\w-]++)?)", re.ASCII
    ),
    make=_jwt,
)
AWS_SECRET = Detector(
    kind="api_key",
    gates=("ecret", "ECRET"),
    pattern=re.compile(
        r"secret[_ -]?(?:access)?[_ -]?key[\"'\s:=]{1,6}"
        r"(?P<it>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        re.IGNORECASE,
    ),
    accept=_bearer_end,
    make=_opaque,
    contextual=True,
)
BEARER = Detector(
    kind="token",
    gates=("earer", "EARER", "uthorization", "UTHORIZATION"),
    pattern=re.compile(
        r"(?:\bbearer[\s:]{1,3}|\bauthorization[\"'\s:=]{1,6}(?:basic|token|bearer)?\s{0,3})"
        r"(?P<it>[A-Za-z0-9._~+/-]{16,}+=*+)",
        re.IGNORECASE,
    ),
    accept=_bearer_end,
    make=_opaque,
    contextual=True,
)
KEYS = (*_keys(), AWS_SECRET, BEARER)
