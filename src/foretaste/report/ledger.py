"""What was run, and what was lost on the way, as text that is ready to draw."""

from dataclasses import dataclass

from foretaste.findings import LaneAccount, Study
from foretaste.records import Lane
from foretaste.report.visible import one_line
from foretaste.report.wording import UNKNOWN, list_of, of, share, tally

UNITS = {"turn": "turns", "conversation": "conversations", "final": "final turns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name and what there is to say of it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """What happened in one lane."""

    lane: str
    answers: str
    asked: str
    answered: str
    stops: str
    dropped: str
    failures: str
    tokens: str


def lane_account(study: Study, lane: Lane) -> LaneAccount | None:
    """What happened in a lane; None where it was not replayed."""
    return next((a for a in study.account.lanes if a.lane is lane), None)


def models(study: Study, lane: Lane) -> str:
    """The model that answered in a lane; with how often where there are several."""
    account = lane_account(study, lane)
    if account is None:
        return "not replayed" if lane is not Lane.RECORDED else UNKNOWN
    names = account.answered_models or account.asked_models
    return one_line(next(iter(names)), 120) if len(names) == 1 else tally(names, UNKNOWN)


def named(study: Study, lane: Lane) -> str:
    """What the plan calls a lane's model; else the model that answered."""
    part = study.plan.get(lane)
    own = part.get("model") if isinstance(part, dict) else None
    return one_line(str(own), 120) if own else models(study, lane)


def set_up(study: Study, lane: Lane) -> str:
    """A lane's model, and what the plan changes of production's conditions."""
    part = study.plan.get(lane)
    if not isinstance(part, dict):
        return models(study, lane)
    changed = [f"{name} {value}" for name, value in (part.get("settings") or {}).items()]
    system = part.get("system")
    if system is not None:
        changed.insert(0, f'system prompt "{system}"' if system else "no system prompt")
    return one_line(", ".join([named(study, lane), *changed]), 400)


def title(study: Study) -> str:
    """What is compared, in a few words."""
    new, old = named(study, Lane.CANDIDATE), named(study, Lane.INCUMBENT)
    return f"{new}, set up anew, against today's" if new == old else f"{new} against {old}"


def _day(moment: str | None, otherwise: str) -> str:
    return one_line(moment or otherwise).partition("T")[0]


def _file(path: str) -> str:
    """The last part of a path: the folders before it are nobody's finding."""
    return one_line(path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path)


def _tokens(account: LaneAccount) -> str:
    if account.input_tokens == account.output_tokens == 0:
        return UNKNOWN  # nobody answers without a token: they were not counted
    return f"{account.input_tokens:,} in, {account.output_tokens:,} out"


def not_graded(study: Study) -> tuple[Fact, ...]:
    """Reasons for which behaviors were not graded, each with all of its behaviors."""
    names: dict[str, list[str]] = {}
    for name, why in sorted(study.skipped.items()):
        names.setdefault(one_line(why, 400), []).append(one_line(name))
    return tuple(Fact(name=why, text=list_of(those)) for why, those in names.items())


def facts(study: Study) -> tuple[Fact, ...]:
    """What was run, on what."""
    account = study.account
    first, last = _day(account.since, "the beginning"), _day(account.until, "the end")
    window = first if first == last else f"{first} to {last}"
    unit = UNITS.get(account.unit, one_line(account.unit))
    users = UNKNOWN if account.users is None else f"{account.users:,}"
    return (
        Fact(name="Candidate", text=set_up(study, Lane.CANDIDATE)),
        Fact(name="Incumbent", text=set_up(study, Lane.INCUMBENT)),
        Fact(name="Recorded", text=models(study, Lane.RECORDED)),
        Fact(name="Log", text=list_of([_file(s) for s in account.sources] or [UNKNOWN])),
        Fact(name="Window", text=window),
        Fact(name="Conversations", text=f"{account.kept:,} kept of {account.conversations:,} read"),
        Fact(
            name="Sample",
            text=f"{account.prefixes:,} of {account.population:,} {unit}",
        ),
        Fact(name="Users", text=users),
    )


def lanes(study: Study) -> tuple[LaneRow, ...]:
    """What each lane asked, got and lost."""
    return tuple(
        LaneRow(
            lane=a.lane.value,
            answers=f"{a.rollouts:,}",
            asked=tally(a.asked_models, UNKNOWN),
            answered=tally(a.answered_models, UNKNOWN),
            stops=tally(a.stops),
            dropped=tally(a.dropped),
            failures=tally(a.failures),
            tokens=_tokens(a),
        )
        for a in study.account.lanes
    )


def losses(study: Study) -> tuple[Fact, ...]:
    """What was lost on the way, before and after the replay."""
    account = study.account
    why = study.grading.ungraded if study.grading is not None else {}
    failed = sum(count for a in account.lanes for count in a.failures.values())
    ungraded = sum(e.ungraded for e in study.estimates)
    verdicts = ungraded + sum(e.graded for e in study.estimates)
    return (
        Fact(name="Records that could not be read", text=tally(account.unreadable)),
        Fact(name="Conversations left out", text=tally(account.dropped)),
        Fact(name="Prefixes without an answer, over all lanes", text=f"{failed:,}"),
        Fact(
            name="Verdicts that could not be reached",
            text=f"{of(ungraded, verdicts)} ({share(ungraded, verdicts)})",
        ),
        *(Fact(name="Why not reached", text=tally(why)) for _ in range(bool(why))),
    )


def gaps(study: Study) -> tuple[Fact, ...]:
    """What the log lacks, and how much of the sample each gap touches."""
    total = study.account.prefixes
    ranked = sorted(study.account.gaps.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Fact(name=one_line(gap), text=f"{share(count, total)} of the sample ({of(count, total)})")
        for gap, count in ranked
    )
