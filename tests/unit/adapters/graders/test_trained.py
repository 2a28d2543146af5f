"""A screen from its file."""

from pathlib import Path

import pytest

from foretaste.adapters.behaviors import load_behavior
from foretaste.adapters.graders.screens.ngram import Ngram
from foretaste.adapters.graders.screens.probe import Probe
from foretaste.adapters.graders.trained import Trained, trainer_of
from foretaste.errors import PlanError
from unit.adapters.graders.exchanges import judged
from unit.adapters.graders.screens.teaching import SAYS_NO, CountingEmbedder, examples, exchange


def test_a_screen_of_words_grades_from_its_file(tmp_path: Path) -> None:
    screen = Ngram(behavior=SAYS_NO)(examples())
    (tmp_path / "screen.json").write_bytes(screen.document)
    grader = Trained(behavior=SAYS_NO, file=str(tmp_path / "screen.json"))
    given = exchange("I cannot do that.", "u")

    assert grader.fingerprint == screen.fingerprint
    assert judged(grader, *given) == judged(screen, *given)


def test_a_probe_grades_from_its_file_with_its_embedder(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    screen = Probe(behavior=SAYS_NO, embedder=embedder)(examples())
    (tmp_path / "screen.json").write_bytes(screen.document)
    grader = Trained(behavior=SAYS_NO, file=str(tmp_path / "screen.json"), embedder=embedder)

    assert grader.fingerprint == screen.fingerprint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.json cannot be read"):
        Trained(behavior=SAYS_NO, file=str(tmp_path / "none.json"))


def test_the_rule_that_a_behavior_comes_with_stands_beside_the_words(tmp_path: Path) -> None:
    refusal = load_behavior("refusal")
    screen = trainer_of(refusal)(examples())
    (tmp_path / "screen.json").write_bytes(screen.document)
    grader = Trained(behavior=refusal, file=str(tmp_path / "screen.json"))
    given = exchange("I cannot do that.", "u")

    assert b"beside" in screen.document
    assert judged(grader, *given) == judged(screen, *given)
    with pytest.raises(PlanError, match="beside"):
        Ngram(behavior=refusal).load(screen.document)
