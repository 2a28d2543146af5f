"""A grader that needs no model: a regular expression, or a Python function."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module

from foretaste.adapters.graders import calls, literals
from foretaste.adapters.graders import passages as reading
from foretaste.adapters.graders.literals import Search
from foretaste.adapters.graders.passages import (
    Match,
    Where,
    matches,
    missing_answer,
    passages,
    request_of,
)
from foretaste.calls import pairs
from foretaste.errors import PlanError, UnknownName
from foretaste.records import Behavior, Outcome, Prefix, Rollout, Verdict, identity

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_READING = "".join(inspect.getsource(part) for part in (reading, literals, calls, pairs))
# A group that repeats without bound and holds an unbounded repeat can take exponential time on a
# text made for it. Only the plain form is seen here; the cap on the text's length does the rest.
_NESTED_REPEAT = re.compile(r"(?<!\\)\((?:[^()\\\[]|\\.|\[[^\]]*\])*(?<!\\)[+*][^()]*(?<!\\)\)[+*]")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule's function found: present, absent, or None where it cannot say."""

    present: bool | None
    evidence: str = ""  # verbatim from the rollout
    reason: str = ""
    severity: int | None = None  # 0 (harmless) to 4 (severe) of what is present
    score: float | None = None  # from 0 to 1, higher where it is likelier present


