"""A decision as JUnit XML, which every CI shows: a test case for each limit.

Release is a pass and hold a failure. Not enough evidence is an error, as of a test that could not
be carried out: a skipped test would be shown, but pass.
"""

import re
from xml.etree import ElementTree as ET

from foretaste.findings import Ruling, Study
from foretaste.records import Lane
from foretaste.report.gating.limits import LimitRow, limit_rows
from foretaste.report.ledger import models
from foretaste.report.visible import visible

ELEMENTS = {Ruling.HOLD: "failure", Ruling.NOT_ENOUGH_EVIDENCE: "error"}
"""What a ruling is in JUnit's words; a release is none of them."""

_NO_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(study: Study) -> str:
    """The decision as a JUnit file (the schema of Jenkins' xUnit plugin, `junit-10.xsd`)."""
    rows = limit_rows(study)
    counts = {
        "tests": str(len(rows)),
        "failures": str(sum(row.ruling is Ruling.HOLD for row in rows)),
        "errors": str(sum(row.ruling is Ruling.NOT_ENOUGH_EVIDENCE for row in rows)),
    }
    suites = ET.Element("testsuites", {"name": "foretaste", **counts, "time": "0"})
    suite = ET.SubElement(
        suites,
        "testsuite",
        {
            "name": "foretaste gate",
            **counts,
            "skipped": "0",
            "time": "0",
            "timestamp": _plain(study.sealed.sealed_at),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("ruling", str(study.decision.ruling) if study.decision else "no limits set"),
        ("run", study.run),
        ("seal", study.sealed.seal),
        ("candidate", models(study, Lane.CANDIDATE)),
        ("incumbent", models(study, Lane.INCUMBENT)),
        ("prefixes", str(study.account.prefixes)),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": _plain(value)})
    for row in rows:
        _case(suite, row)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, row: LimitRow) -> None:
    name = _plain(f"{row.behavior}: {row.limit}")
    case = ET.SubElement(
        suite, "testcase", {"classname": "foretaste.gate", "name": name, "time": "0"}
    )
    if row.ruling in ELEMENTS:
        given = {"type": str(row.ruling), "message": _plain(row.reason)}
        ET.SubElement(case, ELEMENTS[row.ruling], given).text = _plain(_details(row))
    else:
        ET.SubElement(case, "system-out").text = _plain(_details(row))


def _details(row: LimitRow) -> str:
    incumbent = f"; incumbent: {row.before}" if row.before else ""
    return "\n".join(
        (
            f"{row.ruling}: {row.reason}",
            f"found: {row.reading} (95 % interval); limit: {row.limit}",
            f"candidate: {row.counts}{incumbent}",
            f"ungraded or missing: {row.ungraded}; detection floor: {row.floor} per 100k",
        )
    )


def _plain(text: str) -> str:
    """Text that may stand in XML 1.0; markup is escaped where it is written."""
    return _NO_XML.sub("\ufffd", visible(text))
