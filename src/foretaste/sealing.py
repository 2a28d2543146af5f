"""Close a forecast with a hash, and tell whether it still is what was closed."""

from collections.abc import Sequence
from dataclasses import replace

from foretaste.findings import Change, Decision, Estimate, Study, TrafficShift
from foretaste.forecasts import Sealed
from foretaste.records import identity


def seal(unsealed: Sealed) -> Sealed:
    """Close a forecast: the seal covers the forecasts and the hashes of all behind them."""
    return replace(unsealed, seal=_hash(unsealed))


def is_intact(sealed: Sealed) -> bool:
    """Whether a sealed forecast still is what was sealed."""
    return sealed.seal == _hash(sealed)


def results_hash(
    estimates: Sequence[Estimate],
    fidelity: Sequence[Change],
    changes: Sequence[Change],
    decision: Decision | None,
    traffic: TrafficShift | None = None,
) -> str:
    """Hash over what a forecast stands beside, so that the seal covers it too."""
    return identity("results", estimates, fidelity, changes, decision, traffic)


def is_whole(study: Study) -> bool:
    """Whether a study's forecast and its other results still are what was sealed."""
    found = results_hash(
        study.estimates, study.fidelity, study.changes, study.decision, study.traffic
    )
    return is_intact(study.sealed) and study.sealed.results == found


def _hash(sealed: Sealed) -> str:
    return identity("seal", replace(sealed, seal=""))
