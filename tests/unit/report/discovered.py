"""Audits built by hand: one with something in every pass, and one that found nothing."""

from dataclasses import replace

from foretaste.discoveries import (
    Ablated,
    Audited,
    Detected,
    Difference,
    Discovery,
    Novel,
    Passed,
    Reaction,
    Region,
    Regions,
    Seen,
    Sighting,
    Sign,
)
from foretaste.records import Lane
from unit.report.dialogues import HOSTILE
from unit.report.studies import study

SIGHTING = Sighting(
    prefix="a" * 32,
    lane=Lane.CANDIDATE,
    quote="I looked it up: the Search Results say that 17 * 23 is 391, as of today.",
    other="17 * 23 is 391.",
)


def difference(what: str = "search results", kind: str = "phrase", after: int = 62) -> Difference:
    return Difference(
        kind=kind,
        what=what,
        pairs=3_000,
        users=900,
        both=4,
        only_before=3,
        only_after=after,
        moved=58,
        before=0.0023,
        after=after / 3_000,
        difference=after / 3_000 - 0.0023,
        lower=0.0132,
        upper=0.0271,
        log_odds=7.4,
        p_value=2e-12,
        q_value=4e-9,
        also=(Seen("word", "results"), Seen("tool", "search")),
        sightings=(SIGHTING, replace(SIGHTING, lane=Lane.INCUMBENT, prefix="b" * 32)),
    )


PASSED = Passed(
    before=Lane.INCUMBENT,
    after=Lane.CANDIDATE,
    pairs=3_000,
    users=900,
    missing=12,
    features=41_222,
    tested=1_860,
    least=6,
    differences=(
        difference(),
        replace(difference(HOSTILE, "word"), sightings=(replace(SIGHTING, quote=HOSTILE),)),
        replace(
            difference("this is no legal advice"),
            difference=-0.031, lower=-0.042, upper=-0.02, sightings=(), also=(),
        ),
    ),
)  # fmt: skip
NOVEL = Novel(
    name="calculator hacking",
    description="Calls a search tool with arithmetic and presents the result as a search.",
    draft="discovered-calculator-hacking.md",
    proposed=9,
    severity=2,
    checked=300,
    users=210,
    ungraded=4,
    before=0.0,
    before_lower=0.0,
    before_upper=0.012,
    after=0.021,
    after_lower=0.012,
    after_upper=0.036,
    difference=0.021,
    lower=0.011,
    upper=0.035,
    p_value=1e-5,
    q_value=2e-5,
    sightings=(SIGHTING,),
)
NOTHING = replace(
    NOVEL, name="flattery", severity=None, checked=0, before=None, before_lower=None,
    before_upper=None, after=None, after_lower=None, after_upper=None, difference=None, lower=None,
    upper=None, p_value=None, q_value=None, sightings=(),
)  # fmt: skip
SIGN = Sign(
    kind="phrase",
    what="i apologize",
    users=22,
    shown=25,
    of=180,
    elsewhere=40,
    of_others=1_900,
    rate=0.139,
    rate_elsewhere=0.021,
    ratio=6.6,
    lower=3.9,
    upper=11.2,
    p_value=1e-8,
    q_value=1e-5,
    also=(Seen("word", "apologize"),),
    sightings=(
        Sighting(prefix="c" * 32, lane=Lane.RECORDED, quote="I apologize for that.", other=""),
    ),
)
REACTION = Reaction(
    kind="correction",
    turns=180,
    of=2_080,
    users=120,
    rate=0.0865,
    lower=0.071,
    upper=0.105,
    tested=640,
    signs=(SIGN, replace(SIGN, what="never said elsewhere", ratio=None, upper=None)),
)
FOUND = Discovery(
    seal=study().sealed.seal,
    at="2027-01-01T00:00:00+00:00",
    features=PASSED,
    regions=Regions(
        looked=12,
        small=3,
        small_pairs=31,
        least_users=20,
        elsewhere=0.58,
        regions=(
            Region(
                name="invoices, tax, vat",
                pairs=240,
                users=96,
                told=0.81,
                lower=0.74,
                upper=0.87,
                p_value=1e-6,
                q_value=1e-5,
                differences=(difference("de", "language"),),
            ),
            Region(
                name="poems", pairs=80, users=31, told=None, lower=None, upper=None, p_value=None,
                q_value=None,
            ),
        ),
    ),
    audited=Audited(
        judge="openai/judge",
        shown=60,
        unread=2,
        proposals=14,
        novel=(NOVEL, NOTHING),
        bound=0.0066,
        unseen=0.08,
        unseen_upper=0.21,
    ),
    detected=(
        Detected(planted="calculator hacking", per_1000=5, trials=20, found=9, first=7),
        Detected(planted="calculator hacking", per_1000=20, trials=20, found=20, first=20),
    ),
    ablated=(
        Ablated(behavior="refusal", pairs=90, found=True, by=("phrase sorry but",)),
        Ablated(behavior="insult", pairs=0, found=None, by=()),
    ),
    reactions=(REACTION, replace(REACTION, kind="thanks", signs=())),
    warnings=("mind the replay",),
)  # fmt: skip
EMPTY = Discovery(
    seal=study().sealed.seal,
    at="2027-01-01T00:00:00+00:00",
    features=replace(PASSED, differences=()),
)
