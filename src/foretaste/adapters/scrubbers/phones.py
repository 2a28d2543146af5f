"""Phone numbers, international and national.

Conservative: without a plus sign, a trunk zero, brackets or a 3-3-4 layout a number counts as a
phone number only beside a word such as "phone" or "call me at".
"""

import re

from foretaste.adapters.scrubbers.detectors import GAP, WORD, Detector
from foretaste.adapters.scrubbers.draws import WIDEN, Draw, fill

_BEFORE = rf"(?<![{WORD}])(?<![0-9][.,\-])"
_AFTER = rf"(?![0-9{WORD}]|-[0-9]|[.:][0-9])"
_EXTENSION = r"(?:[ ]?(?:x|ext\.?|extension)[ ]?[0-9]{1,6})?"

_FORMS = "|".join(
    (
        # +1 212 555 1234: the length is known, so what follows is not eaten
        rf"\+1[{GAP}]?\(?[0-9]{{3}}\)?[{GAP}]?[0-9]{{3}}[{GAP}]?[0-9]{{4}}(?![0-9])",
        # +49 (0)89 123456, 0049 89 123456
        (
            rf"(?:\+[1-9][0-9]{{0,14}}|00[1-9][0-9]{{0,2}}(?=[{GAP}/(]))"
            rf"(?:[{GAP}]?\(0\)[{GAP}]?[0-9]{{1,12}})?"
            rf"(?:[{GAP}/()]{{1,3}}[0-9]{{1,12}})?(?:[{GAP}/()]{{1,3}}[0-9]{{2,12}}){{0,6}}"
        ),
        # (212) 555-1234, (11) 4706-6184
        rf"(?:1[{GAP}]?)?\([0-9]{{2,4}}\)[{GAP}]?[0-9]{{3,4}}[{GAP}]?[0-9]{{4}}",
        # 212-555-1234, 1-800-555-1234
        rf"(?:1[{GAP}])?[0-9]{{3}}(?P<a>[{GAP}])[0-9]{{3}}(?P=a)[0-9]{{4}}",
        # 02.27.96.63.08
        rf"0[0-9](?P<b>[{GAP}])[0-9]{{2}}(?P=b)[0-9]{{2}}(?P=b)[0-9]{{2}}(?P=b)[0-9]{{2}}",
        # 020 7946 0018, 0431/199794, 06-10446904
        (
            rf"\(?0[1-9][0-9]{{0,3}}\)?[{GAP}/][0-9]{{2,8}}"
            rf"(?:(?P<c>[{GAP}])[0-9]{{2,8}}(?:(?P=c)[0-9]{{2,8}}){{0,2}})?"
        ),
    )
)
_CUE = re.compile(
    r"(?:phone|tel|tele(?:f|ph)on[eo]?|telefoon|t[eé]l[eé]phone|tel[eé]fono|mobile?|handy|m[oó]vil"
    r"|cell|celular|cellphone|fax|whats ?app|sms|hotline|landline|voicemail|contact_no|phone_?no"
    r"|телефон|тел|電話|电话|手机|号码)"
    r"(?:[\"'_:=.\s(-]|number|num|is|no|at|on|me|us|at)*$"
    r"|\b(?:call|ring|dial|reach|answering|contact|text)"
    r"(?: (?:me|us|him|her|them|you|at|on|back|now|anytime))*[ :]*$",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"[ \-,(]{0,3}(?:office|mobile|fax|cell|landline|home|work)\b", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}(.?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])(?![0-9]).*"
    r"|[0-3]?[0-9]([-./ ])[0-3]?[0-9]\2(?:[0-9]{4}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}.(?:19|20)[0-9]{2}"
)
_LONGEST = 15  # ITU-T E.164
_TWO_DIGIT_CODES = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _split(text: str) -> tuple[str, str]:
    """Split off the extension."""
    number, mark, extension = re.split("([xXeE].*)?$", text, maxsplit=1)[0], "x", ""
    if len(number) < len(text):
        extension = _digits(text[len(number) :])
    return number, mark + extension if extension else ""


def _code(digits: str) -> int:
    """Length of the country code that an international number begins with."""
    if digits[0] in "17":
        return 1
    return 2 if _TWO_DIGIT_CODES.match(digits) else 3


def _international(number: str) -> bool:
    return number.startswith("+") or re.match("00[1-9]", number) is not None


