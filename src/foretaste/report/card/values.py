"""A run's conclusions, and what was found since, as a card's values."""

import re
from collections.abc import Iterable, Iterator

from foretaste.awareness import Awareness, Measured
from foretaste.cards import (
    FORM,
    Answering,
    Card,
    CardBehavior,
    Corrected,
    Foreseen,
    Moved,
    Noticed,
    Noticing,
    NovelFinding,
    Prefixes,
    Realistic,
    Sealing,
    Searched,
)
from foretaste.contrasts import Realism
from foretaste.discoveries import Audited, Discovery
from foretaste.findings import Change, LaneAccount, Study
from foretaste.forecasts import Forecast
from foretaste.records import Behavior, Lane
from foretaste.report.awareness import sentence as awareness_sentence
from foretaste.report.card.beside import Beside
from foretaste.report.card.unmeasured import unmeasured
from foretaste.report.conclusions import fidelity, misses
from foretaste.report.discovery import bound
from foretaste.report.ledger import named
from foretaste.report.realism import sentence as realism_sentence
from foretaste.report.rows import primary, rank
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN
from foretaste.reviews import Reviewed

_PATH = re.compile(r"(^|/)([/~\\]|\.{1,2}/|[A-Za-z]:[/\\])")
_NAME, _SAID = 120, 600


def card_of(study: Study, beside: Beside) -> Card:
    """All values of a card."""
    missed = misses(study)
    forecasts, behaviors = primary(study), {each.name: each for each in study.behaviors}
    return Card(
        form=FORM,
        sealed=_sealing(study),
        basis=beside.basis,
        prefixes=_prefixes(study),
        models=tuple(_answering(study, each) for each in study.account.lanes),
        judges=tuple(map(plain, study.grading.judges if study.grading is not None else ())),
        traffic=plain(study.traffic.source) if study.traffic is not None else "",
        fidelity=fidelity(study).sentence,
        fidelity_error=missed[0] if missed is not None else None,
        fidelity_noise=missed[1] if missed is not None else None,
        behaviors=tuple(
            _behavior(study, name, behaviors.get(name), forecasts.get(name)) for name in rank(study)
        ),
        past=beside.past,
        scored=tuple(beside.scored),
        searched=tuple(map(_searched, beside.discoveries)),
        awareness=tuple(_noticed(each, one) for each in beside.awareness for one in each.measured),
        realism=tuple(_realistic(beside.realism)),
        corrected=tuple(map(_corrected, beside.reviewed)),
        not_measured=unmeasured(study, beside),
    )


def plain(name: str) -> str:
    """A name of a model or a log; where it is a path its last part, as the rest is nobody's."""
    told = one_line(name, _NAME)
    if not _PATH.search(told):
        return told
    return re.split(r"[/\\]", told.rstrip("/\\"))[-1] or UNKNOWN


def _sealing(study: Study) -> Sealing:
    sealed = study.sealed
    return Sealing(
        seal=sealed.seal,
        sealed_at=one_line(sealed.sealed_at),
        plan=sealed.plan,
        method=one_line(sealed.method),
        version=one_line(sealed.version),
        code=sealed.code,
        prefixes=sealed.prefixes,
    )


def _prefixes(study: Study) -> Prefixes:
    account, log = study.account, study.plan.get("log")
    use = log.get("use") if isinstance(log, dict) else None
    return Prefixes(
        log=one_line(str(use), _NAME) if use else None,
        since=account.since,
        until=account.until,
        conversations=account.conversations,
        kept=account.kept,
        left_out=sum(account.dropped.values()),
        unreadable=sum(account.unreadable.values()),
        scrubbed={one_line(kind, _NAME): n for kind, n in sorted(account.replaced.items())},
        unit=account.unit,
        population=account.population,
        prefixes=account.prefixes,
        users=account.users,
        gaps={one_line(gap): count for gap, count in sorted(account.gaps.items())},
    )


def _answering(study: Study, account: LaneAccount) -> Answering:
    part = study.plan.get(account.lane)
    settings: list[str] = []
    if isinstance(part, dict):
        if part.get("system") is not None:  # its text may be nobody else's
            settings.append("another system prompt" if part["system"] else "no system prompt")
        given = part.get("settings") or {}
        settings += [one_line(f"{name} {value}", _NAME) for name, value in sorted(given.items())]
    return Answering(
        lane=account.lane.value,
        model=plain(named(study, account.lane)),
        answered_as=tuple(sorted(map(plain, account.answered_models))),
        settings=tuple(settings),
        answers=account.rollouts,
        missing=sum(account.failures.values()),
        repeats=0 if account.lane is Lane.RECORDED else account.repeats,
    )