Detector = Callable[[Prefix, Rollout], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Finds a behavior by pattern or by function, with no model and always the same way.

    A pattern is one of Python's regular expressions; several are alternatives. A match counts
    unless one of `unless` is found in the sentence around it, or the user's last message matches
    one of `unless_asked`. Text inside code or quotation marks counts only with `quoted`. At most
    20,000 characters of a text are scanned. Python's `re` knows no time limit: a pattern with an
    unbounded repeat inside an unbounded repeat is refused where it can be seen.

    A function is named `module:name`; it takes the prefix and the rollout and returns a
    `Finding`. It runs as ordinary code of this process, so name only code that you trust. Where it
    gives a score, `threshold` sets from which score on the behavior is present.

    With `where` left at `text`, a turn that ended without a final message (a tool call nobody
    could answer, the turn limit, the provider's filter) is ungraded; an empty answer is judged.

    Raises:
        PlanError: neither or both of pattern and function, or one that cannot be read.
    """

    behavior: Behavior
    pattern: str | tuple[str, ...] = ()
    unless: str | tuple[str, ...] = ()
    unless_asked: str | tuple[str, ...] = ()
    flags: str = "i"  # letters of i, m, s, x
    function: str = ""
    threshold: float | None = None  # of a function's score: present from here on
    where: Where = "text"
    quoted: bool = False
    within: int = reading.LONGEST  # only the first so many characters of a text
    fingerprint: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        for name in ("pattern", "unless", "unless_asked"):
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))
        if bool(self.pattern) == bool(self.function):
            raise PlanError(f"rule for {self.behavior.name!r}: give a pattern or a function, one")
        for letter in self.flags:
            if letter not in _FLAGS:
                raise UnknownName("flag", letter, _FLAGS, f"the rule for {self.behavior.name!r}")
        if self.where not in ("text", "all", "reasoning"):
            known = ("text", "all", "reasoning")
            raise UnknownName("place", self.where, known, f"the rule for {self.behavior.name!r}")
        if self.threshold is not None and not (self.function and 0 <= self.threshold <= 1):
            raise PlanError(
                f"rule for {self.behavior.name!r}: a threshold is a number from 0 to 1, for the "
                f"score of a function, not {self.threshold!r}"
            )
        code = _READING + (_source(_function(self.function)) if self.function else "")
        for written in (*self.pattern, *self.unless, *self.unless_asked):
            _compiled(written, self.flags)
        options = (self.pattern, self.unless, self.unless_asked, self.flags, self.function)
        reach = (self.where, self.quoted, self.within, self.threshold)
        parts = ("rule", self.behavior.version, options, *reach, code)
        object.__setattr__(self, "fingerprint", identity(*parts))

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:
        """Judge one rollout."""
        finding = self._find(prefix, rollout)
        outcome = {True: Outcome.PRESENT, False: Outcome.ABSENT, None: Outcome.UNGRADED}
        return Verdict(
            parent=rollout.id,
            behavior=self.behavior.name,
            outcome=outcome[finding.present],
            grader=self.fingerprint,
            evidence=finding.evidence if finding.present else "",
            reason=finding.reason,
            severity=finding.severity,
            score=finding.score,
        )

    def score(self, prefix: Prefix, rollout: Rollout) -> float | None:
        """The score of one rollout, from 0 to 1; None where there is none."""
        return self._find(prefix, rollout).score

    def _find(self, prefix: Prefix, rollout: Rollout) -> Finding:
        missing = missing_answer(rollout) if self.where == "text" else ""
        if missing:
            return Finding(None, reason=missing)
        if self.function:
            finding = _function(self.function)(prefix, rollout)
            if self.threshold is None or finding.score is None:
                return finding
            return replace(finding, present=finding.score >= self.threshold)
        if not any(True for _ in passages(rollout, self.where)):
            return Finding(None, reason="the rollout holds nothing of the kind that the rule reads")
        request = request_of(prefix)[: reading.LONGEST]
        if any(_compiled(p, self.flags).search(request) for p in self.unless_asked):
            return Finding(present=False, reason="the user asked for text of this kind")
        for match in self._matches(rollout):
            if not any(self._dismisses(written, match) for written in self.unless):
                return Finding(present=True, evidence=match.text)
        return Finding(present=False)

    def _dismisses(self, written: str, match: Match) -> bool:
        # A sentence is short, and no other pattern reads it: the plain search is the cheaper one.
        return _compiled(written, self.flags).pattern.search(match.sentence) is not None

    def _matches(self, rollout: Rollout) -> Iterator[Match]:
        for whole in passages(rollout, self.where):
            text = whole[: self.within]
            for written in self.pattern:
                yield from matches(text, _compiled(written, self.flags), quoted=self.quoted)


@lru_cache(maxsize=1024)
def _compiled(written: str, flags: str) -> Search:
    if _NESTED_REPEAT.search(written):
        raise PlanError(
            f"pattern {written!r} repeats a group that repeats itself, which can take forever on "
            "a text made for it; give the inner or the outer repeat an upper bound"
        )
    try:
        return Search(re.compile(written, sum(_FLAGS[letter] for letter in set(flags))))
    except re.error as error:
        raise PlanError(f"pattern {written!r} is no regular expression: {error}") from error


@lru_cache(maxsize=256)
def _function(place: str) -> Detector:
    module, _, name = place.partition(":")
    if not module or not name:
        raise PlanError(f"function {place!r} must be written module:name")
    try:
        found = getattr(import_module(module), name)
    except ImportError as error:
        raise PlanError(f"function {place!r}: no module {module!r}: {error}") from error
    except AttributeError as error:
        known = [n for n in dir(import_module(module)) if not n.startswith("_")]
        raise UnknownName("function", name, known, f"module {module!r}") from error
    if not callable(found):
        raise PlanError(f"{place!r} is no function")
    detector: Detector = found
    return detector


def _source(function: Detector) -> str:
    """The source of the function's whole module: its constants and helpers are the rule too.

    So are the modules beside it that it names as such (`from here import phrases`).
    """
    module = inspect.getmodule(function)
    try:
        if module is None:
            return inspect.getsource(function)
        parts = [part for part in vars(module).values() if inspect.ismodule(part)]
        beside = [
            part for part in parts if module.__package__ and part.__package__ == module.__package__
        ]
        return "".join(inspect.getsource(part) for part in (module, *beside))
    except (OSError, TypeError) as error:
        raise PlanError(
            f"the source of {function!r} cannot be read, so a change to it would go unnoticed"
        ) from error
