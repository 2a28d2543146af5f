"""Nine real releases of one assistant: what a backtest of them must find."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from foretaste.cli import main
from stories.chat import CHAT, needed
from stories.places import REPOSITORY

pytestmark = needed


def backtest(pairs: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    page = folder / "page.html"
    assert main(["backtest", str(CHAT), "--pairs", pairs, "--json", "--page", str(page)]) == 0
    assert 20_000 < page.stat().st_size < 1_500_000
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_over_all_pairs_the_default_is_calibrated_and_beats_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = backtest("all", tmp_path, capsys)
    models = found["models"]
    best, direct, before = (
        models[name] for name in (found["default"], "direct", "previous-deployment")
    )

    assert (found["transitions"], len(found["releases"])) == (72, 9)
    assert len(found["behaviors"]) >= 14
    assert 0.87 <= best["coverage_90"] <= 0.93
    assert best["nll"] < direct["nll"] < before["nll"]
    assert best["mean_multiplicative_error"] <= direct["mean_multiplicative_error"]
    assert best["directional_accuracy"] >= direct["directional_accuracy"] > 0.5
    assert before["directional_accuracy"] == 0
    guide = (REPOSITORY / "docs" / "guide" / "ninety-two-percent.md").read_text("utf-8")
    for name, each in models.items():
        held = "/".join(f"{100 * each[f'coverage_{level}']:.0f}" for level in (50, 80, 90))
        error = f"{each['median_multiplicative_error']:.2f}x | "
        error += f"{each['mean_multiplicative_error']:.2f}x"
        assert re.search(
            rf"^\| {name} \| {re.escape(error)} \| .* \| {each['nll']:.3f} \| {held} \|",
            guide,
            re.MULTILINE,
        ), name


def test_from_each_release_to_the_next_the_default_has_the_smaller_mean_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = backtest("successive", tmp_path, capsys)
    models = found["models"]

    assert found["transitions"] == 8
    assert (
        models[found["default"]]["mean_multiplicative_error"]
        < models["direct"]["mean_multiplicative_error"]
    )
