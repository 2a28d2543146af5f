"""The shape that the code keeps."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from stats_alone import TESTS as STATISTICS
from stats_alone import passes

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "src" / "foretaste"
UNIT = REPOSITORY / "tests" / "unit"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((REPOSITORY / "tests").rglob("*.py"))
LONGEST = 300
DRAWERS = {"utils", "util", "helpers", "common", "base", "core", "manager", "misc", "shared"}

# Modules that are tested through others, and where.
ELSEWHERE = {
    "__main__.py": "runs `cli.main`, which tests/unit/cli/test_cli.py calls in a process",
    "backtests.py": "values without behavior",
    "vetted.py": "values without behavior",
    "adapters/graders/verbal_phrases.py": "test_verbal_detectors.py says every one of them",
    "adapters/graders/instructions.py": "test_rubric.py reads them, tests/injections holds them",
    "runs/answering.py": "tests/unit/test_pipeline.py and tests/stories/test_a_killed_run.py",
    "runs/screening.py": "tests/stories/test_a_screened_judge.py runs and resumes it",
    "screenings.py": "values without behavior",
    "stages/screen.py": "the same story measures with it; test_a_screen_that_learns.py draws",
    "stages/difference.py": "the same story compares lanes with it",
    "report/screened.py": "the same story reads the report",
    "runs/conclusion.py": "tests/unit/test_pipeline.py, test_release.py and tests/stories",
    "runs/sources.py": "tests/unit/runs/test_assembly.py builds every part",
    "runs/tooling.py": "the same",
    "recording/serving.py": "recording/test_proxy.py serves every test with it",
    "runs/histories.py": "tests/unit/test_rehearsal.py hands over every kind",
    "runs/watch.py": "types, and two functions that do nothing",
    "errors.py": "a tree of names; test_plan.py and test_registry.py hold its one message",
    "findings.py": "values without behavior",
    "discoveries.py": "values without behavior",
    "pairs.py": "values without behavior",
    "cards.py": "values without behavior",
    "report/card/beside.py": "after/test_carding.py scores forecasts with it",
    "report/card/findings.py": "report/card/test_section.py draws every part of it",
    "after/stated.py": "after/test_carding.py finds a card in every kind of file with it",
    "cli/card.py": "tests/unit/after/test_carding.py calls it",
    "forecasts.py": "values without behavior",
    "methods.py": "tests/unit/stages/test_forecast.py and test_backtest.py make every method",
    "planfile.py": "tests/unit/test_plan.py loads every plan through it",
    "usable.py": "tests/unit/test_pipeline.py loses no failure through it",
    "training.py": "the same; tests/unit/adapters/graders/screens trains",
    "protocols.py": "ports without behavior; tests/contracts holds every plug-in to them",
    "records.py": "values; ids are held in tests/contracts and tests/unit/stages/test_sample.py",
    **{
        f"cli/{verb}.py": "tests/unit/cli/test_cli.py calls it"
        for verb in (
            *("bridge", "gate", "init", "ledger", "models", "plan", "report", "run", "scan"),
            *("schema", "seal"),
        )
    },
    "after/desk.py": "tests/unit/after/test_review.py and tests/browser/test_review.py sit at it",
    "runs/reviewing.py": "the same",
    "cli/review.py": "the same",
    "cli/mcp.py": "tests/unit/toolserver/test_server.py and test_serving.py start it",
    "toolserver/asking.py": "test_telling.py holds every schema; test_server.py asks every one",
    "toolserver/reading.py": "test_server.py reads runs through it",
    "toolserver/shapes.py": "values without behavior",
    "toolserver/trying.py": "test_server.py replays and compares through it",
    "toolserver/verbs.py": "the same calls every verb",
    "toolserver/work.py": "the same reports, spends and is called off through it",
    "web/review.py": "tests/browser/test_review.py opens every page",
    "web/serving.py": "the same",
    "stages/rectify.py": "tests/stories/test_people_correct_a_screened_judge.py",
    "stages/review.py": "after/test_review.py; tests/stories/test_people_correct_a_judge.py",
    "transitions.py": "tests/unit/stages/test_backtest.py cuts every lane",
    "cli/simulator.py": "tests/stories/test_simulator_score.py and test_cli.py call it",
    "cli/demo.py": "the demo wants a model's weights; tests/unit/demo holds its parts",
    "demo/show.py": "the same",
    "cli/terminal.py": "tests/unit/cli/test_cli.py reads both streams",
    "cli/screen.py": "tests/unit/after/test_schooling.py calls it",
    "cli/validate.py": "tests/unit/cli/test_cli.py calls it",
    "adapters/prices.py": "one call of an optional library; test_outlook.py holds both outcomes",
    "adapters/readers/codex_session.py": "test_codex.py reads every line through it",
    "adapters/readers/responses_call.py": "test_openai_responses.py reads every record through it",
    "adapters/readers/openai_spellings.py": "test_openai_chat.py reads every spelling",
    "adapters/readers/events.py": "the same, and test_openai_responses.py",
    "adapters/readers/claude_code/entries.py": "claude_code/test_reader.py reads every kind",
    "adapters/readers/claude_code/transcript.py": "the same",
    "adapters/readers/claude_code/tree.py": "the same",
    "dialects/anthropic_call.py": "test_anthropic_messages.py",
    "dialects/anthropic_stream.py": "the same",
    "adapters/readers/langfuse_rows.py": "test_langfuse.py reads every kind of row",
    "adapters/readers/langsmith_runs.py": "test_langsmith.py reads every kind of row",
    "adapters/readers/parquet_own.py": "tests/contracts/test_writers.py reads all that was written",
    "dialects/said.py": "a tuple that every dialect's tests look into",
    "dialects/openai_shapes.py": "shapes that test_openai_chat.py reads",
    "dialects/openai.py": "the same; test_openai_chat.py reads every one",
    "adapters/readers/traces/conversations.py": "test_otel_genai.py, test_openinference.py",
    "adapters/readers/traces/dialects.py": "the same",
    "adapters/readers/traces/envelope.py": "the same, and tests/contracts damage every envelope",
    "adapters/readers/traces/exchange.py": "values; traces/test_genai.py reads into them",
    "adapters/readers/traces/openinference.py": "test_openinference.py reads every attribute",
    "adapters/readers/traces/steps.py": "test_otel_genai.py holds what spans say of each other",
    "adapters/readers/inspect_samples.py": "test_inspect_eval.py reads every kind of sample",
    "adapters/readers/files/frames.py": "test_compression.py and test_archives.py unpack with it",
    "adapters/simulators/workspace/desk.py": "test_claude_code.py works on it",
    "adapters/simulators/workspace/dialects.py": "a table; test_simulator.py asks every tool of it",
    "adapters/simulators/workspace/edits.py": "test_claude_code.py, test_editor.py",
    "adapters/simulators/entering.py": "test_layered.py and test_model.py enter and leave with it",
    "adapters/simulators/mcplink.py": "test_connector.py speaks to a real server through it",
    "adapters/simulators/pipes.py": "the same",
    "adapters/stores/documents.py": "tests/unit/adapters/stores/test_files.py",
    "adapters/stores/folder.py": "tests/unit/adapters/stores/test_files.py",
    "adapters/stores/recovery.py": "tests/unit/adapters/stores/test_crash.py and test_files.py",
    "adapters/models/chat.py": "tests/unit/adapters/models/test_openai.py",
    "adapters/scrubbers/key.py": "tests/unit/cli/test_cli.py runs it in a process of its own",
}


def mirror(module: Path) -> Path:
    """Where the tests of a module are; a package's own are named like the package."""
    place = module.relative_to(PACKAGE)
    if place.name == "__init__.py":
        package = place.parent.name or "package"
        return UNIT / place.parent / f"test_{package}.py"
    return UNIT / place.parent / f"test_{place.name}"


