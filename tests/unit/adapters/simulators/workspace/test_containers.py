from pathlib import Path

from foretaste.adapters.simulators.workspace.containers import Bubblewrap, Docker
from foretaste.adapters.simulators.workspace.sandbox import View, holds

VIEW = View({"/testbed": Path("/c"), "/tmp": Path("/t")}, {"/testbed/p": Path("/p")}, Path("/e"))
ENV = {"PATH": "/bin", "HOME": "/tmp"}


def test_a_container_has_no_network_no_rights_and_sees_the_copy_only() -> None:
    words = " ".join(Docker("python:3").argv(VIEW, ENV, "/testbed", "name"))

    for each in (
        *("--network none", "--read-only", "--cap-drop ALL", "--pids-limit 256", "--pull never"),
        *("--security-opt no-new-privileges", "--name foretaste-name", "--workdir /testbed"),
        *("--env HOME=/tmp", "--user "),
    ):
        assert each in words
    volumes = [each.split()[0] for each in words.split("--volume ")[1:]]
    assert volumes == ["/c:/testbed:rw", "/t:/tmp:rw", "/p:/testbed/p:ro"]
    assert words.endswith("--entrypoint  python:3")
    assert "PATH=" not in words


def test_a_bubble_shares_nothing_and_binds_folders_after_what_they_lie_in() -> None:
    words = " ".join(Bubblewrap().argv(VIEW, ENV, "/testbed", "name"))

    for each in ("--unshare-all", "--die-with-parent", "--clearenv", "--cap-drop ALL"):
        assert each in words
    assert words.index("--bind /c /testbed") < words.index("--ro-bind /p /testbed/p")


def test_an_image_that_is_not_here_does_not_hold() -> None:
    Docker("no-such-image").end("no-such-container")

    assert not holds(Docker("foretaste-has-no-such-image:0"))
