"""Walls that other programs build: bubblewrap, and Docker with an image of the user's."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from foretaste.adapters.simulators.workspace.namespaces import bounds
from foretaste.adapters.simulators.workspace.sandbox import (
    LIMITS,
    NOBODY,
    SYSTEM,
    View,
    as_nobody,
    outer,
    owner,
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """`bwrap`: sees this machine's programs, read-only, and nothing else of it."""

    name: str = "bubblewrap"

    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:  # noqa: ARG002
        """No namespace is shared, no capability kept."""
        words = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        words += ["--uid", "0", "--gid", "0", "--hostname", "sandbox", "--clearenv"]
        for key, value in env.items():
            words += ["--setenv", key, value]
        for each in SYSTEM:
            place = Path("/", each)
            if place.is_symlink():
                words += ["--symlink", str(place.readlink()), str(place)]
            elif place.is_dir():
                words += ["--ro-bind", str(place), str(place)]
        words += ["--proc", "/proc", "--dev", "/dev"]
        for mode, source, path in bounds(view):
            words += ["--bind" if mode == "rw" else "--ro-bind", source, path]
        words += ["--remount-ro", "/", "--chdir", folder]
        return [*as_nobody(), shutil.which("bwrap") or "bwrap", *words, "prlimit", *LIMITS]

    def end(self, name: str) -> None:
        """Nothing to do: it dies with its parent."""


@dataclass(frozen=True, slots=True)
class Docker:
    """`docker run` without network, over a read-only image."""

    image: str
    name: str = "docker"

    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:
        """A container of its own for each command; nothing is pulled."""
        user = owner() or os.getuid()
        words = ["run", "--rm", "--name", f"foretaste-{name}", "--pull", "never"]
        words += ["--network", "none", "--read-only", "--cap-drop", "ALL"]
        words += ["--security-opt", "no-new-privileges", "--pids-limit", "256", "--memory", "8g"]
        words += ["--user", f"{user}:{NOBODY if owner() else os.getgid()}", "--workdir", folder]
        for key, value in env.items():
            if key != "PATH":  # the image's own
                words += ["--env", f"{key}={value}"]
        for mode, source, path in bounds(view):
            words += ["--volume", f"{source}:{path}:{mode}"]
        return [shutil.which("docker") or "docker", *words, "--entrypoint", "", self.image]

    def end(self, name: str) -> None:
        """Kill the container, if its client was killed before it."""
        program = shutil.which("docker")
        if program is not None:
            with suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(  # noqa: S603  # fixed words and a name of our own
                    [program, "kill", f"foretaste-{name}"],
                    capture_output=True,
                    env=outer(),
                    timeout=20,
                    check=False,
                )
