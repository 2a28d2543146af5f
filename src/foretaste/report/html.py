"""Reports as HTML files of one piece each, that ask nothing of the network and run nothing."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from foretaste.awareness import Awareness
from foretaste.backtests import Backtest
from foretaste.contrasts import Realism
from foretaste.discoveries import Discovery
from foretaste.findings import Example, Study
from foretaste.forecasts import Scorecard
from foretaste.report.backtest_page import backtest_page
from foretaste.report.view import page
from foretaste.report.visible import visible
from foretaste.report.wording import UNKNOWN
from foretaste.reviews import Reviewed


def _shown(value: object) -> object:
    """The last gate before the page: no invisible character, and no None, gets through."""
    if hasattr(value, "__html__"):
        return value  # a macro of the templates, gated already
    return UNKNOWN if value is None else visible(value) if isinstance(value, str) else value


@lru_cache
def environment(package: str = "") -> Environment:
    """Draws templates of a package, and the report's own: all they are given is text in them."""
    packages = (package, "foretaste.report") if package else ("foretaste.report",)
    return Environment(
        loader=ChoiceLoader([PackageLoader(each, "templates") for each in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    study: Study,
    examples: Iterable[Example] = (),
    scorecards: Sequence[tuple[str, Scorecard]] = (),
    realism: Iterable[Realism] = (),
    reviewed: Iterable[Reviewed] = (),
    discoveries: Iterable[Discovery] = (),
    awareness: Iterable[Awareness] = (),
) -> str:
    """Draw the report; what logs and models say is text in it, never markup.

    Args:
        study: what the run concludes.
        examples: turns to show, of any behavior and in any order.
        scorecards: how right the forecast was on later logs, each with the log's name.
        realism: how real the simulated turns look, a finding a lane.
        reviewed: what people's labels make of the judges' rates.
        discoveries: what nobody listed, an audit for each two lanes.
        awareness: whether the models notice that they are tested.
    """
    whole = page(study, examples, scorecards, realism, reviewed, discoveries, awareness)
    return environment().get_template("report.html.j2").render(page=whole)


def render_backtest(found: Backtest) -> str:
    """Draw a backtest: its table and pictures."""
    return environment().get_template("backtest.html.j2").render(page=backtest_page(found))
