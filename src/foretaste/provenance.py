"""Which code a number came from, and what that code ran on."""

import hashlib
import platform
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, distributions, version
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def code_hash() -> str:
    """Hash over Foretaste's own source files and behaviors, names included."""
    digest = hashlib.blake2b(digest_size=16)
    for name, content in sorted(_sources(files("foretaste"), "")):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def foretaste_version() -> str:
    """Version of the installed package."""
    return version("foretaste")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a run ran on, so that it can be set up again."""

    python: str
    implementation: str
    platform: str
    foretaste: str  # version
    code: str  # hash over Foretaste's own source files
    packages: dict[str, str] = field(default_factory=dict)  # from an index: name -> version
    elsewhere: dict[str, str] = field(default_factory=dict)  # from a folder, file or repository


@cache
def environment() -> Environment:
    """This process's environment: Python, platform, and every installed package."""
    packages: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    for each in distributions():
        name = re.sub(r"[-_.]+", "-", str(each.metadata["Name"] or "")).lower()
        if name not in ("", "foretaste") and name not in packages and name not in elsewhere:
            (elsewhere if _is_local(each) else packages)[name] = each.version
    return Environment(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=platform.platform(),
        foretaste=foretaste_version(),
        code=code_hash(),
        packages=dict(sorted(packages.items())),
        elsewhere=dict(sorted(elsewhere.items())),
    )


def requirements(found: Environment) -> str:
    """An environment as a file for `pip install -r`; what no index has is a comment."""
    lines = [
        f"# {found.implementation} {found.python} on {found.platform}",
        f"# foretaste=={found.foretaste}, code {found.code}: install it from its own source",
        *(f"# {name}=={version}: not from an index" for name, version in found.elsewhere.items()),
        *(f"{name}=={version}" for name, version in found.packages.items()),
    ]
    return "\n".join(lines) + "\n"


def _is_local(installed: Distribution) -> bool:
    """Whether a package was installed from a place of its own (PEP 610), not from an index."""
    return installed.read_text("direct_url.json") is not None


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        if each.is_dir() and each.name != "__pycache__":
            found += _sources(each, f"{prefix}{each.name}/")
        elif each.name.endswith((".py", ".md")):
            found.append((prefix + each.name, each.read_bytes()))
    return found
