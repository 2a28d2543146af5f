"""Where the logs of the shared chat data are, if they are here."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CHAT = next(
    (
        folder
        for place in (REPOSITORY, REPOSITORY.parent)
        if (folder := place / "shared" / "data" / "chat").is_dir()
    ),
    None,
)
needed = pytest.mark.skipif(CHAT is None, reason="the shared chat data are not here")
