"""Local classifiers, behind hand-written fakes of what their libraries document.

The libraries are too large to install for tests. The ONNX path was tried by hand on a real model
that skl2onnx wrote; the other two were not tried on real models.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from foretaste.adapters.graders.classifier import Classifier
from foretaste.errors import MachineFailed, PlanError, UnknownName
from foretaste.records import Outcome
from unit.adapters.graders.exchanges import answer, judged, prefix_of
from unit.adapters.graders.screens.teaching import SAYS_NO

FAKES = {
    "fasttext": {
        "fasttext.py": """
class _Model:
    def predict(self, text, k=1):
        assert k == -1 and "\\n" not in text
        chance = 0.9 if "no" in text.split() else 0.2
        return ("no", "yes"), (chance, 1 - chance)

def load_model(path):
    return _Model()
"""
    },
    "transformers": {
        "transformers.py": """
def pipeline(task, model, top_k, trust_remote_code, model_kwargs):
    assert task == "text-classification" and top_k is None and trust_remote_code is False
    assert model_kwargs == {"local_files_only": True, "use_safetensors": True}

    def classify(texts, truncation):
        chance = 0.9 if "no" in texts[0].split() else 0.2
        return [[{"label": "no", "score": chance}, {"label": "yes", "score": 1 - chance}]]

    return classify
"""
    },
    "onnx": {
        "onnxruntime/__init__.py": """
from types import SimpleNamespace as Named

class InferenceSession:
    def __init__(self, path, providers):
        assert providers == ["CPUExecutionProvider"]

    def get_inputs(self):
        return [Named(name="text", type="tensor(string)", shape=[None, 1])]

    def get_outputs(self):
        return [Named(name="label"), Named(name="chances")]

    def run(self, wanted, given):
        assert wanted == ["chances"] and given["text"].shape == (1, 1)
        chance = 0.9 if "no" in given["text"][0, 0].split() else 0.2
        return [[{"no": chance, "yes": 1 - chance}]]
""",
        "onnxruntime/capi/__init__.py": "",
        "onnxruntime/capi/onnxruntime_pybind11_state.py": """
class Fail(Exception): pass
class InvalidProtobuf(Exception): pass
class InvalidGraph(Exception): pass
class NoSuchFile(Exception): pass
""",
    },
}

Make = Callable[..., Classifier]


@pytest.fixture(params=sorted(FAKES))
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A maker of classifiers with a library's fake on the path."""
    for name, source in FAKES[request.param].items():
        file = tmp_path / "libraries" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        monkeypatch.setitem(sys.modules, module, sys)  # so that it is put back afterwards
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(tmp_path / "libraries")
    (tmp_path / "model.bin").write_text("weights")

    def made(**options: object) -> Classifier:
        given: dict[str, object] = {"library": request.param, "label": "no"} | options
        return Classifier(behavior=SAYS_NO, model=str(tmp_path / "model.bin"), **given)  # type: ignore[arg-type]

    return made


@pytest.mark.parametrize(
    ("text", "outcome", "score"),
    [("oh\nno .", Outcome.PRESENT, 0.9), ("well yes", Outcome.ABSENT, 0.2)],
)
def test_the_score_is_the_label_s_chance(
    make: Make, text: str, outcome: Outcome, score: float
) -> None:
    verdict = judged(make(), prefix_of("Please?"), answer(text))

    assert (verdict.outcome, verdict.score) == (outcome, score)


def test_a_label_that_the_model_does_not_know_stops_the_run(make: Make) -> None:
    with pytest.raises(MachineFailed, match="no label 'toxic'; known: no, yes"):
        judged(make(label="toxic"), prefix_of("Please?"), answer("No."))


def test_other_weights_are_another_grader(make: Make, tmp_path: Path) -> None:
    before = make().fingerprint
    (tmp_path / "model.bin").write_text("other weights")

    assert make().fingerprint != before


def test_a_file_that_is_not_there_is_refused(make: Make, tmp_path: Path) -> None:
    (tmp_path / "model.bin").unlink()

    with pytest.raises(PlanError, match="cannot be read"):
        make()


def test_an_unknown_library_is_refused(make: Make) -> None:
    with pytest.raises(UnknownName, match="did you mean 'onnx'"):
        make(library="onx")


def test_a_threshold_outside_0_to_1_is_refused(make: Make) -> None:
    with pytest.raises(PlanError, match="between 0 and 1"):
        make(threshold=1.0)


def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "fasttext", raising=False)

    with pytest.raises(PlanError, match="pip install fasttext-predict"):
        Classifier(behavior=SAYS_NO, library="fasttext", model=str(tmp_path), label="no")
