"""Walls of Linux namespaces: util-linux builds a root that holds programs and the copy only."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from foretaste.adapters.simulators.workspace.sandbox import LIMITS, SYSTEM, View, as_nobody

# It runs as the first process of the namespaces, as a root that is nobody outside of them. What
# the command gets has no capability left, and can make no further name space to get some back.
_BUILD = f"""set -eu
new=$1; shift
mount -t tmpfs -o mode=755,size=4m tmpfs "$new"
readable() {{ mount -o bind,ro,nosuid,nodev "$1" "$new$2"; }}
mkdir "$new/dev" "$new/dev/shm" "$new/proc" "$new/etc"
for each in {" ".join(SYSTEM)}; do
  if [ -L "/$each" ]; then cp -P "/$each" "$new/$each"
  elif [ -d "/$each" ]; then mkdir "$new/$each"; readable "/$each" "/$each"; fi
done
for each in null zero urandom; do
  : > "$new/dev/$each"; mount --bind "/dev/$each" "$new/dev/$each"
done
ln -s urandom "$new/dev/random"; ln -s /proc/self/fd "$new/dev/fd"
ln -s fd/0 "$new/dev/stdin"; ln -s fd/1 "$new/dev/stdout"; ln -s fd/2 "$new/dev/stderr"
mount -t tmpfs -o size=64m,nosuid,nodev tmpfs "$new/dev/shm"
echo root:x:0:0:root:/tmp:/bin/sh > "$new/etc/passwd"
echo root:x:0: > "$new/etc/group"
if [ -f /etc/ld.so.cache ]; then cp /etc/ld.so.cache "$new/etc"; fi
if [ -d /etc/alternatives ]; then
  mkdir "$new/etc/alternatives"; readable /etc/alternatives /etc/alternatives
fi
mount -t proc proc "$new/proc"
echo 0 > "$new/proc/sys/user/max_user_namespaces"
hostname sandbox || :
mount -o bind,ro "$new/proc/sys" "$new/proc/sys"
while [ "$1" != -- ]; do
  mkdir -p "$new$3"
  if [ "$1" = ro ]; then readable "$2" "$3"; else mount --bind "$2" "$new$3"; fi
  shift 3
done
shift
mount -o remount,bind,ro "$new"
cd "$new"; pivot_root . .; umount -l .
cd "$1"; shift
setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"
"""
_NEEDED = ("unshare", "setpriv", "prlimit", "mount", "env")


class Bound(NamedTuple):
    """A folder of this machine, and where commands see it."""

    mode: str  # rw or ro
    folder: str
    path: str


def bounds(view: View) -> list[Bound]:
    """What to bind, outermost first."""
    found = [Bound("rw", str(folder), path) for path, folder in view.writable.items()]
    found += [Bound("ro", str(folder), path) for path, folder in view.readable.items()]
    return sorted(found, key=lambda each: each.path.count("/"))


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`unshare`: mounts, network, processes, users, host name and messages of its own.

    Of this machine commands see its programs, read-only, and nothing of `/home`, `/root`, `/etc`,
    `/var` or `/run`. Works on Linux where users may make user namespaces.
    """

    name: str = "namespaces"

    def argv(self, view: View, env: Mapping[str, str], folder: str, name: str) -> list[str]:  # noqa: ARG002
        """Build a root, and drop all capabilities."""
        programs = {each: shutil.which(each) or each for each in _NEEDED}
        given = [f"{key}={value}" for key, value in env.items()]
        spaces = ["--user", "--map-root-user", "--mount", "--mount-proc", "--net", "--pid"]
        spaces += ["--ipc", "--uts", "--fork", "--kill-child"]
        binds = [part for bound in bounds(view) for part in bound]
        return [
            *as_nobody(),
            *(programs["env"], "-i", *given),
            *(programs["unshare"], *spaces),
            *("sh", "-c", _BUILD, "sh", str(view.empty), *binds, "--", folder),
            *("prlimit", *LIMITS),
        ]

    def end(self, name: str) -> None:
        """Nothing to do: all processes of a name space end with its first."""
