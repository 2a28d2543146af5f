"""Cards as they stand in a file: a section of Markdown, JSON, or metadata before a text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from foretaste.cards import FORM, Basis, Card, Discrepancy
from foretaste.errors import PlanError
from foretaste.report.card.discrepancies import basis_of, in_section, in_values, sections
from foretaste.report.card.model_index import KEY, model_index
from foretaste.report.card.section import section
from foretaste.report.visible import one_line

LARGEST = 8_000_000
"""Bytes of a file that is looked at for a card."""


class Stated(NamedTuple):
    """One card that a file holds, in whatever form."""

    place: str
    seal: str  # empty: it names none that can be read
    basis: Basis
    value: Any  # a section, or what JSON or YAML holds

    def against(self, card: Card) -> Iterator[Discrepancy]:
        """Where it is not this card."""
        if self.place.startswith("lines"):
            yield from in_section(self.value, section(card))
        elif self.place == KEY:
            (made,) = model_index(card)
            yield from in_values(self.value, _plain(made["results"][0]), KEY)
        else:
            yield from in_values(self.value, _plain(card))


def cards_in(file: str) -> list[Stated]:
    """Every card that a file holds, at least one.

    Raises:
        PlanError: there is none, or the file cannot be read.
    """
    found = list(_cards(_read(file)))
    if not found:
        raise PlanError(
            f"{file} holds no card: neither a section between the marks that `foretaste card` "
            "writes, nor JSON, nor metadata of one"
        )
    return found


def _read(file: str) -> str:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(LARGEST + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise PlanError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"{file} cannot be read: it is no text in UTF-8") from error
    if len(data) > LARGEST:
        raise PlanError(f"{file} is larger than {LARGEST:,} bytes: no model card is")
    return text


def _cards(text: str) -> Iterator[Stated]:
    """Every card that a file holds."""
    if text.lstrip().startswith(("{", "[")):
        try:
            yield from _in_json(msgspec.json.decode(text.encode()))
        except (msgspec.DecodeError, RecursionError) as error:
            raise PlanError(f"the file begins like JSON and is none: {error}") from error
        return
    yield from _in_front(text)
    for found in sections(text):
        place = f"lines {found.first} to {found.last}"
        yield Stated(place, found.seal, found.basis, found)


def _in_json(whole: Any) -> Iterator[Stated]:
    waiting = [("the file", whole)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict) and value.get("form") == FORM:
            try:
                basis = msgspec.convert(value.get("basis"), Basis)
                seal = str(value["sealed"]["seal"])
            except (msgspec.ValidationError, KeyError, TypeError):
                basis, seal = basis_of("", ""), ""
            yield Stated(place, seal, basis, value)
        elif isinstance(value, dict | list):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(f"its part {one_line(str(key), 80)}", each) for key, each in inner]


def _in_front(text: str) -> Iterator[Stated]:
    """Results of ours in the metadata before a model card's text."""
    front, found, _ = text.removeprefix("---\n").partition("\n---")
    if not text.startswith("---\n") or not found:
        return
    try:
        held = yaml.safe_load(front)
        results = [each for model in held[KEY] for each in model["results"]]
    except (yaml.YAMLError, RecursionError, KeyError, TypeError):
        return  # whatever that is, nobody can take it for a card's
    for each in results:
        try:
            arguments = each["dataset"]["args"]
            seal, basis = str(arguments["seal"]), basis_of(arguments["ledger"], arguments["found"])
        except (KeyError, TypeError, AttributeError):
            continue  # of another evaluation
        yield Stated(KEY, seal, basis, each)


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return msgspec.json.decode(msgspec.json.encode(value))
