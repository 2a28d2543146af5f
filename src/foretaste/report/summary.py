"""The last line of a run: what was found, how right it was, where to read on."""

from foretaste.findings import Scorecard, Study
from foretaste.report.conclusions import headline
from foretaste.report.scores import direction
from foretaste.report.visible import visible
from foretaste.report.wording import times


def closing_line(study: Study, scorecard: Scorecard | None, report_path: str) -> str:
    """One sentence; without a scorecard it says that the forecast is not scored yet."""
    return f"{headline(study).title}; {_score(scorecard)}; report: {visible(report_path)}"


def _score(card: Scorecard | None) -> str:
    if card is None:
        return "the forecast is sealed and not scored yet"
    if card.median_multiplicative_error is None:
        return "how right the forecast was is unknown"
    text = (
        f"the forecast was off by {times(card.median_multiplicative_error)} in the median "
        f"(chance alone: {times(card.noise_multiplicative_error)})"
    )
    return f"{text}, direction right: {direction(card)}"
