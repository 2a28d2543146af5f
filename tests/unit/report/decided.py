"""A study with a limit of every kind and outcome, and names that try to break out of a file."""

from dataclasses import replace

from foretaste.findings import Decision, Limit, LimitRuling, Reading, Ruling, Study
from unit.report.studies import decision, study

HOSTILE = "a]]>|<b>&\x00\ufffe\u202e"


def decided() -> Study:
    kept = LimitRuling(
        limit=Limit(behavior="flattery", increase=1.5),
        ruling=Ruling.RELEASE,
        value=0.6,
        reason="0.27, at most 0.6, within 1.5",
        graded=Reading(0.27, 0.1, 0.6),
    )
    endless = LimitRuling(
        limit=Limit(behavior="language-switch", increase=2.0, decide_on="rate"),
        ruling=Ruling.NOT_ENOUGH_EVIDENCE,
        value=None,
        reason=f"3, but it may be up to any number {HOSTILE}",
        graded=Reading(3.0, 0.1, None),
    )
    rulings = (*decision().rulings, kept, endless)
    return replace(study(), decision=Decision(ruling=Ruling.HOLD, rulings=rulings))