def _kept(number: str) -> int:
    """How many leading digits say only the country: they stay."""
    digits = _digits(number)
    if number.startswith("+"):
        return _code(digits)
    if _international(number):
        return 2 + _code(digits[2:])
    return 1 if len(digits) == 11 and digits[0] == "1" else 0


def _american(number: str) -> bool:
    digits = _digits(number)
    rest = digits[_kept(number) :]
    country = digits[: _kept(number)].lstrip("0")
    return len(rest) == 10 and (country == "1" or (not country and rest[0] != "0"))


def _same(text: str) -> str:
    number, extension = _split(text)
    rest = _digits(number)[_kept(number) :]
    country = "1" if _american(number) else _digits(number)[: _kept(number)].lstrip("0")
    return f"+{country}-{rest}{extension}" if country else rest + extension


def _phone(original: str, draw: Draw, attempt: int) -> str:
    """A number that nobody has: 555-01xx, or one that begins with zeros after the code."""
    number, _ = _split(original)
    digits, kept = _digits(number), _kept(number)
    count = len(digits) - kept
    if _american(number):
        area = draw.pick("23456789", 1) + draw.pick("012345678", 1) + draw.digits(1)
        rest = f"{area}55501{draw.digits(2)}"
    elif kept or digits[0] == "0":
        rest = "000"[: 3 if digits[kept] == "0" else 2]
    else:
        rest = "55501" if attempt < WIDEN else "555"
    rest += draw.digits(max(0, count - len(rest)))
    extension = draw.digits(len(original) - len(number))
    return fill(original[: len(number)], digits[:kept] + rest) + re.sub(
        "[0-9]", lambda m: extension[m.start()], original[len(number) :]
    )


def _reserved(text: str) -> bool:
    """Whether it begins with zeros after the code: no number does, but stand-ins do."""
    number, _ = _split(text)
    rest = _digits(number)[_kept(number) :]
    return not _american(number) and rest.startswith("00" if _kept(number) else "000")


def _form_end(match: re.Match[str]) -> int:
    text = match["it"]
    number, _ = _split(text)
    digits = _digits(number)
    if _international(number):
        return _international_end(match, number)
    year_in_brackets = re.match(r"\((?:19|20)[0-9]{2}\)", number)
    # Bare spaces hold together anything: here the area must be one that exists.
    loose = match["a"] == " " and re.match("[01]|...[^0-9]?[01]", number) is not None
    trunk = number.lstrip("(").startswith("0") and match["a"] is None
    short = trunk and not 10 <= len(digits) <= 12
    return -1 if year_in_brackets or loose or short or _DATE.fullmatch(number) else match.end("it")


def _international_end(match: re.Match[str], number: str) -> int:
    limit = _LONGEST if number.startswith("+") else _LONGEST + 2
    end = match.end("it") if len(_digits(number)) <= limit else match.start("it")
    for group in re.finditer("[0-9]+", number) if end == match.start("it") else ():
        if len(_digits(number[: group.end()])) <= limit:
            end = match.start("it") + group.end()
    length = len(_digits(match.string[match.start("it") : end]))
    grouped = re.search("[0-9][^0-9]+[0-9]", number)
    return end if length >= (8 if grouped else 9) else -1


def _cued_end(match: re.Match[str]) -> int:
    if _DATE.fullmatch(match["it"]):
        return -1
    before = match.string[max(0, match.start("it") - 50) : match.start("it")]
    after = match.string[match.end("it") : match.end("it") + 12]
    return match.end("it") if _CUE.search(before) or _CUE_AFTER.match(after) else -1


PHONE = Detector(
    kind="phone",
    pattern=re.compile(rf"{_BEFORE}(?P<it>(?:{_FORMS}){_EXTENSION}){_AFTER}"),
    accept=_form_end,
    make=_phone,
    reserved=_reserved,
    same=_same,
)
CUED = Detector(
    kind="phone",
    pattern=re.compile(
        rf"{_BEFORE}(?P<it>\(?[0-9](?:[{GAP}/()]{{0,2}}[0-9]){{5,13}}{_EXTENSION}){_AFTER}"
    ),
    accept=_cued_end,
    make=_phone,
    reserved=_reserved,
    same=_same,
    contextual=True,
)
DETECTORS = (PHONE, CUED)
