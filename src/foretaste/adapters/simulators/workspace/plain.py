"""Plain commands that only read, for where no sandbox holds: no shell, and nothing but the copy.

A command is read as words, pipes and `&&` after `cd`. Whatever else it holds (variables, globs,
redirections, any option or program that is not listed) leaves the call open.
"""

import posixpath
import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from foretaste.adapters.simulators.workspace.files import Files, StaysOpen
from foretaste.adapters.simulators.workspace.processes import run
from foretaste.adapters.simulators.workspace.repository import plain_settings
from foretaste.adapters.simulators.workspace.sandbox import Ran

_UNSAFE = re.compile(r"^~|[$`<>;&*?\[\]{}!#\\\n\r\0()]")
_REVISION = re.compile(r"(?!-)[\w./@^~:-]+")


class Grammar(NamedTuple):
    """What a program may be given."""

    flags: str  # regular expression of an option that stands alone
    valued: str = "(?!)"  # of one that takes the next word
    skip: int = 0  # words before the first path
    most: int = 1000  # paths


_NUMBER = r"\d{1,9}"
_PROGRAMS = {
    "cat": Grammar(r"-[nbAETsv]+"),
    "head": Grammar(rf"-[nc]?{_NUMBER}|-q|-v", "-[nc]"),
    "tail": Grammar(rf"-[nc]?\+?{_NUMBER}|-q|-v", "-[nc]"),
    "ls": Grammar(r"-[laAhRtrSF1dgGpi]+"),
    "wc": Grammar(r"-[lwcmL]+"),
    "sort": Grammar(r"-[nruf]+"),
    "uniq": Grammar(r"-[cdu]+", most=0),  # its second path is written to
    "grep": Grammar(
        r"-[nrilcvwxoEFHhsIPqL]+|-[ABCm]\d{1,4}|--include=\S+|--exclude=\S+|--exclude-dir=\S+"
        r"|--color=(never|auto)",
        "-[ABCm]",
        skip=1,
    ),
}
_SEDS = re.compile(rf"{_NUMBER}(,({_NUMBER}|\$))?p")
_FINDS = {
    **dict.fromkeys(("-name", "-iname", "-path", "-ipath", "-type", "-maxdepth", "-mindepth"), 1),
    **dict.fromkeys(("-size", "-not", "-o", "-a", "-print", "-empty"), 0),
    "-size": 1,
}
_GITS = {
    "log": rf"-{_NUMBER}|-n{_NUMBER}|--oneline|--stat|--name-only|--name-status|-p|--graph|--all|"
    r"--decorate|--reverse|--no-merges|--(author|grep|since|until)=.*|--(format|pretty)=(?!.*%G).*|--follow|--",
    "show": r"--stat|--name-only|--name-status|--oneline|-s|--(format|pretty)=(?!.*%G).*|--",
    "diff": r"--stat|--name-only|--name-status|--cached|--staged|-U\d+|--",
    "status": r"-s|--short|--porcelain|-b|--branch|-sb|-uno|--",
}