def is_bare(module: Path) -> bool:
    """Whether a file holds nothing but its docstring."""
    return module.name == "__init__.py" and len(module.read_text().splitlines()) <= 5


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short_and_named_by_what_it_holds(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= LONGEST
    assert module.stem not in DRAWERS
    assert module.parent.name not in DRAWERS


def test_every_module_has_its_mirror_or_a_reason() -> None:
    bare = [module for module in MODULES if not is_bare(module)]

    alone = {str(m.relative_to(PACKAGE)) for m in bare if not mirror(m).exists()}
    assert alone == set(ELSEWHERE)


def test_every_mirror_has_its_module() -> None:
    modules = {mirror(module) for module in MODULES}
    stray = {str(test.relative_to(UNIT)) for test in UNIT.rglob("test_*.py") if test not in modules}

    # They hold several modules together, a file of data, or the pages for users.
    assert stray <= {
        "adapters/graders/test_shipped_patterns.py",
        "adapters/scrubbers/test_draws.py",
        "adapters/stores/test_crash.py",
        "data/test_sample_log.py",
        "docs/test_blocks.py",
        "docs/test_docs.py",
        "docs/test_guide.py",
        "docs/test_reference.py",
        "docs/test_site.py",
        "docs/test_tutorial.py",
    }


def test_imports_keep_to_their_layers() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_statistics_need_numpy_and_scipy_only() -> None:
    # `make check` runs all of their tests in that environment.
    assert passes(STATISTICS / "test_stats.py")


def test_nothing_inside_imports_from_the_package_s_root() -> None:
    rooted = [
        str(module.relative_to(PACKAGE))
        for module in MODULES
        for line in module.read_text().splitlines()
        if line.strip().startswith(("from foretaste import", "import foretaste\n"))
    ]

    assert rooted == []


def test_only_the_engine_and_users_tools_may_fail_in_any_way() -> None:
    wide = re.compile(r"except \(?(Exception|BaseException:)")
    broad = {str(m.relative_to(PACKAGE)) for m in MODULES if wide.search(m.read_text())}

    assert broad <= {
        "adapters/engines/local.py",
        "adapters/simulators/environment.py",
        "adapters/simulators/functions.py",
    }


def test_no_test_is_left_out_of_the_measure() -> None:
    marks = ("pragma: no " + "cover", "TO" + "DO", "NotImplemented" + "Error")

    for path in (*MODULES, *TESTS):
        assert not any(mark in path.read_text() for mark in marks), path
