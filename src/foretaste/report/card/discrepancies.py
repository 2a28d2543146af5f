"""Where a card is not what its run gives: cell by cell in Markdown, value by value in JSON."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from foretaste.cards import Basis, Discrepancy
from foretaste.report.card.section import BEGINS, ENDS
from foretaste.report.visible import one_line

_MARK = re.compile(
    rf"{BEGINS} 1 seal=([0-9a-f]{{1,64}}) "
    r"ledger=([0-9]{1,9}):([0-9a-f]{0,64}) found=([0-9a-f,]*) -->"
)
_NUMBER = re.compile(r"\d[\d,.]*")
_RULE = re.compile(r"\|?(\s*:?-+:?\s*\|?)+")
_NOTHING = "nothing"
_KEYS = ("name", "behavior", "lane", "what")


class Section(NamedTuple):
    """A card's section as it stands in a file."""

    first: int  # line of its opening mark, from 1
    last: int
    lines: tuple[str, ...]
    seal: str  # empty: its marks are not whole
    basis: Basis


def sections(text: str) -> Iterator[Section]:
    """Every section between a card's marks, in a file of any length."""
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if BEGINS in line]
    for at, following in zip(starts, (*starts[1:], len(lines)), strict=False):
        end = next((n for n in range(at, following) if lines[n].strip() == ENDS), None)
        mark = _MARK.fullmatch(lines[at].strip())
        if mark is None or end is None:
            yield Section(at + 1, at + 1, (), "", Basis(ledger_lines=0, ledger="", found=()))
            continue
        basis = basis_of(f"{mark[2]}:{mark[3]}", mark[4])
        yield Section(at + 1, end + 1, tuple(lines[at : end + 1]), mark[1], basis)


def basis_of(ledger: str, found: str) -> Basis:
    """A basis from its two words in a mark; what cannot be read is none that a run has."""
    lines, _, last = ledger.partition(":")
    count = int(lines) if lines.isdecimal() and len(lines) < 10 else -1
    names = tuple(name for name in found.split(",") if name)
    return Basis(ledger_lines=count, ledger=last, found=names)


def in_section(found: Section, made: str) -> Iterator[Discrepancy]:
    """Where a section is not the one that the run gives; spacing and depth of headings are free."""
    card = [(n, plain) for n, line in enumerate(found.lines, found.first) if (plain := _even(line))]
    run = [plain for line in made.splitlines() if (plain := _even(line))]
    matcher = SequenceMatcher(None, [line for _, line in card], run, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(b - a, d - c)
        for at in range(both):
            number, line = card[a + at]
            yield from _in_line(number, line, run, c + at)
        for number, line in card[a + both : b]:
            yield Discrepancy(place=f"line {number}", card=one_line(line), run=_NOTHING)
        near = card[min(a + both, len(card) - 1)][0]
        for line in run[c + both : d]:
            yield Discrepancy(place=f"before line {near}", card=_NOTHING, run=one_line(line))


def _even(line: str) -> str:
    """A line as it is compared."""
    line = " ".join(line.split())
    if line.startswith("#"):
        return f"# {line.lstrip('#').strip()}"
    if line.startswith("|") or line.endswith("|"):
        cells = line.strip("|").split("|")
        if _RULE.fullmatch(line):
            return "|-" * len(cells)
        return "|".join(cell.strip() for cell in cells)
    return line


def _in_line(number: int, card: str, run: Sequence[str], at: int) -> Iterator[Discrepancy]:
    theirs, ours = card.split("|"), run[at].split("|")
    if len(ours) > 1 and len(ours) == len(theirs):
        head = next((n for n in range(at, 0, -1) if run[n].startswith("|-")), 0)
        names = run[head - 1].split("|") if head else []
        for column, (cell, own) in enumerate(zip(theirs, ours, strict=True)):
            if cell != own:
                name = names[column] if column < len(names) else ""
                row = ours[0].strip("`") if column else ""
                place = ", ".join(filter(None, (f"line {number}", one_line(row, 80), name)))
                yield Discrepancy(place=place, card=one_line(cell) or _NOTHING, run=own or _NOTHING)
    elif _NUMBER.sub("0", card) == _NUMBER.sub("0", run[at]):
        for said, own in zip(_NUMBER.findall(card), _NUMBER.findall(run[at]), strict=True):
            if said != own:
                yield Discrepancy(place=f"line {number}", card=said, run=own)
    else:
        yield Discrepancy(place=f"line {number}", card=one_line(card), run=one_line(run[at]))


def in_values(card: Any, run: Any, place: str = "") -> Iterator[Discrepancy]:
    """Where a value of JSON or YAML is not the run's, by keys and by names in lists."""
    if isinstance(card, Mapping) and isinstance(run, Mapping):
        for key in [*run, *(key for key in card if key not in run)]:
            inner = f"{place}.{one_line(str(key), 80)}" if place else one_line(str(key), 80)
            if key not in card:
                yield Discrepancy(place=inner, card=_NOTHING, run=_told(run[key]))
            elif key not in run:
                yield Discrepancy(place=inner, card=_told(card[key]), run=_NOTHING)
            else:
                yield from in_values(card[key], run[key], inner)
    elif isinstance(card, list) and isinstance(run, list):
        for at in range(max(len(card), len(run))):
            inner = f"{place}[{_label(run[at]) if at < len(run) else ''}#{at + 1}]"
            if at >= len(card):
                yield Discrepancy(place=inner, card=_NOTHING, run=_told(run[at]))
            elif at >= len(run):
                yield Discrepancy(place=inner, card=_told(card[at]), run=_NOTHING)
            else:
                yield from in_values(card[at], run[at], inner)
    elif card != run or isinstance(card, bool) != isinstance(run, bool):
        yield Discrepancy(place=place, card=_told(card), run=_told(run))


def _label(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""
    return next((f"{one_line(str(value[key]), 80)} " for key in _KEYS if value.get(key)), "")


def _told(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return f"{_label(value)}(a whole part)"
    return "null" if value is None else one_line(str(value)) or "empty"
