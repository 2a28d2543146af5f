"""The section of a model card that a run gives, and whether one still says what was sealed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from foretaste.after.release import open_study, plan_of
from foretaste.after.stated import Stated, cards_in
from foretaste.awareness import Awareness
from foretaste.cards import Basis, Card, Discrepancy, Errors, Verified
from foretaste.contrasts import Realism
from foretaste.discoveries import Discovery
from foretaste.findings import Study
from foretaste.ledger import Ledger, whole_ledger
from foretaste.protocols import Store
from foretaste.records import identity
from foretaste.registry import build
from foretaste.report.card.beside import Beside, errors_of, past_errors
from foretaste.report.card.values import card_of
from foretaste.report.visible import one_line
from foretaste.reviews import Reviewed
from foretaste.runs.conclusion import require_evidence
from foretaste.runs.presentation import (
    Validation,
    read_awareness,
    read_discoveries,
    read_realism,
    read_validations,
)
from foretaste.runs.reviewing import reviewed_of

_LATER: dict[str, Callable[[Store], Sequence[Discovery | Awareness | Realism]]] = {
    "what nobody listed": read_discoveries,
    "evaluation awareness": read_awareness,
    "realism": read_realism,
}
"""What may be found of a run once it is sealed, a scoring and people's labels aside."""


def card(path: str) -> Card:
    """What a model card says of a finished run, with all that was found of it up to now.

    Raises:
        PlanError: the run is not finished.
        SealBroken: the run, a verdict behind it or the ledger is not what was sealed.
        StoreUnavailable: no run is kept there.
    """
    return _opened(path).remade(None).card


def verify(file: str, path: str) -> Verified:
    """Hold a card against the sealed run: Markdown or JSON, also pasted into something longer.

    A card is made again from the run as it was when the card was made: what was found later on is
    told, and is no discrepancy.

    Args:
        file: that holds the card.
        path: the run's folder.

    Raises:
        PlanError: there is no card in the file, it cannot be read, or the run is not finished.
        SealBroken: the run, a verdict behind it or the ledger is not what was sealed.
        StoreUnavailable: no run is kept there.
    """
    stated = cards_in(file)
    run = _opened(path)
    own = [each for each in stated if each.seal == run.study.sealed.seal]
    others = [each for each in stated if each.seal != run.study.sealed.seal]
    discrepancies: list[Discrepancy] = []
    notes: list[str] = []
    for each in own:
        made = run.remade(each.basis)
        discrepancies += [*made.lost, *each.against(made.card)]
        notes += made.since
    for each in others:
        told = run.other_seal(each)
        if own and each.seal:
            notes.append(f"{each.place} is of another forecast and was not checked: {told.card}")
        else:
            discrepancies.append(told)
    return Verified(
        file=file,
        seal=run.study.sealed.seal,
        whole=not discrepancies,
        checked=tuple(each.place for each in own),
        discrepancies=tuple(dict.fromkeys(discrepancies)),
        notes=tuple(dict.fromkeys(notes)),
    )


class _Remade(NamedTuple):
    """A card made again on a given basis."""

    card: Card
    lost: list[Discrepancy]  # what it was made of, and the run does not hold
    since: list[str]  # what the run holds, and it was not made of


