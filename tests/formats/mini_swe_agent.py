"""mini-SWE-agent's trajectories, several in an array."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    model = {"model_name": "m", "model_kwargs": {"temperature": 0.0, "drop_params": True}}
    return {
        "info": {
            "exit_status": "Submitted",
            "submission": "",
            "model_stats": {"instance_cost": 0.1, "api_calls": 1},
            "mini_version": "1.14.0",
            "config": {"agent": {"step_limit": 0}, "model": model},
        },
        "messages": [
            {"role": "user", "content": f"q{n}"},
            {"role": "assistant", "content": f"é{n}\n\n```bash\nls -a\n```"},
            {"role": "user", "content": "<returncode>0</returncode>\n<output>\na.py\n</output>"},
        ],
        "trajectory_format": "mini-swe-agent-1",
        "instance_id": f"k{n}",
    }


FIELDS = ("info", "messages", "trajectory_format", "instance_id")
CASES = {
    "mini-swe-agent": Case("mini-swe-agent", record, as_array, FIELDS, tagged=False),
    "mini-swe-agent lines": Case("mini-swe-agent", record, as_lines, FIELDS, tagged=False),
}
