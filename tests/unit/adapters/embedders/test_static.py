"""Static word vectors."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from foretaste.adapters.embedders.static import Static
from foretaste.errors import PlanError

HERE = all(
    importlib.util.find_spec(name) is not None
    for name in ("wordllama", "safetensors", "tokenizers")
)


@pytest.mark.skipif(HERE, reason="the package wordllama is installed")
def test_a_missing_package_is_named() -> None:
    with pytest.raises(PlanError, match="pip install wordllama"):
        Static()


@pytest.mark.skipif(not HERE, reason="the package wordllama is not installed")
def test_texts_of_like_meaning_lie_closer_together() -> None:
    rows = Static()(["I cannot help with that.", "I'm unable to assist.", "Paris is large.", ""])

    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0])
    assert rows[0] @ rows[1] > 2 * rows[0] @ rows[2]


def test_one_path_without_the_other_is_refused() -> None:
    with pytest.raises(PlanError, match="give both"):
        Static(weights="w.safetensors")


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"w\.safetensors cannot be read"):
        Static(weights=str(tmp_path / "w.safetensors"), tokenizer=str(tmp_path / "t.json"))
