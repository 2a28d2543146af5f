"""Foretaste: forecast a model's behavior before release by replaying real conversations.

`run` goes from a plan to a sealed forecast; `scan`, `gate`, `card` and `validate` do what the
commands of those names do, `preview` what `plan` does, `redraw` what `report` does; `diff` sets
old answers beside new ones, without a plan. `replay` (`areplay` in an event loop) lets a model
write one turn of a framework's history again. The stages, records in and records out, are here
too: `ingest`, `scrub`, `curate`, `sample`, `grade`, `tabulate`, `estimate`, `compare`, `forecast`;
the one that replays is `foretaste.stages.replay.replay`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foretaste.after.bridging import bridge
    from foretaste.after.carding import card
    from foretaste.after.exporting import export
    from foretaste.after.publication import seal
    from foretaste.after.release import gate, open_study, redraw
    from foretaste.after.validation import validate
    from foretaste.ledger import open_ledger
    from foretaste.outlook import preview, scan
    from foretaste.personal.diff import diff
    from foretaste.pipeline import run
    from foretaste.plan import Plan
    from foretaste.planfile import load_plan
    from foretaste.rehearsal import areplay, replay
    from foretaste.stages.curate import curate
    from foretaste.stages.estimate import compare, estimate, tabulate
    from foretaste.stages.forecast import forecast
    from foretaste.stages.grade import grade
    from foretaste.stages.ingest import ingest
    from foretaste.stages.replay import Limits
    from foretaste.stages.sample import sample
    from foretaste.stages.scrub import scrub

__all__ = [
    "Limits",
    "Plan",
    "areplay",
    "bridge",
    "card",
    "compare",
    "curate",
    "diff",
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
    "diff": "foretaste.personal.diff",
    "run": "foretaste.pipeline",
    "Plan": "foretaste.plan",
    "load_plan": "foretaste.planfile",
    **dict.fromkeys(("gate", "open_study", "redraw"), "foretaste.after.release"),
    "bridge": "foretaste.after.bridging",
    "card": "foretaste.after.carding",
    "export": "foretaste.after.exporting",
    "open_ledger": "foretaste.ledger",
    **dict.fromkeys(("areplay", "replay"), "foretaste.rehearsal"),
    "Limits": "foretaste.stages.replay",
    "seal": "foretaste.after.publication",
    "validate": "foretaste.after.validation",
    **dict.fromkeys(("compare", "estimate", "tabulate"), "foretaste.stages.estimate"),
    **{
        stage: f"foretaste.stages.{stage}"
        for stage in ("curate", "forecast", "grade", "ingest", "sample", "scrub")
    },
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: the command line starts without SciPy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'foretaste' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
