"""Close a forecast with a hash, and tell whether it still is what was closed."""

from collections.abc import Sequence
from dataclasses import replace

from foretaste.findings import Change, Decision, Estimate, Study
from foretaste.forecasts import Sealed
from foretaste.provenance import Environment
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
) -> str:
    """Hash over what a forecast stands beside, so that the seal covers it too."""
    return identity("results", estimates, fidelity, changes, decision)


def environment_hash(found: Environment | None) -> str:
    """Hash over what a forecast was made in; empty where that is not known."""
    return identity("environment", found) if found is not None else ""


def is_whole(study: Study) -> bool:
    """Whether a study's forecast and its other results still are what was sealed."""
    sealed = study.sealed
    results = results_hash(study.estimates, study.fidelity, study.changes, study.decision)
    return (
        is_intact(sealed)
        and sealed.results == results
        and sealed.environment == environment_hash(study.environment)
    )


def _hash(sealed: Sealed) -> str:
    return identity("seal", replace(sealed, seal=""))
