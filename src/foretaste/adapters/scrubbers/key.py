"""The key behind stand-ins and pseudonyms: one for each user of this machine, never in a run."""

import os
import secrets
from pathlib import Path

import platformdirs

VARIABLE = "FORETASTE_SCRUB_KEY"


def scrub_key() -> str:
    """The key from the environment, or from this user's data folder, made at first use.

    With the same key, the same original gets the same stand-in; without it, a stand-in cannot be
    traced back by trying originals. That is why a run's folder never holds it.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return given
    path = Path(platformdirs.user_data_dir("foretaste")) / "scrub.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another process was first
            return path.read_text("ascii").strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text("ascii").strip()
