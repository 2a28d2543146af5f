"""What is in the wheel works by itself: `python tests/wheel.py dist/foretaste-*.whl`.

The wheel is unpacked into an empty folder and used from there, so that a file which only the
source tree holds is missed here and not by a user.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECK = """
import foretaste, sys
from pathlib import Path
from foretaste.adapters.behaviors import load_behavior, shipped
from importlib.resources import files
root = Path(foretaste.__file__).parent
assert str(root).startswith(sys.argv[1]), root
assert len([load_behavior(name) for name in shipped()]) >= 15
for name in ("py.typed", "data/sample.jsonl", "data/synthetic.jsonl"):
    assert (files("foretaste") / name).is_file(), name
assert (files("foretaste") / "report/templates/report.html.j2").is_file()
assert foretaste.scan(str(root / "data" / "sample.jsonl")).log.conversations == 120
plan = {
    "log": {"path": str(root / "data" / "sample.jsonl")},
    "sample": {"size": 40},
    "candidate": {"use": "scripted", "default": "As an AI, I cannot do that."},
    "store": {"use": "files", "path": sys.argv[2]},
}
path, study = foretaste.run(plan)
refusal = [each for each in study.sealed.forecasts if each.behavior == "refusal"]
assert {each.method: each.rate for each in refusal}["direct"] > 0.9
assert {each.method: each.rate for each in refusal}["hierarchical"] > 0.5
assert (Path(path) / "report.html").stat().st_size > 20_000
print("the wheel works by itself")
"""


def main() -> None:
    """Unpack the wheel and use it."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder).resolve() / "site"
        with zipfile.ZipFile(sys.argv[1]) as wheel:
            wheel.extractall(where)
        environment = {**os.environ, "PYTHONPATH": str(where), "FORETASTE_SCRUB_KEY": "test"}
        command = [sys.executable, "-P", "-c", CHECK, str(where), str(Path(folder) / "run")]
        subprocess.run(command, check=True, cwd=folder, env=environment)


if __name__ == "__main__":
    main()
