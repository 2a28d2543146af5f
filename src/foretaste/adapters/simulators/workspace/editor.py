"""The editor of OpenHands, SWE-agent and Anthropic's API: one tool, its commands an argument."""

from collections.abc import Mapping

from foretaste.adapters.simulators.workspace.desk import Desk, Given, Tool
from foretaste.adapters.simulators.workspace.edits import around, numbered, replaced
from foretaste.adapters.simulators.workspace.files import Place, Refused, StaysOpen

_DEPTH = 2
_REVIEW = "Review the changes and make sure they are as expected. Edit the file again if necessary."
_REVIEW_INSERTED = (
    "Review the changes and make sure they are as expected (correct indentation, no duplicate "
    "lines, etc). Edit the file again if necessary."
)


def _editor(desk: Desk, given: Given) -> str:
    command, path = given.text("command"), given.text("path")
    if not path.startswith("/"):
        raise Refused(
            f"The path {path} is not an absolute path, it should start with `/`. Maybe you meant "
            f"{desk.cwd.rstrip('/')}/{path}?"
        )
    place = desk.place(path)
    if command == "create":
        return _create(desk, given, place)
    if not place.real.exists():
        raise Refused(f"The path {path} does not exist. Please provide a valid path.")
    if place.real.is_dir() and command != "view":
        raise Refused(
            f"The path {path} is a directory and only the `view` command can be used on directories"
        )
    match command:
        case "view":
            return _listed(desk, given, place) if place.real.is_dir() else _view(desk, given, place)
        case "str_replace":
            return _replace(desk, given, place)
        case "insert":
            return _insert(desk, given, place)
        case "undo_edit":
            return _undo(desk, place)
    raise Refused(
        f"Unrecognized command {command}. The allowed commands for the str_replace_editor tool "
        "are: view, create, str_replace, insert, undo_edit"
    )


def _create(desk: Desk, given: Given, place: Place) -> str:
    if place.real.exists():
        raise Refused(
            f"File already exists at: {place.path}. Cannot overwrite files using command `create`."
        )
    _store(desk, place, given.text("file_text"), None)
    return f"File created successfully at: {place.path}"


def _view(desk: Desk, given: Given, place: Place) -> str:
    lines = _text(desk, place).split("\n")
    wanted = given.value("view_range")
    first = 1
    if wanted is not None:
        first, last = _range(wanted, len(lines))
        lines = lines[first - 1 : last]
    return _shown(place.path, lines, first)


def _range(wanted: object, count: int) -> tuple[int, int]:
    if (
        not isinstance(wanted, list)
        or len(wanted) != 2
        or not all(isinstance(each, int) for each in wanted)
    ):
        raise Refused("Invalid `view_range`. It should be a list of two integers.")
    first, last = wanted
    if not 1 <= first <= count:
        raise Refused(
            f"Invalid `view_range`: {wanted}. Its first element `{first}` should be within the "
            f"range of lines of the file: [1, {count}]"
        )
    if last != -1 and last < first:
        raise Refused(
            f"Invalid `view_range`: {wanted}. Its second element `{last}` should be larger or "
            f"equal than its first `{first}`"
        )
    return first, count if last == -1 else last


def _listed(desk: Desk, given: Given, place: Place) -> str:
    if given.value("view_range") is not None:
        raise Refused(
            "The `view_range` parameter is not allowed when `path` points to a directory."
        )
    found = desk.files.walk(place, hidden=False, depth=_DEPTH)
    paths = sorted([place.path, *(each.path for each in found)])
    return (
        f"Here's the files and directories up to {_DEPTH} levels deep in {place.path}, excluding "
        "hidden items:\n" + "\n".join(paths) + "\n"
    )


def _replace(desk: Desk, given: Given, place: Place) -> str:
    text, old = _text(desk, place), given.text("old_str")
    new = given.text("new_str", "")
    try:
        after = replaced(text, old, new)
    except Refused as refused:
        if str(refused) == "0":
            raise Refused(
                f"No replacement was performed, old_str `{old}` did not appear verbatim in "
                f"{place.path}."
            ) from None
        lines = [number for number, line in enumerate(text.split("\n"), 1) if old in line]
        raise Refused(
            f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines "
            f"{lines}. Please ensure it is unique"
        ) from None
    _store(desk, place, after, text)
    shown, first = around(after, text[: text.index(old)].count("\n"), new.count("\n"))
    told = f"The file {place.path} has been edited. "
    return told + _shown(f"a snippet of {place.path}", shown, first) + _REVIEW


def _insert(desk: Desk, given: Given, place: Place) -> str:
    text = _text(desk, place)
    lines = text.split("\n")
    at, new = given.number("insert_line", -1), given.text("new_str").split("\n")
    if not 0 <= at <= len(lines):
        raise Refused(
            f"Invalid `insert_line` parameter: {at}. It should be within the range of lines of "
            f"the file: [0, {len(lines)}]"
        )
    after = "\n".join([*lines[:at], *new, *lines[at:]])
    _store(desk, place, after, text)
    shown, first = around(after, at, len(new) - 1)
    told = f"The file {place.path} has been edited. "
    return told + _shown("a snippet of the edited file", shown, first) + _REVIEW_INSERTED


def _undo(desk: Desk, place: Place) -> str:
    past = desk.earlier.get(place.path)
    if not past:
        raise Refused(f"No edit history found for {place.path}.")
    text = past.pop()
    if text is None:
        raise StaysOpen("an undo of a file's creation")
    desk.files.write(place, text)
    shown = _shown(place.path, text.split("\n"), 1)
    return f"Last edit to {place.path} undone successfully. {shown}"


def _shown(what: str, lines: list[str], first: int) -> str:
    told = f"Here's the result of running `cat -n` on {what}:\n"
    return told + numbered(lines, first, "\t") + "\n"


def _text(desk: Desk, place: Place) -> str:
    try:
        return desk.files.read(place)
    except OSError as error:
        raise Refused(f"Ran into {error.strerror} while trying to read {place.path}") from None


def _store(desk: Desk, place: Place, text: str, before: str | None) -> None:
    try:
        desk.files.write(place, text)
    except OSError as error:
        raise Refused(f"Ran into {error.strerror} while trying to write to {place.path}") from None
    desk.earlier.setdefault(place.path, []).append(before)


TOOLS: Mapping[str, Tool] = {
    "str_replace_editor": _editor,
    "str_replace_based_edit_tool": _editor,
}
