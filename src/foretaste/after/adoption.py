"""Take a proposed behavior into one's own: from the run's folder to one that a plan reads."""

from pathlib import Path
from typing import NamedTuple

from foretaste.adapters.behaviors import shipped
from foretaste.errors import PlanError
from foretaste.runs.drafting import FOLDER, file_of
from foretaste.runs.linting import Flaw, lint


class Adopted(NamedTuple):
    """A behavior that is now a file of the user's, or came with Foretaste anyway."""

    file: str  # empty: it comes with Foretaste
    flaws: list[Flaw]
    line: str  # for the plan's `behaviors`


def adopt(path: str, name: str, folder: str) -> Adopted:
    """Copy a draft of a run into a folder of behaviors, and check it.

    Raises:
        PlanError: the run has no such draft, or the folder has another file of its name.
    """
    source = Path(path, file_of(name))
    if not source.is_file():
        if name in shipped():
            return Adopted("", [], f"- {name}")
        drafts = Path(path, FOLDER)
        has = ", ".join(sorted(each.stem for each in drafts.glob("*.md"))) or "none"
        raise PlanError(f"{path} has no draft of {name!r}; it has {has}")
    target = Path(folder, source.name)
    try:
        text = source.read_bytes()
        if target.exists() and target.read_bytes() != text:
            raise PlanError(f"{target} exists and differs; mend that, or choose another --to")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    except OSError as error:
        raise PlanError(f"cannot copy {source} to {target}: {error}") from error
    line = f"- {{name: {name}, definition: {target.as_posix()}}}"
    return Adopted(str(target), lint([str(target)]), line)
