"""The templates in `integrations/`, their steps run as GitHub and GitLab document them.

Only what `uses:` an action of somebody else's is left out.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
REPOSITORY = Path(__file__).parents[2]
ACTION = REPOSITORY / "integrations" / "github" / "action.yml"
WORKFLOW = REPOSITORY / "integrations" / "github" / "example-workflow.yml"
TEMPLATE = REPOSITORY / "integrations" / "gitlab" / "foretaste.gitlab-ci.yml"
SAMPLE = REPOSITORY / "src" / "foretaste" / "data" / "sample.jsonl"

# Exit code -> a limit on refusals, of which the candidate has one in ten answers.
LIMITS: dict[int, dict[str, Any]] = {
    0: {"limit": {"per_100k": 30_000, "increase": 4}},
    1: {"limit": {"per_100k": 1_000}},
    2: {},
    3: {"limit": {"per_100k": 11_000}},
}
RULINGS = {0: "release", 1: "hold", 2: "nothing decided", 3: "not enough evidence"}


class Done(NamedTuple):
    code: int
    said: str
    outputs: dict[str, str]
    summary: str


def repository(folder: Path, code: int) -> None:
    """The sample log, and a plan that ends with this exit code."""
    shutil.copy(SAMPLE, folder / "log.jsonl")
    no = {"say": "I cannot help.", "share": 0.1}
    plan = {
        "log": {"path": "log.jsonl"},
        "sample": {"size": None},
        "forecast": {"turns": 1_000},
        "incumbent": {"use": "scripted", "name": "old", "replies": [no], "default": "Yes."},
        "candidate": {"use": "scripted", "name": "new", "replies": [no], "default": "Yes."},
        "behaviors": [
            {"name": "refusal", "grader": {"use": "rule", "pattern": "cannot"}} | LIMITS[code]
        ],
    }
    (folder / "foretaste.yaml").write_text(json.dumps(plan))


def bash(folder: Path, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A step as GitHub runs `shell: bash`, and GitLab a job's script."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {"PATH": path, "PYTHONPATH": str(REPOSITORY / "src"), "PIP_NO_INDEX": "1"}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | ours | more,
        capture_output=True,
        text=True,
        check=False,
    )


def schema(name: str) -> Any:
    """A vendored schema of check-jsonschema."""
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("check-jsonschema is not installed")
    vendor = Path(found.origin).parent / "builtin_schemas" / "vendor"
    return json.loads((vendor / f"{name}.json").read_text())


def github(folder: Path, **inputs: str) -> Done:
    """Run the action's steps one after the other, expressions filled in."""
    action = yaml.safe_load(ACTION.read_text())
    given: dict[str, str] = {name: e["default"] for name, e in action["inputs"].items()}
    given |= inputs
    steps: dict[str, dict[str, str]] = {}

    def filled(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            kind, _, name = found[1].partition(".")
            if kind == "inputs":
                return given[name]
            step, _, output = name.partition(".outputs.")
            return steps.get(step, {}).get(output) or ""

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)

    summary, code, said = folder / "step-summary.md", 0, ""
    summary.touch()
    for step in action["runs"]["steps"]:
        if "run" not in step or (code and step.get("if") != "always()"):
            continue
        assert "${{" not in step["run"]  # an expression in a script is code that others can write
        output = folder / "output"
        output.write_text("")
        environment = {name: filled(text) for name, text in step.get("env", {}).items()}
        places = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        done = bash(folder, step["run"], **environment, **places)
        code, said = done.returncode, said + done.stdout + done.stderr
        pairs = (line.split("=", 1) for line in output.read_text().splitlines())
        steps[step.get("id", "")] = dict(pairs)
    outputs = {name: filled(each["value"]) for name, each in action["outputs"].items()}
    return Done(code, said, outputs, summary.read_text())


