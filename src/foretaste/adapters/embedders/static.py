"""Vectors that are means of word vectors: in process, no network, hundreds of texts a second.

The package `wordllama` (MIT, 19 MB of weights) brings both files. It is found, never imported,
since it would look for them on the network. Any static model of this form does.
"""

import hashlib
import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from foretaste.errors import MachineFailed, PlanError
from foretaste.records import identity
from foretaste.training import Vectors

_PACKAGE = "wordllama"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_MISSING = "static word vectors need a package: pip install wordllama"


@dataclass(slots=True)
class _Loaded:
    """What is in memory, once it is needed."""

    words: Any = None  # one row for each token
    lock: Lock = field(default_factory=Lock)
    tokens: Any = None  # texts to the tokens of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """Means of the vectors of a text's tokens; their order is lost.

    Args:
        weights: path of a safetensors file of one matrix; empty: that of the package `wordllama`.
        tokenizer: path of its tokenizer's JSON file; empty: the same.

    Raises:
        PlanError: one of two paths is missing, a file cannot be read, or the package is missing.
    """

    weights: str = ""
    tokenizer: str = ""
    fingerprint: str = field(init=False, repr=False, compare=False, default="")
    _loaded: _Loaded = field(init=False, repr=False, compare=False, default_factory=_Loaded)

    def __post_init__(self) -> None:
        if bool(self.weights) != bool(self.tokenizer):
            raise PlanError("static: give both, weights and tokenizer, or none")
        digests = [_digest(path) for path in self._files()]
        object.__setattr__(self, "fingerprint", identity("static", digests))

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, of length 1; zeros where a text holds no token.

        Raises:
            PlanError: a library is missing.
            MachineFailed: a file is not what it should be.
        """
        with self._loaded.lock:
            if self._loaded.tokens is None:
                self._load()
        words, tokens = self._loaded.words, self._loaded.tokens
        found = np.zeros((len(texts), words.shape[1]))
        for row, each in zip(found, tokens(list(texts)), strict=True):
            if each.ids:
                row[:] = words[each.ids].mean(axis=0, dtype=np.float64)
        sizes = np.linalg.norm(found, axis=1, keepdims=True)
        return found / np.where(sizes > 0, sizes, 1.0)

    def _files(self) -> tuple[Path, Path]:
        if self.weights:
            return Path(self.weights), Path(self.tokenizer)
        spec = importlib.util.find_spec(_PACKAGE)  # of a top-level package: runs none of its code
        folders = spec.submodule_search_locations if spec is not None else None
        if not folders:
            raise PlanError(_MISSING)
        return Path(folders[0], _WEIGHTS), Path(folders[0], _TOKENIZER)

    def _load(self) -> None:
        weights, tokenizer = self._files()
        try:
            tensors = importlib.import_module("safetensors.numpy")
            tokenizers = importlib.import_module("tokenizers")
        except ImportError as error:
            raise PlanError(_MISSING) from error
        try:
            (words,) = tensors.load_file(str(weights)).values()
        except (ValueError, importlib.import_module("safetensors").SafetensorError) as error:
            raise MachineFailed(f"{weights.name} is no safetensors file of one matrix") from error
        read = tokenizers.Tokenizer.from_file(str(tokenizer))
        read.no_truncation()
        read.no_padding()
        self._loaded.words = words
        self._loaded.tokens = lambda texts: read.encode_batch(texts, add_special_tokens=False)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise PlanError(f"static: {path.name} cannot be read: {error.strerror}") from error
