"""How true simulated tools are on real trajectories, from the command line, as the docs say."""

import json
import subprocess
import sys
from typing import Any

import pytest

from stories.airline import AIRLINE, needed
from stories.places import REPOSITORY

pytestmark = needed


@pytest.fixture(scope="module")
def scored() -> dict[str, Any]:
    command = [
        *(sys.executable, "-m", "foretaste", "simulator", "score"),
        *(f"{AIRLINE}/trajectories.jsonl", "--leave-out", "task_id", "--json"),
        *("--environment", "foretaste.environments.airline:Airline"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_environment_gives_nearly_every_recorded_result(scored: dict[str, Any]) -> None:
    own = scored["layers"]["environment"]

    assert (scored["trajectories"], scored["groups"]) == (120, 30)
    assert own["exact"] >= 0.99 * own["n"]
    assert all(tool["exact"] >= 0.99 * tool["n"] for tool in own["tools"].values())


def test_without_it_what_record_and_database_answer_is_true(scored: dict[str, Any]) -> None:
    for layer in ("recorded", "database", "layered"):
        own = scored["layers"][layer]
        assert own["exact"] == own["answered"] > 0
        assert own["states"]["agree"] == own["states"]["answered"]
    together = scored["layers"]["layered"]["answered"]
    assert together > max(scored["layers"][name]["answered"] for name in ("recorded", "database"))


def test_the_guide_shows_these_figures(scored: dict[str, Any]) -> None:
    page = (REPOSITORY / "docs" / "howto" / "call-database.md").read_text("utf-8")
    layers = [scored["layers"][each] for each in ("recorded", "database", "layered", "nearest")]
    for name, tool in layers[0]["tools"].items():
        cells = " | ".join(_cell(layer["tools"][name]) for layer in layers)
        assert f"| `{name}` | {tool['n']} | {cells} |" in page
    cells = " | ".join(_cell(layer) for layer in layers)
    assert f"| **all** | {layers[0]['n']} | {cells} |" in page


def _cell(count: dict[str, int]) -> str:
    return f"{count['exact']} of {count['answered']}" if count["answered"] else "-"
