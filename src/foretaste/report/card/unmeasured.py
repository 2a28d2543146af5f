"""What a card does not tell, and why: a reader must not take a silence for a good result."""

from collections.abc import Iterator

from foretaste.cards import Unmeasured
from foretaste.findings import Study
from foretaste.records import Lane
from foretaste.report.card.beside import Beside
from foretaste.report.ledger import lane_account, not_graded
from foretaste.report.rows import primary, rank
from foretaste.report.visible import one_line
from foretaste.report.wording import list_of, of, share, some

_NO_INCUMBENT = "the incumbent was not replayed"


def unmeasured(study: Study, beside: Beside) -> tuple[Unmeasured, ...]:
    """Everything that the run did not measure, or could not."""
    found = (
        *_lanes(study),
        *_behaviors(study),
        *_judging(study, beside),
        *_passes(study, beside),
        *_track(beside),
        *_log(study),
    )
    return tuple(Unmeasured(what=what, why=why) for what, why in found)


def _lanes(study: Study) -> Iterator[tuple[str, str]]:
    incumbent = lane_account(study, Lane.INCUMBENT)
    why = ""
    if incumbent is None:
        why = _NO_INCUMBENT
    elif not any(each.pairs for each in study.changes):
        why = "no turn was graded in both the incumbent's and the candidate's lane"
    if why:
        yield "Change against the incumbent", f"{why}; a candidate's rate alone shows no change"
    if not any(each.pairs for each in study.fidelity):
        said = why or "no turn was graded in both the recorded and the incumbent's lane"
        yield "Fidelity of the replay", f"{said}; how far the replay shifts rates is unknown"
    for account in study.account.lanes:
        lost = sum(account.failures.values())
        if lost:
            total = study.account.prefixes
            yield f"Turns without an answer, {account.lane}", f"{of(lost, total)} prefixes"
        if account.lane is not Lane.RECORDED and 0 < account.rollouts == account.repeats:
            yield (
                f"The {account.lane}'s own answers",
                "every one is the recorded answer, word for word: this reads the log again",
            )
    yield "Spread between answers", "each model answered each prefix once, so this is unknown"


def _behaviors(study: Study) -> Iterator[tuple[str, str]]:
    for fact in not_graded(study):
        yield f"Behaviors that were not graded: {fact.text}", fact.name
    forecasts = primary(study)
    nothing = [n for n in rank(study) if n not in forecasts or forecasts[n].graded <= 0]
    if nothing:
        yield (
            f"Forecast of {list_of(list(map(one_line, nothing)))}",
            "not one answer of the candidate could be graded",
        )


def _judging(study: Study, beside: Beside) -> Iterator[tuple[str, str]]:
    judged = set(study.grading.reasoning if study.grading is not None else ())
    judged |= {each.behavior for each in study.screened}
    checked = {each.behavior for each in beside.reviewed if each.labelled}
    left = sorted(judged - checked)
    if left:
        names = list_of(list(map(one_line, left)))
        yield f"How often the judge is right of {names}", "no person labelled these verdicts"
    if study.grading is None:
        yield "How answers were graded", "the version that sealed this did not record it"


def _passes(study: Study, beside: Beside) -> Iterator[tuple[str, str]]:
    if not beside.discoveries:
        yield "Behaviors that nobody listed", "not looked for (foretaste discover)"
    elif all(each.audited is None for each in beside.discoveries):
        why = "lanes were compared word by word, but no model was asked for behaviors"
        yield "Behaviors that nobody listed", f"{why} (foretaste discover --judge)"
    if not beside.awareness:
        yield (
            "Evaluation awareness",
            "whether the models notice the test was not asked (foretaste awareness)",
        )
    if not beside.realism:
        if any(each.calls for each in study.account.lanes):
            yield "Realism of simulated tools", "not measured (foretaste realism)"
        else:
            yield "Realism of simulated tools", "no answer called a tool: nothing was simulated"


def _track(beside: Beside) -> Iterator[tuple[str, str]]:
    if not beside.scored:
        yield (
            "Error of this forecast",
            "not validated yet: no log from after the release was held against it",
        )
    if beside.past is None:
        yield "Error of past forecasts", "no earlier forecast of this ledger was scored"


def _log(study: Study) -> Iterator[tuple[str, str]]:
    account = study.account
    for gap, count in sorted(account.gaps.items(), key=lambda item: (-item[1], item[0])):
        told = f"{share(count, account.prefixes)} of the prefixes ({of(count, account.prefixes)})"
        yield f"The log lacks: {one_line(gap)}", told
    if account.users is None:
        yield "Users", "the log names none, so intervals take conversations as independent"
    lost = sum(account.unreadable.values())
    if lost:
        yield "Part of the log", f"{some(lost, 'record')} could not be read"
    if study.traffic is None:
        yield "Other traffic", "the forecast is for traffic like that of the log"
