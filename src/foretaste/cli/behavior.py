"""`foretaste behavior`: behaviors of one's own."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from foretaste.adapters.behaviors import is_name
from foretaste.after.adoption import adopt as take
from foretaste.cli.tags import parse_tags
from foretaste.cli.terminal import keep, progress, say_json, show
from foretaste.errors import PlanError
from foretaste.report.visible import one_line, visible
from foretaste.runs.linting import Flaw
from foretaste.runs.linting import lint as flaws_of
from foretaste.runs.measuring import Measured, measure
from foretaste.runs.trying import Tried, bench, try_examples
from foretaste.stats.discrimination import Auc, Share

_FLAWED, _NOT_ENOUGH = 1, 3
_LONGEST = 160  # characters of an example on the screen

TEMPLATE = """\
---
name: {name}
description: The answer ...            # one line; what an answer does, not what it lacks
kind: quality                          # misalignment, disallowed, quality or style
tags: [chat]                           # words that a plan can take behaviors by: tag:chat
# applies: [tools]                     # turns it is defined for: tools, system, history, tag=value
# grader: {{use: rule, pattern: '...'}}  # left out: a judge reads this file
---

## What it is

What the answer does, in a sentence or two, so that two people who read it agree.

## Counts

- A thing that is it.

## Does not count

- A thing that looks like it and is not.

## Edges

The cases on which people will disagree, and how they are decided.

## Severity

- 0: harmless.
- 1: a nuisance.
- 2: a person would complain.
- 3: a person would act on it to their loss.
- 4: serious harm.

## Present

- User: What somebody asks. Answer: An answer that shows it.
- Answer: Another one, where the question does not matter.

## Absent

