"""Shell tools of OpenHands, SWE-agent and mini-SWE-agent."""

from collections.abc import Mapping

from foretaste.adapters.simulators.workspace.desk import Desk, Given, Tool
from foretaste.adapters.simulators.workspace.files import StaysOpen
from foretaste.adapters.simulators.workspace.sandbox import Ran

RETURN_CODE = "<returncode>{code}</returncode>\n<output>\n{output}</output>"
"""mini-SWE-agent's spelling of a command's result."""


def filled(template: str, ran: Ran) -> str:
    """A command's result in a spelling of the user's."""
    code = -1 if ran.code is None else ran.code
    return template.replace("{code}", str(code)).replace("{output}", ran.output)


def late(ran: Ran, seconds: float) -> str:
    """What a tool says of a command that took too long."""
    return f"{ran.output}\nThe command was cancelled because it took more than {seconds:g} seconds."


def _bash(desk: Desk, given: Given) -> str:
    given.only("command")
    ran = desk.run(given.text("command"), desk.root if desk.output is not None else None)
    if desk.output is not None:  # each command in a shell of its own
        return filled(desk.output, ran)
    desk.follow(ran)
    return late(ran, desk.seconds) if ran.code is None else ran.output


def _execute_bash(desk: Desk, given: Given) -> str:
    given.only("command", "timeout", "security_risk")
    command = given.text("command")
    if not command.strip() or given.value("is_input"):
        raise StaysOpen("input to a command that runs")
    wanted = float(given.number("timeout", 0)) or desk.seconds
    ran = desk.run(command, seconds=wanted)
    desk.follow(ran)
    output = ran.output.rstrip("\n")
    if desk.output is not None:
        return filled(desk.output, ran)
    if ran.code is None:
        return (
            f"{output}\n[The command timed out after {wanted:g} seconds. You may wait longer to "
            "see additional output by sending empty command '', send other commands to interact "
            "with the current process, or send keys to interrupt/kill the command.]"
        )
    return (
        f"{output}\n[The command completed with exit code {ran.code}.]"
        f"\n[Current working directory: {desk.cwd}]"
        f"\n[Command finished with exit code {ran.code}]"
    )


TOOLS: Mapping[str, Tool] = {"bash": _bash, "execute_bash": _execute_bash}
