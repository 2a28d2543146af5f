"""Cards of studies built by hand: one with everything in it, and one with as little as can be."""

from dataclasses import replace

import msgspec

from foretaste.cards import Basis, Card
from foretaste.findings import Study
from foretaste.report.card.beside import Beside, errors_of
from foretaste.report.card.values import card_of
from unit.report.discovered import FOUND as DISCOVERED
from unit.report.studies import scorecard, study, without_incumbent
from unit.report.test_awareness import FOUND as NOTICED
from unit.report.test_realism import FOUND as REAL
from unit.report.test_review import FOUND as REVIEWED

BASIS = Basis(ledger_lines=12, ledger="1a" * 16, found=("0a1b2c3d4e5f", "ffffffffffff"))


def beside() -> Beside:
    scored = errors_of("november.jsonl", scorecard(), study())
    return Beside(
        basis=BASIS,
        past=replace(scored, log="", forecasts=3),
        scored=[scored],
        discoveries=[DISCOVERED],
        awareness=[NOTICED],
        realism=[REAL],
        reviewed=[REVIEWED],
    )


def stored(whole: Study) -> Study:
    """A study as a run gives it back: its figures are plain numbers."""
    return msgspec.json.decode(msgspec.json.encode(whole, enc_hook=float), type=Study)


def full() -> Card:
    return card_of(stored(study()), beside())


def bare() -> Card:
    """Of a run without an incumbent, of which nothing more was found."""
    basis = Basis(ledger_lines=0, ledger="", found=())
    return card_of(stored(without_incumbent(study())), Beside(basis=basis))
