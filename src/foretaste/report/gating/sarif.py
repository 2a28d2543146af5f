"""A decision as SARIF 2.1.0: a rule for each behavior, a result for each limit that is not kept."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from foretaste.findings import LimitRuling, Ruling, Study
from foretaste.provenance import foretaste_version
from foretaste.records import Behavior, identity
from foretaste.report.gating.limits import LimitRow, limit_rows
from foretaste.report.visible import one_line, visible

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Ruling.HOLD: "error", Ruling.NOT_ENOUGH_EVIDENCE: "warning"}
"""What a ruling is in SARIF's words; a release has no result."""


def sarif(study: Study, places: Mapping[str, str], plan: str) -> str:
    """The decision as a SARIF file.

    Args:
        study: of a finished run.
        places: behavior -> file that defines it, relative to the repository's root.
        plan: file of the plan, where a behavior has none of its own.
    """
    rulings = study.decision.rulings if study.decision is not None else ()
    limited = list(dict.fromkeys(each.limit.behavior for each in rulings))
    known = {each.name: each for each in study.behaviors}
    driver = {
        "name": "foretaste",
        "version": foretaste_version(),
        "rules": [_rule(name, known.get(name)) for name in limited],
    }
    results = [
        _result(each, row, limited.index(each.limit.behavior), places, plan)
        for each, row in zip(rulings, limit_rows(study), strict=True)
        if each.ruling in LEVELS
    ]
    found = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "foretaste/gate/"},
        "columnKind": "unicodeCodePoints",
        "properties": {
            "ruling": str(study.decision.ruling) if study.decision is not None else "no limits set",
            "run": study.run,
            "seal": study.sealed.seal,
        },
        "results": results,
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [found]}
    return msgspec.json.format(msgspec.json.encode(whole)).decode() + "\n"


def _rule(name: str, behavior: Behavior | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": one_line(name), "name": one_line(name)}
    if behavior is not None:
        rule["shortDescription"] = {"text": one_line(behavior.description) or one_line(name)}
        rule["help"] = {"text": visible(behavior.rubric) or one_line(name)}
    return rule


def _result(
    ruling: LimitRuling, row: LimitRow, rule: int, places: Mapping[str, str], plan: str
) -> dict[str, Any]:
    limit = ruling.limit
    told = (
        f"{row.ruling}: {row.behavior} is to be {row.limit}. Found: {row.reading}; "
        f"candidate: {row.counts}; ungraded or missing: {row.ungraded}. {row.reason}"
    )
    kind = "increase" if limit.per_100k is None else "rate"
    uri = quote(places.get(limit.behavior, plan))
    return {
        "ruleId": row.behavior,
        "ruleIndex": rule,
        "level": LEVELS[ruling.ruling],
        "message": {"text": told},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
        ],
        "partialFingerprints": {"foretasteLimit/v1": identity("limit", limit.behavior, kind)},
    }
