"""Foretaste in pytest: a test that a candidate model is no worse than what is deployed.

    @pytest.mark.foretaste(plan="foretaste.yaml")
    def test_no_regression(foretaste_study):
        foretaste_study.assert_no_regression()

A release passes and a hold fails. Not enough evidence fails too, or skips where the ini option
`foretaste_not_enough_evidence` says so; it never passes.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Every pytest run loads this module, so NumPy and the rest are imported when a study is asked for.
if TYPE_CHECKING:
    from foretaste.findings import Decision, Study

OPTION = "foretaste_not_enough_evidence"
CHOICES = ("fail", "skip")
MARKER = (
    "foretaste(plan=None, run=None): the study of `foretaste_study`: a plan to run (once a "
    "session; a finished run is taken as it is), or the folder of a finished run"
)

_Studies = dict[tuple[str, Path], "MeasuredStudy"]
_STUDIES = pytest.StashKey[_Studies]()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStudy:
    """A finished run, and what a test may ask of it."""

    path: str  # of the run's folder
    study: "Study"
    on_not_enough_evidence: str = "fail"  # or `skip`

    def assert_no_regression(
        self,
        behavior: str | None = None,
        *,
        limit: float | None = None,
        per_100k: float | None = None,
    ) -> None:
        """Fail on a hold; fail or skip where there is not enough evidence; pass on a release.

        Args:
            behavior: to look at; None: all that the plan limits, or, with a limit given here, all
                that were graded.
            limit: highest ratio of candidate to incumbent, in place of the plan's limits.
            per_100k: highest rate per 100,000 turns, in place of the plan's limits.
        """
        __tracebackhide__ = True
        from foretaste.findings import Ruling  # noqa: PLC0415

        decision = self._decision(behavior, limit, per_100k)
        if decision is None or not decision.rulings:
            whose = f" of {behavior!r}" if behavior is not None else ""
            pytest.fail(f"no limit{whose} to hold {self.path} against", pytrace=False)
        told = self._told(decision)
        if decision.ruling is Ruling.HOLD:
            pytest.fail(told, pytrace=False)
        if decision.ruling is not Ruling.RELEASE:
            if self.on_not_enough_evidence == "skip":
                pytest.skip(told)
            pytest.fail(told, pytrace=False)

    def _decision(
        self, behavior: str | None, limit: float | None, per_100k: float | None
    ) -> "Decision | None":
        from foretaste.after.release import behavior_of, rule  # noqa: PLC0415
        from foretaste.findings import Decision, Limit  # noqa: PLC0415
        from foretaste.stages.gate import worst  # noqa: PLC0415

        if behavior is not None:
            behavior_of(self.study, behavior)  # refuses one that the run does not have
        if limit is None and per_100k is None:
            rulings = self.study.decision.rulings if self.study.decision is not None else ()
            asked = tuple(e for e in rulings if behavior in (None, e.limit.behavior))
            return Decision(ruling=worst(asked), rulings=asked) if asked else None
        names = [e.name for e in self.study.behaviors] if behavior is None else [behavior]
        limits = [Limit(behavior=e, increase=limit) for e in names if limit is not None]
        limits += [Limit(behavior=e, per_100k=per_100k) for e in names if per_100k is not None]
        return rule(self.path, self.study, limits)

    def _told(self, decision: "Decision") -> str:
        from foretaste.report.gating.limits import limit_rows  # noqa: PLC0415

        lines = [f"foretaste: {decision.ruling} ({self.path}/report.html)"]
        for row in limit_rows(replace(self.study, decision=decision)):
            lines.append(f"  {row.ruling}: {row.behavior}, {row.limit}: {row.reading}")
            before = f", incumbent {row.before}" if row.before else ""
            lost = f"ungraded or missing {row.ungraded}"
            lines.append(f"    candidate {row.counts}{before}; {lost}; {row.reason}")
        return "\n".join(lines)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option."""
    parser.addini(OPTION, "what not enough evidence does to a test: fail or skip", default="fail")


def pytest_configure(config: pytest.Config) -> None:
    """The marker; a wrong option stops the session.

    Raises:
        UsageError: the ini option is neither `fail` nor `skip`.
    """
    config.addinivalue_line("markers", MARKER)
    if config.getini(OPTION) not in CHOICES:
        raise pytest.UsageError(f"{OPTION}: {config.getini(OPTION)!r} is neither fail nor skip")
    config.stash[_STUDIES] = {}


@pytest.fixture
def foretaste_study(request: pytest.FixtureRequest) -> MeasuredStudy:
    """The study that the test's `foretaste` marker names; run or opened once a session."""
    marker = request.node.get_closest_marker("foretaste")
    given = dict(marker.kwargs) if marker is not None else {}
    kinds = [kind for kind in ("plan", "run") if given.pop(kind, None) is not None]
    if marker is None or marker.args or given or len(kinds) != 1:
        raise pytest.UsageError(
            "foretaste_study needs a marker with a plan or a run, one of them: "
            '@pytest.mark.foretaste(plan="foretaste.yaml")'
        )
    (kind,) = kinds
    place = request.config.rootpath / marker.kwargs[kind]
    known = request.config.stash[_STUDIES]
    if (kind, place) not in known:
        known[kind, place] = _measured(kind, str(place), request.config.getini(OPTION))
    return known[kind, place]


def _measured(kind: str, place: str, on_not_enough_evidence: str) -> MeasuredStudy:
    from foretaste.after.release import whole_study  # noqa: PLC0415
    from foretaste.pipeline import run  # noqa: PLC0415

    path, study = run(place) if kind == "plan" else (place, whole_study(place))
    return MeasuredStudy(path=path, study=study, on_not_enough_evidence=on_not_enough_evidence)
