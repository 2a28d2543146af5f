from pathlib import Path

from foretaste.adapters.simulators.workspace.shells import RETURN_CODE
from unit.adapters.simulators.workspace.desks import Told, desk, stays_open, use


def test_each_tool_spells_a_result_in_its_own_way(tmp_path: Path) -> None:
    def said(name: str, shell: Told, output: str | None = None) -> str:
        return use(desk(tmp_path / "copy", shell, output), name, command="x")

    assert said("bash", Told()) == "out\n"
    assert said("bash", Told(), RETURN_CODE) == (
        "<returncode>0</returncode>\n<output>\nout\n</output>"
    )
    assert "more than 30 seconds" in said("bash", Told("", None))
    assert said("execute_bash", Told("", 3, "/testbed/src")) == (
        "\n[The command completed with exit code 3.]\n[Current working directory: /testbed/src]\n"
        "[Command finished with exit code 3]"
    )
    assert "timed out after 30 seconds" in said("execute_bash", Told("", None))
    assert said("execute_bash", Told(), "{code} {output}") == "0 out\n"


def test_a_shell_that_stays_open_keeps_its_folder_unless_it_left(tmp_path: Path) -> None:
    shell = Told(folder="/testbed/src")
    at = desk(tmp_path / "copy", shell)
    use(at, "bash", command="cd src")
    shell.ran = shell.ran._replace(folder="/etc")
    use(at, "bash", command="cd /etc")
    use(at, "bash", command="ls")

    assert [folder for _, folder, _ in shell.asked] == ["/testbed", "/testbed/src", "/testbed"]


def test_input_to_a_running_command_stays_open(tmp_path: Path) -> None:
    at = desk(tmp_path / "copy")

    assert stays_open(at, "execute_bash", command="")
    assert stays_open(at, "execute_bash", command="y", is_input="true")
