"""tau2-bench results, as its runner dumps them, and simulations each on a line."""

import json
from typing import Any

from formats.case import Case
from formats.writing import as_lines

INFO = {
    "git_commit": "abc",
    "num_trials": 1,
    "max_steps": 100,
    "user_info": {"implementation": "user_simulator", "llm": "u"},
    "agent_info": {"implementation": "llm_agent", "llm": "m", "llm_args": {"temperature": 0.0}},
    "environment_info": {"domain_name": "airline", "policy": "Be kind.", "tool_defs": None},
    "seed": 300,
}


def record(n: int) -> dict[str, Any]:
    return {
        "id": f"k{n}",
        "task_id": f"{n}",
        "start_time": "2025-06-05T12:00:00.000000",
        "end_time": "2025-06-05T12:01:00.000000",
        "duration": 60.0,
        "termination_reason": "user_stop",
        "agent_cost": 0.1,
        "user_cost": 0.1,
        "reward_info": {"reward": 1.0},
        "messages": [
            {"role": "user", "content": f"q{n}", "tool_calls": None, "turn_idx": 0},
            {"role": "assistant", "content": f"é{n}", "tool_calls": None, "turn_idx": 1},
        ],
        "trial": 0,
        "seed": 7,
    }


def as_results(simulations: list[dict[str, Any]]) -> bytes:
    tasks = [{"id": "0", "user_scenario": {"instructions": "Fly."}}]
    results = {"timestamp": None, "info": INFO, "tasks": tasks, "simulations": simulations}
    return json.dumps(results, indent=4, ensure_ascii=False).encode()


FIELDS = ("id", "task_id", "messages", "reward_info", "termination_reason", "start_time", "seed")
CASES = {
    "tau2-bench": Case("tau2-bench", record, as_results, FIELDS, tagged=False),
    "tau2-bench lines": Case("tau2-bench", record, as_lines, FIELDS, tagged=False),
}
