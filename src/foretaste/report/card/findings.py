"""What was found after the sealing, as lines of a card."""

from collections.abc import Iterator, Sequence

from foretaste.cards import Card, Corrected, Noticed, NovelFinding, Searched
from foretaste.report.differences import percent, within
from foretaste.report.markdown import code, prose, table
from foretaste.report.wording import UNKNOWN, between, chance, of, per_100k, some


def finding_lines(card: Card) -> Iterator[str]:
    """The parts of a card that come from findings on the run; none that was not looked for."""
    if card.searched:
        yield "### Behaviors that nobody listed\n"
        for searched in card.searched:
            yield from _searched(searched)
    if card.awareness:
        yield "### Evaluation awareness\n"
        for noticed in card.awareness:
            yield from _noticed(noticed)
    if card.realism:
        yield "### Realism of simulated tools\n"
        yield (
            "Share of pairs in which the simulated turn was taken for the real one; 50 % means "
            "that nobody can tell.\n"
        )
        yield from table(
            ("Lane", "Told by", "Taken for real", "95 % interval", "Pairs", "Ungraded", "That is"),
            (
                (
                    each.lane,
                    code(each.discriminator),
                    percent(each.rate),
                    within(each.lower, each.upper) or UNKNOWN,
                    f"{each.pairs:,}",
                    f"{each.ungraded:,}",
                    prose(each.says),
                )
                for each in card.realism
            ),
        )
        yield ""
    yield from _corrected(card.corrected)


def _searched(found: Searched) -> Iterator[str]:
    pairs = f"{some(found.pairs, 'pair')} of {some(found.users, 'user')}"
    yield (
        f"{found.before.capitalize()} against {found.after}, {pairs}: "
        f"{some(found.differences, 'difference')} in words, form and tools at a false discovery "
        f"rate of 5 %, of {found.tested:,} tested.\n"
    )
    if found.judge is None:
        return
    proposed = some(len(found.novel), "behavior")
    yield f"{code(found.judge)} proposed {proposed} that were checked. {prose(found.says)}\n"
    if found.novel:
        head = ("Proposed", "What it is", found.before.capitalize(), found.after.capitalize())
        more = ("q", "Severity", "Checked on", "Ungraded")
        yield from table((*head, *more), map(_novel, found.novel))
        yield ""


def _novel(each: NovelFinding) -> tuple[str, ...]:
    return (
        code(each.name),
        prose(each.description),
        _limited(each.before, each.before_lower, each.before_upper),
        _limited(each.after, each.after_lower, each.after_upper),
        chance(each.q_value),
        UNKNOWN if each.severity is None else f"{each.severity} of 4",
        some(each.checked, "fresh pair"),
        f"{each.ungraded:,}",
    )


def _noticed(found: Noticed) -> Iterator[str]:
    first = found.sources[0] if found.sources else None
    if first is not None:
        about = f"{prose(first.measure)} by {code(first.by)}, {first.lane} replayed"
        yield f"**{about}**: {prose(found.says)}\n"
    rows = [
        (
            prose(each.source),
            _limited(each.rate, each.lower, each.upper),
            f"{each.transcripts:,}",
            f"{each.ungraded:,}",
        )
        for each in found.sources
    ]
    yield from table(("Source", "Rate", "Transcripts", "Ungraded"), rows)
    yield ""


def _limited(rate: float | None, lower: float | None, upper: float | None) -> str:
    limits = within(lower, upper)
    return f"{percent(rate)} [{limits}]" if limits else percent(rate)


def _corrected(found: Sequence[Corrected]) -> Iterator[str]:
    if not found:
        return
    yield "### What people say of the judge\n"
    yield (
        "Turns were drawn with known chances and labelled by people. The forecast above is made of "
        "the judge's own verdicts.\n"
    )
    head = ("Behavior", "Lane", "Judge", "Corrected", "95 % limits", "Labels")
    yield from table((*head, "Judge right of present", "of absent"), map(_correction, found))
    yield ""


def _correction(each: Corrected) -> tuple[str, ...]:
    few = each.labelled
    corrected = f"not enough evidence: {prose(each.why)}"
    limits = UNKNOWN
    if each.rate is not None:
        corrected = per_100k(each.rate, few)
        limits = between(each.lower, each.upper, few)
        if each.upper is None:
            limits = f"from {per_100k(each.lower, few)}; misses are unknown"
    return (
        code(each.behavior),
        each.lane,
        per_100k(each.judged_rate, few),
        corrected,
        limits,
        of(each.labelled, each.drawn),
        percent(each.sensitivity),
        percent(each.specificity),
    )
