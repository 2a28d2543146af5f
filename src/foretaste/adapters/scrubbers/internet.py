"""E-mail addresses, IP addresses, and URLs that carry a secret."""

import ipaddress
import re

from foretaste.adapters.scrubbers.detectors import WORD, Detector, groups
from foretaste.adapters.scrubbers.draws import WIDEN, Draw, pour

_EMAIL_STANDIN = re.compile(r"person\.[0-9a-f]{8}@example\.(?:com|org|net)")
_SEPARATOR = re.compile(r"%40|\\u0040")
_NUMBERED = re.compile(
    r"(?:version|release|build|ver|section|chapter|clause|figure|table|item|step|==|>=|<=|§)"
    r"[.:\s]{0,3}$",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r".*(?:token|secret|password|passwd|pwd|signature|sig|credential|apikey|jwt)"
    r"|(?:.*(?:api|access|secret|auth|private|subscription|license|shared))?key|auth|sessionid"
    r"|.*accesskeyid"
)
_ANYBODY = frozenset({"git", "root", "admin", "user", "username", "postgres", "mysql", "guest"})
# What documentation writes in a secret's place.
_PLACEHOLDER = re.compile(r"[A-Z_]+|[<{$\[].*|(?i:your)[-_].*|[xX*.]+|pass(?:word)?|secret")

# Addresses that say nothing about anybody: this host, any host, network masks. Documentation's
# ranges are not among them: a log may use them for something real, and nobody can tell.
_RESERVED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "240.0.0.0/4", "127.0.0.0/8", "0.0.0.0/32", "::/128", "::1/128",
    )
)  # fmt: skip


def _email_end(match: re.Match[str]) -> int:
    last = match["domain"].rsplit(".", 1)[-1]
    # A package at a version (react@18.2.0) and a repository's address (git@host:path) are none.
    named = len(last) > 1 and not last[0].isdigit()
    return match.end("it") if named and match["local"] != "git" else -1


def _email(original: str, draw: Draw, _: int) -> str:
    made = f"person.{draw.hex(8)}@example.{('com', 'org', 'net')[int(draw.hex(2), 16) % 3]}"
    separator = _SEPARATOR.search(original)
    return made.replace("@", separator[0]) if separator else made


def _plain_email(text: str) -> str:
    return _SEPARATOR.sub("@", text).lower()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _ip_end(match: re.Match[str]) -> int:
    before = match.string[max(0, match.start() - 16) : match.start()]
    return match.end("it") if _address(match["it"]) and not _NUMBERED.search(before) else -1


def _ip6_end(match: re.Match[str]) -> int:
    text = match["it"]
    if text[-1] == ":" and text[-2] != ":":  # the sentence's colon
        text = text[:-1]
    # `a::b` is more often a name in a program than an address.
    address = any(c.isdigit() for c in text) and (len(groups(text)) > 2 or text[0] in "2fF:")
    return match.start("it") + len(text) if address and _address(text) else -1


def _is_reserved(text: str) -> bool:
    address = _address(text)
    return address is not None and any(
        address in net for net in _RESERVED if net.version == address.version
    )


def _ip(original: str, draw: Draw, attempt: int) -> str:
    number = int(draw.hex(8), 16)
    if ":" in original:
        return str(ipaddress.IPv6Address(0x20010DB8 << 96 | number << 64 | int(draw.hex(16), 16)))
    if attempt < WIDEN:
        return f"{('192.0.2', '198.51.100', '203.0.113')[number % 3]}.{number // 3 % 254 + 1}"
    first = 0xC6120000 if attempt < 2 * WIDEN else 0xF0000000
    size = 0x1FFFF if attempt < 2 * WIDEN else 0x0EFFFFFF
    return str(ipaddress.IPv4Address(first + 1 + number % (size - 1)))


def _same_ip(text: str) -> str:
    return str(_address(text))


def _password_end(match: re.Match[str]) -> int:
    return -1 if _PLACEHOLDER.fullmatch(match["it"]) else match.end("it")


def _password(original: str, draw: Draw, attempt: int) -> str:
    made = pour(original, draw)
    return made if attempt < WIDEN else draw.hex(16)


def _login_end(match: re.Match[str]) -> int:
    return -1 if match["it"] in _ANYBODY else match.end("it")


def _login(_: str, draw: Draw, __: int) -> str:
    return f"u{draw.hex(8)}"


def _parameter_end(match: re.Match[str]) -> int:
    name = "".join(groups(match["name"])).lower()
    secret = _SECRET_NAME.fullmatch(name) and not _PLACEHOLDER.fullmatch(match["it"])
    return match.end("it") if secret else -1


PASSWORD = Detector(
    kind="url_secret",
    gates=("://",),
    pattern=re.compile(
        r"://[^\s/?#\"'<>\\:@]*+:(?P<it>[^\s/?#\"'<>\\]+)(?=@)",
    ),
    accept=_password_end,
    make=_password,
    contextual=True,
)
LOGIN = Detector(
    kind="url_secret",
    gates=("://",),
    pattern=re.compile(r"://(?P<it>[^\s/?#\"'<>\\:@\0]++)(?=:?\0*@)"),
    accept=_login_end,
    make=_login,
)
PARAMETER = Detector(
    kind="url_secret",
    gates=("?", "&", ";"),
    pattern=re.compile(
        r"[?&;](?P<name>[\w.-]{1,40})=(?P<it>[^\s&#\"'<>()\[\]{}\\\0,]{4,})(?<![.;!])"
    ),
    accept=_parameter_end,
    make=_password,
    contextual=True,
)
EMAIL = Detector(
    kind="email",
    gates=("@", "%40", "\\u0040"),
    pattern=re.compile(
        r"(?<![\w.+-])(?P<it>(?P<local>[\w.+-]++)(?:@|%40|\\u0040)"
        r"(?P<domain>[^\W_][\w-]*+(?:\.[^\W_][\w-]*+)++))"
    ),
    accept=_email_end,
    make=_email,
    reserved=lambda text: _EMAIL_STANDIN.fullmatch(_plain_email(text)) is not None,
    same=_plain_email,
)
IPV6 = Detector(
    kind="ip",
    gates=(":",),
    hint=re.compile(":[0-9A-Fa-f]{0,4}:"),
    pattern=re.compile(
        rf"(?<![{WORD}:.])(?P<it>(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}"
        rf"(?:[0-9A-Fa-f]{{1,4}}|(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}})?)(?![{WORD}]|:[0-9A-Fa-f:]|\.[0-9])"
    ),
    accept=_ip6_end,
    make=_ip,
    reserved=_is_reserved,
    same=_same_ip,
)
IPV4 = Detector(
    kind="ip",
    gates=(".",),
    hint=re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"),
    pattern=re.compile(
        rf"(?P<it>[0-9](?<![{WORD}][0-9])(?<![0-9][.,-][0-9])[0-9]{{0,2}}(?:\.[0-9]{{1,3}}){{3}})"
        rf"(?![{WORD}]|\.[0-9])"
    ),
    accept=_ip_end,
    make=_ip,
    reserved=_is_reserved,
    same=_same_ip,
)
DETECTORS = (EMAIL, IPV6, IPV4)