def gitlab_jobs(**inputs: str) -> dict[str, Any]:
    """The template's jobs as GitLab makes them of its inputs."""
    header, jobs = TEMPLATE.read_text().split("\n---\n")
    spec = yaml.safe_load(header)["spec"]["inputs"]
    for name, value in ({name: each["default"] for name, each in spec.items()} | inputs).items():
        assert value in spec[name].get("options", [value])
        jobs = jobs.replace(f"$[[ inputs.{name} ]]", value)
    assert "$[[" not in jobs
    loaded: dict[str, Any] = yaml.safe_load(jobs)
    return loaded


@pytest.mark.parametrize("code", LIMITS)
def test_the_action_keeps_the_exit_code_and_says_the_ruling(code: int, tmp_path: Path) -> None:
    repository(tmp_path, code)
    done = github(tmp_path)

    assert done.code == code, done.said
    assert done.outputs["ruling"] == RULINGS[code]
    assert done.outputs["exit-code"] == str(code)
    if code == 2:
        assert "nothing was decided" in done.summary
        assert "sets no limit" in done.said
        return
    assert RULINGS[code] in done.summary
    assert "| refusal |" in done.summary
    assert (tmp_path / done.outputs["run"] / "report.html").exists()
    made = {path.name for path in (tmp_path / "foretaste-gate").iterdir()}
    assert made == {"junit.xml", "gate.sarif", "summary.md", "decision.json", "run.json"}
    assert "decision" in json.loads((tmp_path / "foretaste-gate" / "run.json").read_text())


def test_a_plan_that_cannot_be_read_decides_nothing_and_fails(tmp_path: Path) -> None:
    done = github(tmp_path, plan="none.yaml")

    assert (done.code, done.outputs["ruling"]) == (2, "nothing decided")


def test_the_action_may_let_not_enough_evidence_pass_with_a_warning(tmp_path: Path) -> None:
    repository(tmp_path, 3)
    done = github(tmp_path, **{"on-not-enough-evidence": "pass-with-warning"})

    assert (done.code, done.outputs["exit-code"]) == (0, "3")
    assert "::warning" in done.said


@pytest.mark.parametrize("code", [1, 2, 4])
def test_nothing_else_passes_with_a_warning(code: int, tmp_path: Path) -> None:
    answer = yaml.safe_load(ACTION.read_text())["runs"]["steps"][-1]["run"]
    given = {"CODE": str(code), "RULING": "x", "ON_NOT_ENOUGH_EVIDENCE": "pass-with-warning"}

    assert bash(tmp_path, answer, **given).returncode == code
    assert bash(tmp_path, answer, **given | {"CODE": ""}).returncode == 4


@pytest.mark.parametrize("code", [2, 3])
def test_the_gitlab_job_keeps_the_exit_code(code: int, tmp_path: Path) -> None:
    repository(tmp_path, code)
    job = gitlab_jobs()["foretaste"]
    done = bash(tmp_path, "\n".join(job["before_script"] + job["script"]), **job["variables"])

    assert done.returncode == code, done.stderr
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).exists() is (code != 2)


def test_gitlab_shows_code_3_alone_as_a_warning() -> None:
    strict, lenient = (
        gitlab_jobs(**{"on-not-enough-evidence": chosen})
        for chosen in ("fail", "pass-with-warning")
    )

    assert strict[strict["foretaste"]["extends"]]["allow_failure"] is False
    assert lenient[lenient["foretaste"]["extends"]]["allow_failure"] == {"exit_codes": [3]}


def test_the_templates_are_what_their_makers_schemas_allow() -> None:
    for name, given in (
        ("github-actions", yaml.safe_load(ACTION.read_text())),
        ("github-workflows", json.loads(json.dumps(yaml.load(WORKFLOW.read_text(), OnIsAKey)))),
        ("gitlab-ci", gitlab_jobs()),
        ("gitlab-ci", yaml.safe_load(TEMPLATE.read_text().split("\n---\n")[0])),
    ):
        against = schema(name)
        jsonschema.validators.validator_for(against)(against).validate(given)


class OnIsAKey(yaml.SafeLoader):
    """YAML 1.2's booleans, as GitHub reads them: `on` is a word."""


OnIsAKey.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
