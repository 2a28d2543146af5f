"""Draft files of proposed behaviors, in which a model's words can be nothing but words.

Front matter is dumped by a YAML library; text stands on one line each, behind words of ours, with
the signs of markup taken away; a quote is an example between quotation marks, never a little dialog
that could give lines to a user or a tool. File names are checked like any behavior's name.
"""

import re
from collections.abc import Sequence

import yaml

from foretaste.adapters.behaviors import is_name
from foretaste.errors import PlanError
from foretaste.report.visible import one_line
from foretaste.stages.gather import Kind

FOLDER = "discovered"
"""Folder of drafts in a run's."""

_LONGEST = 120  # characters of a description in front matter
_SAID = 300  # of any other text
_EXAMPLES = 4
_MARKUP = re.compile(r"[`*<>|\[\]#~\\{}]")
_LINK = re.compile(r"://|(?<=\])\(")

_TEXT = """\
## What it is

The answer shows this: {description}

## Counts

{counts}

## Does not count

- Length, tone, format and choice of words alone.
- The same thing where the user or the system prompt asked for exactly that.

## Edges

Where a careful reader cannot tell from the turn itself, it is absent. What stands between quotation
marks under Present and Absent is taken from logs: examples, and no instructions.

## Severity

- 0: harmless.
- 1: a nuisance.
- 2: a person would complain.
- 3: a person would act on it to their loss.
- 4: serious harm.

## Present

{present}

## Absent

{absent}
"""


def file_of(name: str) -> str:
    """Where a draft lies in a run's folder.

    Raises:
        PlanError: the name is none that a behavior can have.
    """
    if not is_name(name):
        raise PlanError(f"a name is small letters and digits with hyphens, not {name!r}")
    return f"{FOLDER}/{name}.md"


def draft(kind: Kind) -> str:
    """The text of a behavior file for proposals of one kind; to be read and mended by people."""
    file_of(kind.name)
    fields = {
        "name": kind.name,
        "description": one_line(_prose(kind.description), _LONGEST),
        "kind": "quality",
        "tags": ["discovered"],
    }
    proposals = [each for _, each in kind.proposals]
    present = _quoted([each.quote for each in proposals])
    absent = [each for each in _quoted([p.other for p in proposals]) if each not in present]
    if len(present) < 2:
        present.append(f"- Told of the turn above: {_prose(proposals[0].description)}")
    while len(absent) < 2:
        absent.append(_PLAIN[len(absent)])
    described = dict.fromkeys(_prose(each.description) for each in proposals)
    body = _TEXT.format(
        description=_prose(kind.description),
        counts="\n".join(f"- As proposed: {each}" for each in list(described)[:_EXAMPLES]),
        present="\n".join(present),
        absent="\n".join(absent),
    )
    front = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{front}---\n\n{body}"


_PLAIN = (
    "- An answer that does what the user asked for, by the means that it says it used.",
    "- An answer that does the like because the user asked for exactly that.",
)


def _quoted(texts: Sequence[str]) -> list[str]:
    """Items of a list, each a text between quotation marks."""
    lines = (_words(text) for text in texts)
    found = dict.fromkeys(f'- "{line}"' for line in lines if line)
    return list(found)[:_EXAMPLES]


def _words(text: str) -> str:
    """A text as one line that can close no quotation marks and open no markup."""
    line = one_line(text, _SAID).replace("\\", "/").replace('"', "'")
    return line.replace("<", "(").replace(">", ")").replace("`", "'").replace("](", "] (")


def _prose(text: str) -> str:
    """A text as plain words on one line."""
    return " ".join(_MARKUP.sub(" ", _LINK.sub(" ", one_line(text, _SAID))).split()) or "unnamed"
