"""tau-bench, one trial a line or one array."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    said = [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"é{n}"}]
    return {"task_id": f"k{n}", "reward": 1.0, "info": {"draw": n % 2}, "traj": said}


FIELDS = ("task_id", "traj", "info", "reward", "trial")
CASES = {
    "tau-bench": Case("tau-bench", record, as_lines, FIELDS),
    "tau-bench array": Case("tau-bench", record, as_array, FIELDS),
}
