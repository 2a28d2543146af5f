"""Close a forecast with a hash, and tell whether it still is what was closed."""

from dataclasses import replace

from foretaste.findings import Sealed
from foretaste.records import identity


def seal(unsealed: Sealed) -> Sealed:
    """Close a forecast: the seal covers the forecasts and the hashes of all behind them."""
    return replace(unsealed, seal=_hash(unsealed))


def is_intact(sealed: Sealed) -> bool:
    """Whether a sealed forecast still is what was sealed."""
    return sealed.seal == _hash(sealed)


def _hash(sealed: Sealed) -> str:
    return identity("seal", replace(sealed, seal=""))