class _Run(NamedTuple):
    """A finished run, and all that was found of it up to now."""

    study: Study
    replaced: Mapping[str, str]  # seals that a later one took the place of -> when they were made
    found: dict[str, tuple[str, Any]]  # hash -> in words, and the finding
    ledger: Ledger

    def remade(self, basis: Basis | None) -> _Remade:
        """The card on this basis; None: on all there is."""
        lines = self.ledger.lines
        if basis is None:
            last = lines[-1].hash if lines else ""
            basis = Basis(ledger_lines=len(lines), ledger=last, found=tuple(sorted(self.found)))
        lost = [
            Discrepancy(
                place="later findings",
                card=f"made with {one_line(name, 40)}",
                run="no such finding: it was made anew since, or it is none of this run's",
            )
            for name in basis.found
            if name not in self.found
        ]
        then = lines[: max(basis.ledger_lines, 0)]
        if len(then) != basis.ledger_lines or (then[-1].hash if then else "") != basis.ledger:
            said = f"{basis.ledger_lines} lines up to {one_line(basis.ledger, 40) or 'none'}"
            lost.append(
                Discrepancy(place="ledger", card=said, run="these are not the ledger's first lines")
            )
        known = {name: self.found[name] for name in self.found if name in basis.found}
        since = [
            f"since then: {told}" for name, (told, _) in self.found.items() if name not in known
        ]
        seal = self.study.sealed.seal
        past = past_errors(replace(self.ledger, lines=then), seal)
        if past != past_errors(self.ledger, seal):
            since.append("since then: more forecasts of the ledger were scored")
        made = card_of(self.study, _beside(self.study, basis, known.values(), past))
        return _Remade(made, lost, since)

    def other_seal(self, each: Stated) -> Discrepancy:
        """What to say of a card that is not of this run's forecast."""
        if not each.seal:
            told = "its marks, or what it says of its seal, cannot be read"
        elif each.seal in self.replaced:
            told = f"older seal {each.seal}, of {self.replaced[each.seal]}: write the card anew"
        else:
            told = f"seal {one_line(each.seal, 64)}, which this run never had"
        return Discrepancy(place=f"{each.place}, seal", card=told, run=self.study.sealed.seal)


def _opened(path: str) -> _Run:
    study = open_study(path)
    ledger = whole_ledger(plan_of(path, study).ledger(path))
    with build("stores", {"use": "files", "path": path, "reading": True}) as store:
        require_evidence(store, study)
        found = {identity("card", each)[:12]: (told, each) for told, each in _found(store, study)}
    return _Run(study, _replaced(path), found, ledger)


def _found(store: Store, study: Study) -> Iterator[tuple[str, Any]]:
    """Everything that was found of this forecast after it was sealed, in words and whole."""
    seal = study.sealed.seal
    for scoring in read_validations(store):
        if scoring.seal == seal:
            yield f"a scoring on {one_line(scoring.log, 80)}, {scoring.at}", scoring
    for what, read in _LATER.items():
        for found in read(store):
            if found.seal == seal:
                yield f"{what}, {one_line(found.at, 40)}", found
    for review in reviewed_of(store, study.sealed.graders, study.behaviors, study.screened):
        yield f"people's labels of {one_line(review.behavior, 80)}, {review.lane}", review


def _beside(
    study: Study, basis: Basis, found: Iterable[tuple[str, Any]], past: Errors | None
) -> Beside:
    findings = [each for _, each in found]
    return Beside(
        basis=basis,
        past=past,
        scored=[
            errors_of(each.log, each.scorecard, study)
            for each in findings
            if isinstance(each, Validation)
        ],
        discoveries=[each for each in findings if isinstance(each, Discovery)],
        awareness=[each for each in findings if isinstance(each, Awareness)],
        realism=[each for each in findings if isinstance(each, Realism)],
        reviewed=[each for each in findings if isinstance(each, Reviewed)],
    )


def _replaced(path: str) -> dict[str, str]:
    """Forecasts that this run was sealed with before, and when."""
    found: dict[str, str] = {}
    for file in sorted(Path(path).glob("study-*.json")):
        try:
            sealed = msgspec.json.decode(file.read_bytes(), type=_Before).sealed
        except (OSError, msgspec.DecodeError):
            continue  # it has been set aside: nothing rests on it
        found[sealed.seal] = one_line(sealed.sealed_at, 40)
    return found


class _SealedBefore(msgspec.Struct):
    seal: str
    sealed_at: str


class _Before(msgspec.Struct):
    sealed: _SealedBefore
