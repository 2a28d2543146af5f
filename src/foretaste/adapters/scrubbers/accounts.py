"""Payment cards, bank accounts and social security numbers."""

import re

from stdnum import iban, luhn

from foretaste.adapters.scrubbers.detectors import WORD, Detector, groups, longest
from foretaste.adapters.scrubbers.draws import Draw, fill

# Number ranges of the card brands, by ISO/IEC 7812: what a real card can begin with.
_BRAND = re.compile(
    r"4(?:.{12}|.{15}|.{18})|5[1-5].{14}|(?:222[1-9]|22[3-9].|2[3-6]..|27[01].|2720).{12}"
    r"|3[47].{13}|3(?:0[0-5]|[689].).{11,16}|35.{14}|(?:50|5[6-9]|6.).{11,17}"
)
_LAYOUT = re.compile(r"(?:4 ){3,4}[1-4]|4 6 [45]|1[3-9]|6 1[0-3]")
_SHORTEST_CARD, _LONGEST_CARD = 13, 19
_TEST_PREFIX = {"5": "555555", "2": "222300", "3": "378282", "6": "601111"}
_SSN_CUE = re.compile(r"(?:ssn|social[ _-]?security)[^0-9\n]{0,30}$", re.IGNORECASE)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _compact(text: str) -> str:
    return re.sub("[^A-Z0-9]", "", text.upper())


def _is_card(text: str) -> bool:
    number = _digits(text)
    if not _SHORTEST_CARD <= len(number) <= _LONGEST_CARD:
        return False
    layout = " ".join(str(len(part)) for part in groups(text))
    separators = set(re.findall("[^0-9]", text))
    fits = len(separators) < 2 and _LAYOUT.fullmatch(layout) and _BRAND.fullmatch(number)
    return bool(fits) and len(set(number)) > 1 and luhn.is_valid(number)


def _card(original: str, draw: Draw, _: int) -> str:
    number = _digits(original)
    prefix = _TEST_PREFIX.get(number[0], "400000")
    body = prefix + draw.digits(len(number) - len(prefix) - 1)
    return fill(original, body + luhn.calc_check_digit(body))


def _is_iban(text: str) -> bool:
    return iban.is_valid(_compact(text), check_country=False)


def _iban(original: str, draw: Draw, _: int) -> str:
    """No bank has a code of zeros or of X, so no account has this number."""
    compact = _compact(original)
    bank = "".join("0" if c.isdigit() else "X" for c in compact[4:8])
    rest = "".join(
        draw.digits(1) if c.isdigit() else draw.pick("ABCDEFGHJKLMNPQRSTUVWXYZ", 1)
        for c in compact[8:]
    )
    check = iban.calc_check_digits(f"{compact[:2]}00{bank}{rest}")
    made = fill(original, f"{compact[:2]}{check}{bank}{rest}")
    return made.lower() if original.islower() else made


def _ssn_end(match: re.Match[str]) -> int:
    if match["separator"] == "-":
        return match.end("it")
    before = match.string[max(0, match.start() - 50) : match.start()]
    return match.end("it") if _SSN_CUE.search(before) else -1


def _ssn(original: str, draw: Draw, _: int) -> str:
    """Areas from 900 are no social security numbers, groups under 50 in them no tax numbers."""
    return fill(original, f"9{draw.digits(2)}{draw.pick('1234', 1)}{draw.digits(5)}")


CARD = Detector(
    kind="card",
    # Looks ahead, so that a run of groups is tried again from each of its groups.
    pattern=re.compile(
        rf"(?=(?P<it>[2-6](?<![{WORD}].)(?<![0-9][.,].)(?:[ \u00a0-]?[0-9]){{12,22}})(?![{WORD}]))"
    ),
    accept=lambda match: longest(match, _is_card),
    make=_card,
    same=_digits,
)
IBAN = Detector(
    kind="iban",
    gates=tuple("0123456789"),
    hint=re.compile(rf"[0-9][0-9](?<=[A-Za-z]{{2}}..)(?<![{WORD}]....)[A-Za-z0-9 \u00a0-]{{11}}"),
    pattern=re.compile(
        rf"(?<![{WORD}])(?P<it>[A-Za-z]{{2}}[0-9]{{2}}"
        r"(?:[A-Za-z0-9]{11,30}"
        r"|(?:[ \u00a0-][A-Za-z0-9]{4}){2,7}(?:[ \u00a0-][A-Za-z0-9]{1,3})?))"
        rf"(?![{WORD}])"
    ),
    accept=lambda match: longest(match, _is_iban),
    make=_iban,
    reserved=lambda text: re.fullmatch("[0X]{4}", _compact(text)[4:8]) is not None,
    same=_compact,
)
SSN = Detector(
    kind="ssn",
    pattern=re.compile(
        rf"(?P<it>[0-9](?<![{WORD}][0-9])(?<![0-9][.,-][0-9])[0-9]{{2}}(?P<separator>[- ]?)"
        rf"(?!00)[0-9]{{2}}(?P=separator)(?!0000)[0-9]{{4}})(?![{WORD}]|[.-][0-9])"
    ),
    accept=_ssn_end,
    make=_ssn,
    reserved=lambda text: re.match("000|666|9", text) is not None,
    same=_digits,
    contextual=True,
)
DETECTORS = (IBAN, CARD, SSN)
