"""Close a study with hashes, and tell whether it still is what was closed."""

from dataclasses import fields, replace

from foretaste.findings import Study
from foretaste.forecasts import Sealed
from foretaste.provenance import Environment
from foretaste.records import identity


def seal(unsealed: Sealed) -> Sealed:
    """Close a forecast: the seal covers the forecasts and the hashes of all behind them."""
    return replace(unsealed, seal=_hash(unsealed))


def is_intact(sealed: Sealed) -> bool:
    """Whether a sealed forecast still is what was sealed."""
    return sealed.seal == _hash(sealed)


def close(study: Study) -> Study:
    """Seal a study's forecast together with all that it stands beside."""
    return replace(study, sealed=seal(replace(study.sealed, results=_results(study))))


def environment_hash(found: Environment | None) -> str:
    """Hash over what a forecast was made in; empty where that is not known."""
    return identity("environment", found) if found is not None else ""


def is_whole(study: Study) -> bool:
    """Whether a study's forecast and all beside it still are what was sealed."""
    return is_intact(study.sealed) and study.sealed.results == _results(study)


def _results(study: Study) -> str:
    """Hash over all of a study but its seal."""
    # A study that was sealed before there was an account of its grading has none.
    later = {"grading"} if study.grading is None else set()
    names = [each.name for each in fields(study) if each.name not in {"sealed", *later}]
    return identity("results", {name: getattr(study, name) for name in names})


def _hash(sealed: Sealed) -> str:
    return identity("seal", replace(sealed, seal=""))
