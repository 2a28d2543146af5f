"""Claude Code's tools."""

from collections.abc import Mapping

from foretaste.adapters.simulators.workspace.desk import Desk, Given, Tool
from foretaste.adapters.simulators.workspace.edits import around, lines_of, numbered, replaced
from foretaste.adapters.simulators.workspace.files import Place, Refused, StaysOpen
from foretaste.adapters.simulators.workspace.finding import Search, found_names, matching
from foretaste.adapters.simulators.workspace.shells import filled

_ARROW = "\u2192"
_LINES = 2000
_LONGEST = 2000  # characters of a line
_NAMES = 100
_EMPTY = "<system-reminder>Warning: the file exists but the contents are empty.</system-reminder>"
_NO_FILE = "File does not exist."
_UNREAD = "File has not been read yet. Read it first before writing to it."
_CONTENT = {"-n", "-i", "-A", "-B", "-C", "multiline"}
_GREP = {"pattern", "path", "glob", "type", "output_mode", "head_limit", *_CONTENT}


def _error(text: str) -> Refused:
    return Refused(f"<tool_use_error>{text}</tool_use_error>")


def _existing(desk: Desk, given: Given) -> tuple[Place, str]:
    place = desk.place(given.text("file_path"))
    try:
        return place, desk.files.read(place)
    except (FileNotFoundError, NotADirectoryError):
        raise _error(_NO_FILE) from None
    except OSError:
        raise Refused(f"EISDIR: illegal operation on a directory, read '{place.path}'") from None


def _read(desk: Desk, given: Given) -> str:
    given.only("file_path", "offset", "limit")
    place, text = _existing(desk, given)
    desk.read.add(place.path)
    first = max(1, given.number("offset", 1))
    lines = text.split("\n")
    if not text:
        return _EMPTY
    if first > len(lines):
        return (
            "<system-reminder>Warning: the file exists but is shorter than the provided offset "
            f"({first}). The file has {len(lines)} lines.</system-reminder>"
        )
    limit = max(1, given.number("limit", _LINES))
    return numbered(lines[first - 1 :][:limit], first, _ARROW, _LONGEST)


def _write(desk: Desk, given: Given) -> str:
    given.only("file_path", "content")
    place, content = desk.place(given.text("file_path")), given.text("content")
    known = place.real.exists()
    if known and place.path not in desk.read:
        raise _error(_UNREAD)
    _store(desk, place, content)
    if not known:
        return f"File created successfully at: {place.path}"
    return _updated(place.path, content, 0, len(lines_of(content)))


def _edit(desk: Desk, given: Given) -> str:
    given.only("file_path", "old_string", "new_string", "replace_all")
    old, new = given.text("old_string"), given.text("new_string")
    if not old:  # creates a file
        place = desk.place(given.text("file_path"))
        if place.real.exists() and place.real.stat().st_size:
            raise _error("Cannot create new file - file already exists.")
        _store(desk, place, new)
        return _updated(place.path, new, 0, len(lines_of(new)))
    place, text = _existing(desk, given)
    if place.path not in desk.read:
        raise _error(_UNREAD)
    after = _replaced(text, old, new, everywhere=given.flag("replace_all"))
    _store(desk, place, after)
    return _updated(place.path, after, text[: text.index(old)].count("\n"), new.count("\n"))


def _multi_edit(desk: Desk, given: Given) -> str:
    given.only("file_path", "edits")
    edits = given.value("edits")
    if not isinstance(edits, list) or not all(isinstance(each, dict) for each in edits):
        raise Refused("The required parameter `edits` is missing or no list")
    place, text = _existing(desk, given)
    if place.path not in desk.read:
        raise _error(_UNREAD)
    told = [f"Applied {len(edits)} edit{'s' * (len(edits) != 1)} to {place.path}:"]
    for number, each in enumerate(edits, 1):
        old, new = each.get("old_string"), each.get("new_string")
        if not isinstance(old, str) or not isinstance(new, str):
            raise Refused("An edit needs `old_string` and `new_string`")
        text = _replaced(text, old, new, everywhere=each.get("replace_all") is True)
        told.append(f'{number}. Replaced "{old[:50]}" with "{new[:50]}"')
    _store(desk, place, text)
    return "\n".join(told)