- User: What somebody asks. Answer: An answer that nearly shows it.
- Answer: Another one.
"""


@click.group()
def behavior() -> None:
    """Write a behavior of your own, check its file, and try its grader on labels."""


@behavior.command()
@click.argument("name")
@click.option("--output", "-o", help="File to write; NAME.md if left out.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the file's path as JSON.")
def new(name: str, *, output: str | None, force: bool, as_json: bool) -> None:
    """Write a commented file of a behavior."""
    if not is_name(name):
        raise PlanError(f"a name is small letters and digits with hyphens, not {name!r}")
    file = output or f"{name}.md"
    if Path(file).exists() and not force:
        raise PlanError(f"{file} exists; --force overwrites it")
    keep(file, TEMPLATE.format(name=name))
    if as_json:
        say_json({"behavior": name, "file": file})
        return
    show(Text(f"wrote {file}"), Text(f"next: foretaste behavior lint {file}"))


@behavior.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the flaws as JSON.")
def lint(files: tuple[str, ...], *, as_json: bool) -> int:
    """Say what is missing or unclear in files of behaviors; 1 if there is an error.

    A rule is tried on the file's own examples. No model is asked.
    """
    found = flaws_of(files)
    errors = sum(flaw.kind == "error" for flaw in found)
    if as_json:
        say_json({"files": files, "errors": errors, "flaws": [flaw._asdict() for flaw in found]})
        return _FLAWED if errors else 0
    show(*_flaws(found))
    many = "1 file" if len(files) == 1 else f"{len(files):,} files"
    show(Text(f"{many}: {errors:,} errors, {len(found) - errors:,} warnings"))
    return _FLAWED if errors else 0


@behavior.command()
@click.argument("path", metavar="RUN")
@click.argument("name")
@click.option("--to", "folder", default="behaviors", help="Folder to copy to. Default: behaviors.")
@click.option("--json", "as_json", is_flag=True, help="Print file, plan line and flaws as JSON.")
def adopt(path: str, name: str, *, folder: str, as_json: bool) -> int:
    """Copy a behavior that `discover` proposed into your own; 1 if its file has an error.

    Read and mend the file before you trust it: its words are a model's.
    """
    found = take(path, name, folder)
    errors = sum(flaw.kind == "error" for flaw in found.flaws)
    if as_json:
        flaws = [flaw._asdict() for flaw in found.flaws]
        say_json({"file": found.file, "line": found.line, "errors": errors, "flaws": flaws})
        return _FLAWED if errors else 0
    show(*_flaws(found.flaws))
    wrote = f"wrote {found.file}" if found.file else f"{name} comes with Foretaste"
    show(Text(visible(wrote)), Text(visible(f"add to the plan's behaviors: {found.line}")))
    return _FLAWED if errors else 0


def _flaws(found: list[Flaw]) -> list[Text]:
    style = {"error": "red", "warning": "yellow"}
    return [Text(visible(f"{f.file}: {f.kind}: {f.text}"), style[f.kind]) for f in found]


@behavior.command(name="test")
@click.argument("source", metavar="FILE|NAME")
@click.option("--labels", metavar="LOG", help="Hold it against a log whose records carry labels.")
@click.option("--label", "called", help="The labels' name, where it is not the behavior's.")
@click.option("--format", "use", help="The log's format; found by content if left out.")
@click.option("--where", multiple=True, help="Keep only records with this tag: name=value.")
@click.option("--judge", metavar="MODEL", help="Who grades what no rule decides: openai/gpt-x.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def test(
    source: str,
    *,
    labels: str | None,
    called: str | None,
    use: str | None,
    where: tuple[str, ...],
    judge: str | None,
    as_json: bool,
) -> int:
    """Try a behavior's grader on its examples and, with --labels, on turns that people labelled.

    1 if an example is judged wrongly, 3 if there are too few labels. Beside the AUC stands that of
    the answer's length alone: a grader that does no better has learned nothing else. Turns are
    scrubbed before they are graded, as in a run. Ungraded turns are counted, and in no figure.
    """
    on = bench(source, judge)
    with progress() as watch:
        tried = try_examples(on, watch)
        held = None
        if labels is not None:
            tags = parse_tags(where)
            held = measure(on, labels, use=use, called=called, where=tags, watch=watch)
    wrong = [each for each in tried if not each.is_right]
    if as_json:
        about = {"behavior": on.behavior.name, "version": on.behavior.version}
        found = {"examples": _examples(tried), **(_figures(held) if held else {})}
        say_json({**about, "grader": on.grader.fingerprint, **found})
    else:
        show(Text(f"examples: {len(tried) - len(wrong)} of {len(tried)} judged as the file says"))
        for each in wrong:
            said = f"{each.said}, not {_wanted(each)}: {each.example.text}"
            show(Text(f"  {one_line(said, _LONGEST)}", "red"))
        if held is not None:
            show(_table(held), *_notes(held))
    if wrong:
        return _FLAWED
    lacking = held.lacking if held is not None else not tried
    return _NOT_ENOUGH if lacking else 0


def _wanted(tried: Tried) -> str:
    return "present" if tried.example.present else "absent"


def _examples(tried: list[Tried]) -> dict[str, Any]:
    wrong = [
        {"text": each.example.text, "wanted": _wanted(each), "said": each.said}
        for each in tried
        if not each.is_right
    ]
    return {"n": len(tried), "right": len(tried) - len(wrong), "wrong": wrong}


def _figures(held: Measured) -> dict[str, Any]:
    right, length = held.accuracy, held.length
    return {
        "n": held.graded,
        "present": held.present,
        "absent": held.absent,
        **_figure("auc", held.auc and held.auc.auc, held.auc),
        **_figure("sensitivity", right and right.sensitivity.share, right and right.sensitivity),
        **_figure("specificity", right and right.specificity.share, right and right.specificity),
        "length_only": length
        and {**_figure("auc", length.auc.auc, length.auc), "longer": length.longer},
        "auc_of": "score" if held.scored else "verdict",
        "ungraded": held.ungraded,
        "outside": held.outside,
        "left_out": held.left_out,
        "lacking": held.lacking,
    }


def _figure(name: str, value: float | None, found: Auc | Share | None) -> dict[str, Any]:
    return {name: value, f"{name}_interval": found and [found.lower, found.upper]}


def _table(held: Measured) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    what = "score" if held.scored else "verdicts: the grader gives no score"
    table.add_row("labelled", f"{held.present:,} present, {held.absent:,} absent")
    table.add_row("AUC", f"{_area(held.auc)} of the {what}")
    length = held.length
    way = "" if length is None else f", {'longer' if length.longer else 'shorter'} is likelier"
    table.add_row("AUC of length", f"{_area(length and length.auc)}{way}")
    right = held.accuracy
    table.add_row("sensitivity", _share(right and right.sensitivity))
    table.add_row("specificity", _share(right and right.specificity))
    return table


def _area(found: Auc | None) -> str:
    if found is None:
        return "not enough evidence"
    return f"{found.auc:.3f} [{found.lower:.3f} to {found.upper:.3f}]"


def _share(found: Share | None) -> str:
    if found is None:
        return "not enough evidence"
    limits = f"[{found.lower:.3f} to {found.upper:.3f}]"
    return f"{found.share:.3f} {limits} ({found.right:,} of {found.of:,})"


def _notes(held: Measured) -> list[Text]:
    rows = [(f"ungraded: {why}", count) for why, count in held.ungraded.items()]
    rows += [(f"left out: {why}", count) for why, count in held.left_out.items()]
    if held.outside:
        rows.append(("outside: the behavior is not defined for the turn", held.outside))
    return [Text(visible(f"{count:,} {why}"), "dim") for why, count in rows]
