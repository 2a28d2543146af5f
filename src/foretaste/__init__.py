"""Foretaste: forecast a model's behavior before release by replaying real conversations.

`run` goes from a plan to a sealed forecast; `scan`, `gate` and `validate` do what the commands of
those names do, `preview` what `plan` does, `redraw` what `report` does. The stages, records in and
records out, are here too: `ingest`, `scrub`, `curate`, `sample`, `replay`, `grade`, `tabulate`,
`estimate`, `compare`, `forecast`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foretaste.after.bridging import bridge
    from foretaste.after.exporting import export
    from foretaste.after.publication import seal
    from foretaste.after.release import gate, open_study, redraw
    from foretaste.after.validation import validate
    from foretaste.ledger import open_ledger
    from foretaste.outlook import preview, scan
    from foretaste.pipeline import run
    from foretaste.plan import Plan
    from foretaste.planfile import load_plan
    from foretaste.stages.curate import curate
    from foretaste.stages.estimate import compare, estimate, tabulate
    from foretaste.stages.forecast import forecast
    from foretaste.stages.grade import grade
    from foretaste.stages.ingest import ingest
    from foretaste.stages.replay import replay
    from foretaste.stages.sample import sample
    from foretaste.stages.scrub import scrub

__all__ = [
    "Plan",
    "bridge",
    "compare",
    "curate",
    "estimate",
    "export",
    "forecast",
    "gate",
    "grade",
    "ingest",
    "load_plan",
    "open_ledger",
    "open_study",
    "preview",
    "redraw",
    "replay",
    "run",
    "sample",
    "scan",
    "scrub",
    "seal",
    "tabulate",
    "validate",
]

_HOMES = {
    **dict.fromkeys(("preview", "scan"), "foretaste.outlook"),
    "run": "foretaste.pipeline",
    "Plan": "foretaste.plan",
    "load_plan": "foretaste.planfile",
    **dict.fromkeys(("gate", "open_study", "redraw"), "foretaste.after.release"),
    "bridge": "foretaste.after.bridging",
    "export": "foretaste.after.exporting",
    "open_ledger": "foretaste.ledger",
    "seal": "foretaste.after.publication",
    "validate": "foretaste.after.validation",
    **dict.fromkeys(("compare", "estimate", "tabulate"), "foretaste.stages.estimate"),
    **{
        stage: f"foretaste.stages.{stage}"
        for stage in ("curate", "forecast", "grade", "ingest", "replay", "sample", "scrub")
    },
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: the command line starts without SciPy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'foretaste' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
