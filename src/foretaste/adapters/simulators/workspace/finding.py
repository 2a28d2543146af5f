"""Find files by name and lines by pattern in a copy."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from foretaste.adapters.simulators.workspace.files import Files, Place, Refused, StaysOpen
from foretaste.adapters.simulators.workspace.processes import run
from foretaste.adapters.simulators.workspace.repository import plain_settings

_ALTERNATIVES = 64
_BATCH = 500  # files of one `grep`
_KINDS = {
    "py": "*.{py,pyi}",
    "js": "*.{js,jsx,mjs,cjs}",
    "ts": "*.{ts,tsx,mts,cts}",
    "go": "*.go",
    "rust": "*.rs",
    "java": "*.java",
    "c": "*.{c,h}",
    "cpp": "*.{cc,cpp,cxx,hh,hpp,hxx,h}",
    "rb": "*.rb",
    "ruby": "*.rb",
    "php": "*.php",
    "md": "*.{md,markdown}",
    "json": "*.json",
    "yaml": "*.{yaml,yml}",
    "html": "*.{html,htm}",
    "css": "*.css",
    "sh": "*.{sh,bash,zsh}",
}


class Search(NamedTuple):
    """What is looked for."""

    pattern: str
    glob: str  # of the files; empty: any
    kind: str  # of the files, by ripgrep's short names; empty: any
    flags: list[str]  # of `grep`


def found_names(files: Files, start: Place, pattern: str) -> Iterator[Place]:
    """Paths below a folder that fit a pattern of shells: `*`, `?`, `[a-z]`, `{a,b}` and `**`."""
    base = start.path.rstrip("/") + "/"
    if pattern.startswith("/"):
        pattern = pattern.removeprefix(base)
    wanted = [tuple(each.split("/")) for each in _alternatives(pattern)]
    for each in files.walk(start):
        parts = tuple(each.path.removeprefix(base).split("/"))
        if any(_fits(parts, one) for one in wanted):
            yield each


def matching(files: Files, start: Place, search: Search, seconds: float) -> list[str]:
    """Lines of `grep`, under the paths that the model knows; binary files are left out.

    Raises:
        Refused: the pattern is none.
        StaysOpen: a kind of file that is not known, or no answer in time.
    """
    lines: list[str] = []
    chosen = [each for each in _files(files, start, search) if each.real.is_file()]
    for first in range(0, len(chosen), _BATCH):
        batch = chosen[first : first + _BATCH]
        lines += _grep(batch, search, seconds)
    return lines


def _grep(batch: list[Place], search: Search, seconds: float) -> Iterator[str]:
    # A path is given as a number, so that its own signs cannot be taken for grep's.
    argv = ["grep", "-PIHZ", *search.flags, "-e", search.pattern, "--"]
    done = run([*argv, *(str(each.real) for each in batch)], env=plain_settings(), seconds=seconds)
    output = done.output.decode(errors="replace")
    if done.code is None:
        raise StaysOpen("a search that takes too long")
    if done.code not in (0, 1):
        raise Refused(f"regex parse error: {output.strip().removeprefix('grep: ')[:500]}")
    names = {str(each.real): each.path for each in batch}
    if "-l" in search.flags:
        return (names.get(each, each) for each in output.split("\0") if each)
    return (_line(each, names) for each in output.splitlines())


def _line(line: str, names: dict[str, str]) -> str:
    """A path ends with a zero byte; `:` or `-` in its place says whether the line fits."""
    name, cut, rest = line.partition("\0")
    if not cut:
        return line  # between groups
    number = re.match(r"\d+([:-])", rest)
    return f"{names.get(name, name)}{number[1] if number else ':'}{rest}"


def _files(files: Files, start: Place, search: Search) -> Iterable[Place]:
    if start.real.is_file():
        return [start]
    if search.kind and search.kind not in _KINDS:
        raise StaysOpen(f"files of the kind {search.kind!r}")
    found = [each for each in files.walk(start) if not each.real.is_symlink()]
    for glob in (search.glob, _KINDS.get(search.kind, "")):
        if glob:
            wanted = [_anywhere(each) for each in _alternatives(glob)]
            base = start.path.rstrip("/") + "/"
            found = [
                each
                for each in found
                if any(_fits(tuple(each.path.removeprefix(base).split("/")), one) for one in wanted)
            ]
    return found


def _anywhere(glob: str) -> tuple[str, ...]:
    parts = tuple(glob.strip("/").split("/"))
    return parts if "/" in glob else ("**", *parts)


def _alternatives(pattern: str) -> list[str]:
    """A pattern without braces for each choice in them."""
    done, left = [], [pattern]
    while left:
        each = left.pop()
        brace = re.search(r"\{([^{}]*)\}", each)
        if brace is None:
            done.append(each)
        else:
            left += [each[: brace.start()] + o + each[brace.end() :] for o in brace[1].split(",")]
        if len(left) + len(done) > _ALTERNATIVES:
            raise StaysOpen("a pattern with too many alternatives")
    return done


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    @cache
    def fits(at: int, of: int) -> bool:
        if of == len(pattern):
            return at == len(parts)
        if pattern[of] == "**":
            return fits(at, of + 1) or (at < len(parts) and fits(at + 1, of))
        return at < len(parts) and fnmatchcase(parts[at], pattern[of]) and fits(at + 1, of + 1)

    return fits(0, 0)
