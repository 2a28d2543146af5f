"""`foretaste init`: a commented plan, fitted to a log."""

import json
from pathlib import Path

import click
from rich.text import Text

from foretaste.cli.terminal import say_json, show
from foretaste.errors import PlanError
from foretaste.outlook import Scanned
from foretaste.outlook import scan as read
from foretaste.planfile import load_plan

SIZE = 1000
MOST_STRATA = 20  # values of a tag that is worth drawing by
MANY_TURNS = 3  # turns per user from which a cap is worth it


@click.command()
@click.argument("log")
@click.option("--output", "-o", default="foretaste.yaml", show_default=True, help="File to write.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the file's path and plan as JSON.")
def init(log: str, *, output: str, use: str | None, force: bool, as_json: bool) -> None:
    """Write a commented foretaste.yaml fitted to a log."""
    target = Path(output)
    if target.exists() and not force:
        raise PlanError(f"{output} exists; --force overwrites it")
    found = read(log, use=use)
    path = log if log == "-" or Path(log).is_absolute() else _relative(log, target)
    target.write_text(plan_text(path, found), "utf-8")
    plan = load_plan(target)
    if as_json:
        say_json({"plan": output, "filled": plan.filled()})
        return
    show(
        Text(f"wrote {output}"),
        Text(f"next: foretaste plan {output}   (what it costs and can show; sends nothing)"),
        Text(f"      foretaste run {output}"),
    )


def _relative(log: str, target: Path) -> str:
    """The log's path as seen from the plan's folder, where that is possible."""
    absolute = Path(log).absolute()
    folder = target.absolute().parent
    return str(absolute.relative_to(folder)) if absolute.is_relative_to(folder) else str(absolute)


def plan_text(path: str, found: Scanned) -> str:
    """The plan's text. What comes from the log is quoted: it is data, never YAML."""
    log = found.log
    production = next((name for name in log.models if name != "unknown"), None)
    size = min(SIZE, log.assistant_turns)
    cap = "  per_user: 5               # so that no single user decides a rate\n"
    users = log.users
    capped = users is not None and log.assistant_turns > MANY_TURNS * users
    strata = [tag for tag, values in log.tags.items() if 1 < values.distinct <= MOST_STRATA]
    window = (
        f"# The log spans {log.since:%Y-%m-%d} to {log.until:%Y-%m-%d}. To take a part of it:\n"
        if log.since and log.until
        else "# The log has no times, so no window can be taken.\n"
    )
    lacks = ", ".join(log.gaps) or "nothing that a replay needs"
    return f"""\
# foretaste.yaml: replay what production really saw, and forecast what a new model will do.
# Every key and option: foretaste schema
seed: 1
log: {{use: {found.format}, path: {_quoted(path)}}}
# {log.conversations:,} conversations, {log.assistant_turns:,} turns to replay. It lacks: {lacks}.
{window}# window: {{since: 2026-10-01, until: 2026-11-01}}

sample:
  unit: turn                # turn, conversation (one turn of each) or final (its last turn)
  size: {size}
{cap if capped else "# " + cap.strip() + chr(10)}\
# strata: {_quoted(strata or ["tag"])}    # draw in proportion to these tags

# The model in production, replayed: without it, how faithful the replay is stays unknown.
# It gets production's own system prompt, tools and settings from the log.
incumbent: {{use: embedded, model: smollm2, settings: {{max_tokens: 128}}}}
# incumbent: {{use: openai, model: {_quoted(production or "current")}, key_from: OPENAI_API_KEY}}

# The model that may be released. A small one runs in this process, with no key and no server
# (foretaste models --install smollm2); it is a stand-in: put yours in its place.
candidate: {{use: embedded, model: smollm2, settings: {{temperature: 1.2, max_tokens: 128}}}}
# candidate: {{use: openai, model: next, base_url: "http://127.0.0.1:8000/v1", key_from: MY_KEY}}
# candidate: {{use: recorded, path: answers.jsonl}}   # answers made elsewhere

# A model that grades what no rule can decide (sycophancy, fabricated facts, sandbagging, ...):
# judge: {{use: openai, model: a-strong-model, key_from: OPENAI_API_KEY}}

forecast: {{turns: 1000000}}   # production turns after release that the forecast is for
budget: {{usd: 20}}            # the run stops before it costs more
# behaviors:                 # left out: all that can be graded but tag:disallowed-content
#   - refusal
#   - {{name: ai-self-disclosure, limit: {{per_100k: 500}}}}
#   - {{name: unasked-deletion, definition: unasked-deletion.md, limit: {{increase: 1.5}}}}
"""


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)
