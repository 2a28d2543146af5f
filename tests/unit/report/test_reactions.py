from dataclasses import replace

from foretaste.report.reactions import reaction_view
from unit.report.discovered import REACTION


def test_a_sign_is_said_with_both_rates_their_counts_and_the_ratio() -> None:
    first, never = reaction_view(REACTION).signs

    assert (first.rate, first.counts) == ("14 %", "25 of 180")
    assert (first.elsewhere, first.counts_elsewhere) == ("2.1 %", "40 of 1,900")
    assert (first.ratio, first.interval) == ("6.6x", "3.9x to 11x")
    assert (never.ratio, never.interval) == ("never elsewhere", "3.9x to no limit")


def test_a_reaction_without_signs_says_how_many_were_tested() -> None:
    view = reaction_view(replace(REACTION, signs=(), kind="<b>new</b>"))

    assert view.sentence.startswith("640 features of the turns before were tested; none")
    assert view.name == "<b>new</b>"  # escaped where it is drawn
    assert view.counts == "180 of 2,080 turns"
