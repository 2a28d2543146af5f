"""Where the shared data are, if they are here."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def data(name: str) -> Path | None:
    """A folder of the shared data, inside the repository or beside it."""
    places = [place / "shared" / "data" / name for place in (REPOSITORY, REPOSITORY.parent)]
    return next((place for place in places if place.is_dir()), None)
