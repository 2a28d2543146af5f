from dataclasses import replace

from foretaste.report.gating.pull_request import summary
from unit.report.decided import decided


def test_a_summary_has_a_line_for_each_limit_with_all_that_it_rests_on() -> None:
    told = summary(decided(), "runs/x")

    assert told.startswith("### Foretaste: \N{NO ENTRY} hold\n")
    (line,) = (line for line in told.splitlines() if line.startswith("| flattery"))
    for each in ("release", "0.27x", "0.10x to 0.60x", "5 of 58", "20 of 58", "3.3 %", "5,170"):
        assert each in line
    assert "runs/x/report.html" in told


def test_no_text_breaks_out_of_its_cell() -> None:
    lines = summary(decided(), "runs/x").splitlines()
    (line,) = (line for line in lines if line.startswith("| language-switch"))

    assert "&#124;\\<b\\>\\&" in line
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in line
    assert line.replace("\\|", "").count("|") == 10


def test_a_run_without_limits_or_users_says_so() -> None:
    account = replace(decided().account, users=None)
    told = summary(replace(decided(), decision=None, account=account), "r")

    assert "### Foretaste: no limits set" in told
    assert "on 60 prefixes." in told