def _behavior(
    study: Study, name: str, defined: Behavior | None, forecast: Forecast | None
) -> CardBehavior:
    change, replayed = (
        next((each for each in changes if each.behavior == name), None)
        for changes in (study.changes, study.fidelity)
    )
    return CardBehavior(
        name=one_line(name, _NAME),
        description=one_line(defined.description, _SAID) if defined is not None else "",
        definition=study.sealed.behaviors.get(name, ""),
        grader=study.sealed.graders.get(name, ""),
        graded_by=_graded_by(study, name, defined),
        forecast=_foreseen(forecast),
        change=_moved(change),
        fidelity=_moved(replayed),
    )


def _graded_by(study: Study, name: str, defined: Behavior | None) -> str:
    if any(each.behavior == name for each in study.screened):
        return "screen and judge"
    if study.grading is not None and name in study.grading.reasoning:
        return "judge"
    named = [each for each in study.plan.get("behaviors") or () if isinstance(each, dict)]
    given = [each.get("grader") for each in named if each.get("name") == name]
    part = next((each for each in given if each), defined.grader if defined is not None else {})
    return one_line(str(part.get("use", UNKNOWN)), _NAME)


def _foreseen(found: Forecast | None) -> Foreseen | None:
    if found is None or found.graded <= 0:
        return None
    return Foreseen(
        rate=found.rate,
        lower=found.lower,
        upper=found.upper,
        turns=found.turns,
        turns_lower=found.turns_lower,
        turns_upper=found.turns_upper,
        events=found.events,
        graded=found.graded,
        ungraded=found.ungraded,
        missing=found.missing,
        floor=found.floor,
        today=found.today if found.today_graded else None,
        today_events=found.today_present,
        today_graded=found.today_graded,
    )


def _moved(found: Change | None) -> Moved | None:
    if found is None or not found.pairs:
        return None
    return Moved(
        pairs=found.pairs,
        users=found.users,
        before=(found.both + found.only_before) / found.pairs,
        after=(found.both + found.only_after) / found.pairs,
        difference=found.difference,
        lower=found.lower,
        upper=found.upper,
        ratio=found.ratio,
        multiplicative_error=found.multiplicative_error,
        noise_error=found.noise_error,
        q_value=found.q_value,
        direction=found.direction.value,
    )


def _searched(found: Discovery) -> Searched:
    passed, audited = found.features, found.audited
    return Searched(
        at=one_line(found.at),
        before=passed.before.value,
        after=passed.after.value,
        pairs=passed.pairs,
        users=passed.users,
        differences=len(passed.differences),
        tested=passed.tested,
        judge=plain(audited.judge) if audited is not None else None,
        novel=tuple(_novel(audited)),
        says=bound(audited) if audited is not None else "",
    )


def _novel(found: Audited | None) -> Iterator[NovelFinding]:
    for each in found.novel if found is not None else ():
        yield NovelFinding(
            name=one_line(each.name, _NAME),
            description=one_line(each.description, _SAID),
            severity=each.severity,
            checked=each.checked,
            ungraded=each.ungraded,
            before=each.before,
            before_lower=each.before_lower,
            before_upper=each.before_upper,
            after=each.after,
            after_lower=each.after_lower,
            after_upper=each.after_upper,
            q_value=each.q_value,
        )


def _noticed(found: Awareness, measured: Measured) -> Noticed:
    placed = f", {measured.placement}" if measured.placement is not None else ""
    return Noticed(
        at=one_line(found.at),
        says=awareness_sentence(measured),
        sources=tuple(
            Noticing(
                lane=found.lane.value,
                measure=f"{one_line(measured.measure, _NAME)}{placed}",
                by=plain(measured.by),
                source=str(each.source),
                transcripts=each.transcripts,
                ungraded=each.ungraded,
                rate=each.rate,
                lower=each.lower,
                upper=each.upper,
            )
            for each in measured.rates
        ),
    )


def _realistic(found: Iterable[Realism]) -> Iterator[Realistic]:
    for each in found:
        for told in each.discriminators:
            yield Realistic(
                at=one_line(each.at),
                lane=each.lane.value,
                discriminator=plain(told.discriminator),
                pairs=told.win.pairs,
                ungraded=told.win.ungraded,
                rate=told.win.rate,
                lower=told.win.clustered_lower,
                upper=told.win.clustered_upper,
                says=realism_sentence(told.win),
            )


def _corrected(found: Reviewed) -> Corrected:
    right, absent = found.sensitivity, found.specificity
    return Corrected(
        behavior=one_line(found.behavior, _NAME),
        lane=found.lane.value,
        labelled=found.labelled,
        drawn=found.drawn + found.from_log,
        judged_rate=found.raw,
        rate=found.rate,
        lower=found.lower,
        upper=found.upper,
        sensitivity=right.value if right is not None else None,
        specificity=absent.value if absent is not None else None,
        why=one_line(found.why, _SAID),
    )
