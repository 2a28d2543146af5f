"""What lies on the stage before a page is played: a log, and what the pages name beside it."""

import json
import shutil
from pathlib import Path
from typing import Any

from stories.own_history import chatgpt, history
from unit.docs.pages import ROOT
from unit.docs.stage import Stage

PLAN = """\
log: {path: my-log.jsonl}
sample: {unit: turn, size: 40}
incumbent: openai/current
candidate: openai/next
judge: openai/a-strong-model
store: {use: files, path: runs/prepared}
behaviors:
  - {name: refusal, limit: {increase: 1.5}}
  - {name: ai-self-disclosure, limit: {per_100k: 500}}
  - sycophancy
"""
PLAN_OF = """\
log: {{path: {log}.jsonl}}
sample: {{size: 20}}
candidate: {{use: recorded, path: {log}.jsonl}}
store: {{use: files, path: runs/{name}}}
behaviors: [refusal, asks-back, list-format]
"""


def _labelled(log: list[str]) -> str:
    """A log with a verdict of a person on every last turn; a quarter of them refuse."""
    made = []
    for number, line in enumerate(log):
        record = json.loads(line)
        shows = number % 4 == 0
        said = [message for message in record["messages"] if message["role"] == "assistant"][-1]
        if shows:
            said["content"] = "I'm sorry, but I can't help you with that request."
        value = "present" if shows else "absent"
        record |= {"user": f"u{number}", "metadata": {"conversation_id": f"c{number}"}}
        record["verdicts"] = dict.fromkeys(("refusal", "sycophancy", "unasked-discount"), value)
        made.append(json.dumps(record) + "\n")
    return "".join(made)


def _session(number: int) -> str:
    """A session of Claude Code, of one turn."""
    at = f"2026-11-{number + 1:02}T10:00:00Z"
    about: dict[str, Any] = {"sessionId": f"s{number}", "isSidechain": False, "timestamp": at}
    asked = {"role": "user", "content": f"What does test number {number} check?"}
    text = [{"type": "text", "text": f"Test {number} checks that a boat floats."}]
    said = {"id": f"m{number}", "role": "assistant", "model": "old", "content": text}
    lines: list[dict[str, Any]] = [
        {"type": "user", "uuid": f"u{number}", "parentUuid": None, "message": asked},
        {"type": "assistant", "uuid": f"a{number}", "parentUuid": f"u{number}", "message": said},
    ]
    return "".join(json.dumps(about | line) + "\n" for line in lines)


def bare(folder: Path, url: str) -> Stage:
    """A stage with the sample log and its parts, and nothing else."""
    stage = Stage(folder, url)
    (folder / "home").mkdir()
    _logs(stage, _sample())
    return stage


def _sample() -> list[str]:
    log = ROOT / "src" / "foretaste" / "data" / "sample.jsonl"
    return log.read_text("utf-8").splitlines(keepends=True)


def _logs(stage: Stage, log: list[str]) -> None:
    late = log[-(len(log) // 3) :]
    for name, lines in (("my-log", log), ("before", log[: -len(late)]), ("after", late)):
        stage.write(f"{name}.jsonl", "".join(lines))
    stage.write("november.jsonl", "".join(late))


def prepared(folder: Path, url: str) -> Stage:
    """The stage before any page: files, and one finished run."""
    stage = bare(folder, url)
    log = _sample()
    _logs(stage, log[:42])  # a reader's log is longer, and takes longer
    months = {"january": log[:20], "april": log[20:40], "june": log[40:60]}
    for number, (name, lines) in enumerate(months.items()):
        released = "".join(lines).replace("harbor-1", f"harbor-{number}")
        for folder_of in ("logs", "hard"):
            stage.write(f"{folder_of}/{name}.jsonl", released)
    for name in ("labelled", "labelled-log"):
        stage.write(f"{name}.jsonl", _labelled(log))
    for name, read in (("october", "before"), ("november", "after")):
        stage.write(f"{name}.yaml", PLAN_OF.format(name=name, log=read))
    for number in range(6):
        stage.write(f"home/.claude/projects/shop/s{number}.jsonl", _session(number))
    suite = (ROOT / "src/foretaste/data/synthetic.jsonl").read_text("utf-8").splitlines()[:12]
    stage.write("my-benchmark.jsonl", "".join(f"{line}\n" for line in suite))
    stage.write("export.jsonl", f"{log[0]}{{damaged\n")
    assert not stage.shell("git init --quiet").codes
    (folder / "chatgpt").mkdir()
    chatgpt(folder / "chatgpt", history())
    shutil.make_archive(str(folder / "export"), "zip", folder / "chatgpt")
    stage.write("prepared.yaml", PLAN)
    said = stage.shell("foretaste run prepared.yaml")
    assert said.codes <= {1, 3}, said.output
    drawn = stage.shell("foretaste review runs/prepared --behavior refusal --texts turns.jsonl")
    assert not drawn.codes, drawn.output
    turns = [json.loads(line) for line in (folder / "turns.jsonl").read_text().splitlines()]
    labels = [
        {"rollout": turn["rollout"], "annotator": "ann", "value": "absent"}
        | {"item": turn["rollout"], "behavior": "refusal", "present": False}
        for turn in turns
    ]
    stage.write("labels.jsonl", "".join(json.dumps(label) + "\n" for label in labels))
    return stage