def _replaced(text: str, old: str, new: str, *, everywhere: bool) -> str:
    if old == new:
        raise _error("No changes to make: old_string and new_string are exactly the same.")
    try:
        return replaced(text, old, new, everywhere=everywhere)
    except Refused as refused:
        if str(refused) == "0":
            raise _error(f"String to replace not found in file.\nString: {old}") from None
        raise _error(
            f"Found {refused} matches of the string to replace, but replace_all is false. To "
            "replace all occurrences, set replace_all to true. To replace only one occurrence, "
            f"please provide more context to uniquely identify the instance.\nString: {old}"
        ) from None


def _store(desk: Desk, place: Place, text: str) -> None:
    try:
        desk.files.write(place, text)
    except OSError as error:
        raise Refused(f"{error.strerror}: {place.path}") from None
    desk.read.add(place.path)


def _updated(path: str, text: str, at: int, size: int) -> str:
    lines, first = around(text, at, size)
    return (
        f"The file {path} has been updated. Here's the result of running `cat -n` on a snippet of "
        f"the edited file:\n{numbered(lines, first, _ARROW)}"
    )


def _glob(desk: Desk, given: Given) -> str:
    given.only("pattern", "path")
    start = desk.place(given.text("path", desk.cwd))
    found = [p for p in found_names(desk.files, start, given.text("pattern")) if p.real.is_file()]
    found.sort(key=lambda each: (-each.real.stat().st_mtime, each.path))
    if not found:
        return "No files found"
    more = "\n(Results are truncated. Consider using a more specific path or pattern.)"
    return "\n".join(each.path for each in found[:_NAMES]) + more * (len(found) > _NAMES)


def _grep(desk: Desk, given: Given) -> str:
    given.only(*_GREP)
    mode = given.text("output_mode", "files_with_matches")
    numbers = {each: given.number(each, 0) for each in ("-A", "-B", "-C")}
    if given.flag("multiline") or mode not in ("files_with_matches", "content", "count"):
        raise StaysOpen("a search over several lines, or with another output")
    flags = ["-n"] if mode == "content" and given.value("-n") is not False else []
    flags += ["-i"] if given.flag("-i") else []
    flags += [f"{name}{count}" for name, count in numbers.items() if count and mode == "content"]
    flags += {"files_with_matches": ["-l"], "count": ["-c"], "content": []}[mode]
    start = desk.place(given.text("path", desk.cwd))
    if not start.real.exists():
        raise _error(f"Path does not exist: {start.path}")
    search = Search(given.text("pattern"), given.text("glob", ""), given.text("type", ""), flags)
    lines = matching(desk.files, start, search, desk.seconds)
    if mode == "count":
        lines = [each for each in lines if not each.endswith(":0")]
    limit = given.number("head_limit", 0) or len(lines)
    shown = lines[:limit]
    if not shown:
        return "No matches found" if mode == "content" else "No files found"
    if mode == "files_with_matches":
        return f"Found {len(shown)} file{'s' * (len(shown) != 1)}\n" + "\n".join(shown)
    return "\n".join(shown)


def _ls(desk: Desk, given: Given) -> str:
    given.only("path")
    start = desk.place(given.text("path"))
    if not start.real.is_dir():
        raise _error(f"Path does not exist: {start.path}")
    told = [f"- {start.path.rstrip('/')}/"]
    for each in desk.files.walk(start, hidden=False):
        depth = each.path.count("/") - start.path.rstrip("/").count("/")
        folder = each.real.is_dir() and not each.real.is_symlink()
        told.append(f"{'  ' * depth}- {each.real.name}{'/' * folder}")
    return "\n".join(told)


def _bash(desk: Desk, given: Given) -> str:
    given.only("command", "timeout", "description")
    wanted = given.number("timeout", 120_000) / 1000
    ran = desk.run(given.text("command"), seconds=max(1.0, wanted))
    desk.follow(ran)
    output = ran.output.rstrip("\n")
    if desk.output is not None:
        return filled(desk.output, ran)
    if ran.code is None:
        return f"Command timed out after {wanted:g}s\n{output}".rstrip("\n")
    return f"Exit code {ran.code}\n{output}".rstrip("\n") if ran.code else output


def _open(desk: Desk, given: Given) -> str:  # noqa: ARG001
    raise StaysOpen("a tool that is not simulated")


TOOLS: Mapping[str, Tool] = {
    "Read": _read,
    "Write": _write,
    "Edit": _edit,
    "MultiEdit": _multi_edit,
    "Glob": _glob,
    "Grep": _grep,
    "LS": _ls,
    "Bash": _bash,
    "NotebookEdit": _open,  # they may write, so what comes after them is not known
    "Task": _open,
    "Agent": _open,
    "BashOutput": _open,
    "KillShell": _open,
}
