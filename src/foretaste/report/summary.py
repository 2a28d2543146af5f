"""The last line of a run: what was found, how right it was, where to read on."""

from foretaste.findings import Study
from foretaste.forecasts import Scorecard
from foretaste.report.conclusions import headline
from foretaste.report.scores import direction, off_by
from foretaste.report.visible import visible


def closing_line(study: Study, scorecard: Scorecard | None, report_path: str) -> str:
    """One sentence; without a scorecard it says that the forecast is not scored yet."""
    score = "the forecast is sealed and not scored yet"
    if scorecard is not None:
        score = off_by(scorecard, study)
        if scorecard.median_multiplicative_error is not None:
            score += f"; direction right: {direction(scorecard)}"
    return f"{headline(study).title}; {score}; report: {visible(report_path)}"
