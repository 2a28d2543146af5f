from pathlib import Path

from foretaste.adapters.simulators.workspace.namespaces import Namespaces, bounds
from foretaste.adapters.simulators.workspace.sandbox import View

VIEW = View({"/tmp/r": Path("/c"), "/tmp": Path("/t")}, {"/tmp/r/p": Path("/p")}, Path("/e"))


def test_folders_are_bound_after_what_they_lie_in() -> None:
    assert [each.path for each in bounds(VIEW)] == ["/tmp", "/tmp/r", "/tmp/r/p"]


def test_every_kind_of_namespace_is_new_and_no_capability_is_kept() -> None:
    words = Namespaces().argv(VIEW, {"HOME": "/tmp"}, "/tmp/r", "name")

    assert {"--user", "--mount", "--net", "--pid", "--ipc", "--uts", "--kill-child"} <= set(words)
    script = next(word for word in words if "pivot_root" in word)
    assert "--bounding-set=-all" in script
    assert "max_user_namespaces" in script