@dataclass(frozen=True, slots=True)
class Plain:
    """Answers what it can read without a shell; anything else stays open.

    Args:
        files: that commands see.
        root: the copy's path.
        objects: git's, of the copy's history: a folder that holds `pack`.
    """

    files: Files
    root: str
    objects: Path
    name: str = field(default="plain reading", init=False)

    def __call__(self, command: str, folder: str, seconds: float) -> Ran:
        """Run a command.

        Raises:
            StaysOpen: it is not plain, or could do more than read.
            Refused: a path of it leads out.
        """
        stages, folder = self._read(command, folder)
        output, code, spent = b"", 0, 0.0
        for stage in stages:
            if stage[0] in ("echo", "pwd"):
                words = stage[1:] if stage[0] == "echo" else [folder]
                output, code = (" ".join(words) + "\n").encode(), 0
                continue
            done = run(
                stage,
                env=self._env(),
                seconds=seconds - spent,
                folder=self.files.place(folder).real,
                given=output,
            )
            spent += done.seconds
            output = done.output
            if done.code is None:
                return Ran(self._shown(output), None, spent, folder)
            code = done.code
        return Ran(self._shown(output), code, spent, folder)

    def _env(self) -> dict[str, str]:
        """No folder of the copy can pass itself off as a repository with a configuration."""
        tree = str(self.files.folders[self.root])
        own = {"GIT_DIR": f"{tree}/.git", "GIT_WORK_TREE": tree}
        return plain_settings() | own | {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.objects)}

    def _shown(self, output: bytes) -> str:
        text = output.decode(errors="replace")
        for path, real in self.files.folders.items():
            text = text.replace(str(real), path)
        return text

    def _read(self, command: str, folder: str) -> tuple[list[list[str]], str]:
        while (moved := re.match(r"\s*cd\s+([\w./-]+)\s*(?:&&|;|$)", command)) is not None:
            place = self.files.place(moved[1], folder)
            if not place.real.is_dir():
                raise StaysOpen("`cd` to no folder")
            folder, command = place.path, command[moved.end() :]
        if not command.strip():
            return [["echo"]], folder
        stages = [
            self._stage(words, folder, first=k == 0) for k, words in enumerate(_words(command))
        ]
        return stages, folder

    def _stage(self, words: Sequence[str], folder: str, *, first: bool) -> list[str]:
        program, given = words[0], list(words[1:])
        if program == "echo" and not (given and given[0].startswith("-")):
            return ["echo", *given]
        if program == "pwd" and not given:
            return ["pwd"]
        if program == "find":
            return self._found(program, self._find(given, folder))
        if program == "git":
            return self._found(program, self._git(given, folder))
        if program == "sed":
            if len(given) < 2 or given[0] != "-n" or not _SEDS.fullmatch(given[1]):
                raise StaysOpen("`sed` that may do more than print lines")
            paths = [self._path(each, folder) for each in given[2:]]
            return self._found(program, ["-n", given[1], "--", *self._some(paths, first=first)])
        grammar = _PROGRAMS.get(program)
        if grammar is None:
            raise StaysOpen(f"the program {program!r}")
        return self._found(program, self._plain(grammar, given, folder, first=first))

    def _plain(self, grammar: Grammar, given: list[str], folder: str, *, first: bool) -> list[str]:
        options, operands = [], []
        words = iter(given)
        for word in words:
            if re.fullmatch(grammar.valued, word):
                value = next(words, "")
                if not re.fullmatch(rf"\+?{_NUMBER}", value):
                    raise StaysOpen(f"the option {word!r}")
                options += [word, value]
            elif re.fullmatch(grammar.flags, word):
                options.append(word)
            elif word.startswith("-"):
                raise StaysOpen(f"the option {word!r}")
            else:
                operands.append(word)
        kept, paths = operands[: grammar.skip], operands[grammar.skip :]
        if len(kept) < grammar.skip or len(paths) > grammar.most:
            raise StaysOpen("a command with too few or too many words")
        real = [self._path(each, folder) for each in paths]
        reads_folder = grammar is _PROGRAMS["ls"] or any("r" in o for o in options if o[:2] != "--")
        if not reads_folder:
            real = self._some(real, first=first)
        return [*options, "--", *kept, *real]

    def _some(self, paths: list[str], *, first: bool) -> list[str]:
        """Without a path a program reads what is piped to it; the first would wait for a person."""
        if first and not paths:
            raise StaysOpen("a command that reads its input")
        return paths

    def _find(self, given: list[str], folder: str) -> list[str]:
        count = next((k for k, word in enumerate(given) if word.startswith("-")), len(given))
        paths = [self._path(each, folder) for each in given[:count] or ["."]]
        words = iter(given[count:])
        tests = []
        for word in words:
            if word not in _FINDS:
                raise StaysOpen(f"find {word}")
            tests.append(word)
            tests += [next(words, "") for _ in range(_FINDS[word])]
        return ["-P", *paths, *tests]

    def _git(self, given: list[str], folder: str) -> list[str]:
        if not given or given[0] not in _GITS:
            raise StaysOpen("a git command that may do more than read")
        rest = []
        for word in given[1:]:
            if re.fullmatch(_GITS[given[0]], word):
                rest.append(word)
            elif not _REVISION.fullmatch(word) or ".." in word.split("/"):
                raise StaysOpen(f"git with {word!r}")
            else:
                path = self._path(word, folder)
                rest.append(path if word.startswith("/") else word)
        safe = [] if given[0] == "status" else ["--no-ext-diff", "--no-textconv"]
        top = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"]
        return [*top, given[0], *safe, *rest]

    def _path(self, word: str, folder: str) -> str:
        """The word as it can be given to a program here: it leads to the same place."""
        place = self.files.place(word, folder)
        direct = ".." not in word and posixpath.normpath(posixpath.join(folder, word)) == place.path
        # A link may name a path that means something else on this machine.
        return word if direct and not word.startswith("/") else str(place.real)

    @staticmethod
    def _found(program: str, words: list[str]) -> list[str]:
        if shutil.which(program, path=plain_settings()["PATH"]) is None:
            raise StaysOpen(f"{program} is not installed here")
        return [program, *words]


def _words(command: str) -> list[list[str]]:
    """The stages of a pipeline, as words; quotes are honored, nothing else is.

    Raises:
        StaysOpen: a shell would do more with it.
    """
    if re.search(r"[\n\r]", command.strip()):
        raise StaysOpen("a script")
    try:
        lexer = shlex.shlex(command, posix=False, punctuation_chars="|")
        lexer.whitespace_split = True
        lexer.commenters = ""
        raw = list(lexer)
        stages: list[list[str]] = [[]]
        for word in raw:
            if word == "|":
                stages.append([])
                continue
            bare = re.sub(r"'[^']*'|\"[^\"$`\\!]*\"", "", word)
            if _UNSAFE.search(bare) or "|" in bare or "'" in bare or '"' in bare:
                raise StaysOpen("a command that needs a shell")
            stages[-1] += shlex.split(word)
    except ValueError as error:
        raise StaysOpen(f"a command that is no shell's: {error}") from error
    if not all(stages):
        raise StaysOpen("a command that needs a shell")
    return stages
