"""Write the reference pages from the code they describe: `python docs/reference/generate.py`.

`tests/unit/docs/test_reference.py` says when a page no longer is what this makes.
"""

import inspect
import json
import textwrap
from pathlib import Path
from typing import Any

import click
from plan_page import plan_page
from tables import MADE, table

from foretaste.adapters.behaviors import load_behavior, shipped
from foretaste.cli import VERBS, app
from foretaste.schema import card_schema, plan_schema

HERE = Path(__file__).parent
CLI = """\
# The command line

Results go to standard output, progress to standard error. `--json` prints a result whole, for
programs. Set `FORETASTE_CACHE` to keep downloads elsewhere, `FORETASTE_SCRUB_KEY` to
give the key of stand-ins; a model's key comes from the variable that the plan names.

## Exit codes
"""
CODES = (
    ("0", "done; a gate passes"),
    ("1", "a gate holds: a limit is broken"),
    ("2", "the plan or the call is wrong, a log cannot be read, or a seal is broken"),
    ("3", "not enough evidence"),
    ("4", "the machine failed: no model answers, the folder is not writable, the budget is spent"),
    ("130", "interrupted; the same command goes on from there"),
)
BEHAVIORS = """\
# Behaviors

{all} come with Foretaste: {ruled} are decided by a rule and cost nothing, {judged} need a judge
model (`judge:` in the plan). Each file says what counts, what does not, and what its rule cannot
see: read it before you trust a rate. [Write your own](../howto/own-behavior.md).
"""


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "cli.md": _cli(),
        "plan.md": plan_page(),
        "behaviors.md": _behaviors(),
        "plan.schema.json": _schema(plan_schema()),
        "card.schema.json": _schema(card_schema()),
    }


def _schema(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _cli() -> str:
    context = click.Context(app, info_name="foretaste")
    parts = [MADE + CLI, table(("code", "meaning"), CODES)]
    for verb in VERBS:
        command = app.get_command(context, verb)
        if isinstance(command, click.Group):
            parts += [f"## {verb}\n", f"{inspect.cleandoc(command.help or '')}\n"]
            for name, inner in command.commands.items():
                parts += _verb(f"{verb} {name}", inner, "###")
        elif command is not None:
            parts += _verb(verb, command)
    return "\n".join(parts)


def _verb(verb: str, command: click.Command, heading: str = "##") -> list[str]:
    called = ["foretaste", verb]
    rows: list[tuple[str, ...]] = []
    for each in command.params:
        if isinstance(each, click.Argument):
            name = each.metavar or str(each.name).upper()
            called.append(name if each.required else f"[{name}]")
        elif isinstance(each, click.Option):
            value = "" if each.is_flag else f" {(each.metavar or each.type.name).upper()}"
            said = (each.help or "") + (" Required." if each.required else "")
            if isinstance(each.default, str):
                said += f" Default: `{each.default}`."
            rows.append((f"`{', '.join(each.opts)}{value}`", said))
    usage = f"```text\n{' '.join(called)} [OPTIONS]\n```\n"
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    about = "\n\n".join(textwrap.fill(" ".join(each.split()), 100) for each in paragraphs)
    return [f"{heading} {verb}\n", usage, about + "\n", table(("option", "meaning"), rows)]


def _behaviors() -> str:
    rows = [
        (
            f"[`{each.name}`](../../src/foretaste/behaviors/{each.name}.md)",
            each.description,
            each.kind,
            "a judge" if each.grader.get("use", "rubric") in ("rubric", "yes-no") else "a rule",
        )
        for each in map(load_behavior, shipped())
    ]
    ruled = sum(row[3] == "a rule" for row in rows)
    head = BEHAVIORS.format(all=len(rows), ruled=ruled, judged=len(rows) - ruled)
    return "\n".join([MADE + head, table(("behavior", "what it is", "kind", "decided by"), rows)])


if __name__ == "__main__":
    for file, text in pages().items():
        (HERE / file).write_text(text, "utf-8")
