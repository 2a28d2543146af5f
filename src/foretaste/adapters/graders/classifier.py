"""Classifiers that somebody trained elsewhere, run on this machine by a library of theirs."""

import asyncio
import hashlib
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np

from foretaste.adapters.graders.passages import LONGEST, missing_answer
from foretaste.adapters.graders.screens.screening import checked_threshold, scored
from foretaste.errors import ItemFailed, MachineFailed, PlanError, UnknownName
from foretaste.records import Behavior, Prefix, Rollout, Verdict, identity

Library = Literal["transformers", "fasttext", "onnx"]
Scores = dict[str, float]
Classify = Callable[[str], Scores]


@dataclass(slots=True)
class _Loaded:
    """What is in memory, once it is needed."""

    classify: Classify | None = None
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """Finds a behavior where a local classifier gives its label a chance of `threshold` or more.

    The score is the classifier's own and seldom calibrated: check it against labels. It reads the
    answer alone. Nothing is downloaded, and no code of a model's folder is run.

    Args:
        behavior: what the label stands for.
        library: `transformers`, a folder with safetensors weights for text classification;
            `fasttext`, a supervised model's file; `onnx`, a file that takes one string and gives
            a label and the chance of each, as skl2onnx writes text classifiers with `zipmap`.
        model: path of the folder or file.
        label: the label that means present.
        threshold: chance from which on it is present.

    Raises:
        PlanError: an unknown library or one that is not installed, no such file, or a threshold
            that is none.
    """

    behavior: Behavior
    library: Library
    model: str
    label: str
    threshold: float = 0.5
    fingerprint: str = field(init=False, repr=False, compare=False, default="")
    _loaded: _Loaded = field(init=False, repr=False, compare=False, default_factory=_Loaded)

    def __post_init__(self) -> None:
        if self.library not in _LOADERS:
            raise UnknownName("library", self.library, _LOADERS, "the grader 'classifier'")
        checked_threshold(self.threshold)
        if importlib.util.find_spec(_MODULES[self.library]) is None:
            package = _PACKAGES[self.library]
            raise PlanError(f"a {self.library} model needs its library: pip install {package}")
        options = (self.library, self.label, self.threshold, _content(Path(self.model)))
        object.__setattr__(
            self, "fingerprint", identity("classifier", self.behavior.version, *options)
        )

    async def __call__(self, prefix: Prefix, rollout: Rollout) -> Verdict:  # noqa: ARG002
        """Judge one rollout.

        Raises:
            MachineFailed: the library cannot load the model, or it knows no such label.
            ItemFailed: it cannot read this answer.
        """
        if missing_answer(rollout):
            return scored(self, rollout, None)
        score = await asyncio.to_thread(self._score, rollout.text[:LONGEST])
        return scored(self, rollout, score)

    def _score(self, text: str) -> float:
        with self._loaded.lock:
            if self._loaded.classify is None:
                self._loaded.classify = _load(self.library, self.model)
            try:
                found = self._loaded.classify(text)
            except (RuntimeError, ValueError) as error:
                raise ItemFailed(f"{self.library} cannot read the answer: {error}") from error
        if self.label not in found:
            known = ", ".join(sorted(found))[:400]
            raise MachineFailed(f"the classifier knows no label {self.label!r}; known: {known}")
        # Sums of 32-bit numbers come out a little above 1.
        return min(1.0, max(0.0, found[self.label]))


def _load(library: Library, model: str) -> Classify:
    try:
        return _LOADERS[library](model)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise MachineFailed(f"{library} cannot load {Path(model).name}: {error}") from error


def _transformers(model: str) -> Classify:
    library = importlib.import_module("transformers")
    pipe = library.pipeline(
        "text-classification",
        model=model,
        top_k=None,
        trust_remote_code=False,
        model_kwargs={"local_files_only": True, "use_safetensors": True},
    )
    return lambda text: {
        row["label"]: float(row["score"]) for row in pipe([text], truncation=True)[0]
    }


def _fasttext(model: str) -> Classify:
    library = importlib.import_module("fasttext")
    loaded = library.load_model(model)

    def classify(text: str) -> Scores:
        # fastText reads one line; an end of line inside it is an error.
        labels, chances = loaded.predict(" ".join(text.split()), k=-1)
        return {name: float(chance) for name, chance in zip(labels, chances, strict=True)}

    return classify


def _onnx(model: str) -> Classify:
    library = importlib.import_module("onnxruntime")
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    try:
        session = library.InferenceSession(model, providers=["CPUExecutionProvider"])
    except (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.NoSuchFile) as error:
        raise ValueError(str(error)[:400]) from error
    taken = session.get_inputs()[0]
    given = [output.name for output in session.get_outputs()]
    if taken.type != "tensor(string)" or len(given) < 2:
        raise ValueError("it does not take a string and give a label and the chance of each")
    shape = (1,) * max(1, len(taken.shape))

    def classify(text: str) -> Scores:
        fed = {taken.name: np.array([text], dtype=object).reshape(shape)}
        rows: Any = session.run(given[1:2], fed)[0]
        return {str(name): float(chance) for name, chance in rows[0].items()}

    return classify


_LOADERS: dict[str, Callable[[str], Classify]] = {
    "transformers": _transformers,
    "fasttext": _fasttext,
    "onnx": _onnx,
}
_MODULES = {"transformers": "transformers", "fasttext": "fasttext", "onnx": "onnxruntime"}
_PACKAGES = {
    "transformers": "transformers torch",
    "fasttext": "fasttext-predict",
    "onnx": "onnxruntime",
}


def _content(path: Path) -> str:
    """Hash of a file, or of all files of a folder with their names."""
    whole = hashlib.sha256()
    try:
        files = sorted(each for each in path.rglob("*") if each.is_file()) or [path]
        for file in files:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            name = file.relative_to(path) if file != path else ""
            whole.update(f"{name}\0{digest}\n".encode())
    except OSError as error:
        raise PlanError(f"classifier: {path} cannot be read: {error.strerror}") from error
    return whole.hexdigest()
