"""SWE-agent's trajectories, several in an array."""

import json
from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    call = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    step = {
        "action": "ls",
        "observation": "a.py",
        "response": f"é{n}",
        "thought": f"é{n}",
        "state": {},
        "execution_time": 0.1,
        "query": [{"role": "user", "content": f"q{n}"}],
        "extra_info": {},
    }
    history = [
        {"role": "user", "content": f"q{n}", "agent": "main", "message_type": "observation"},
        {
            "role": "assistant",
            "content": f"é{n}",
            "thought": f"é{n}",
            "action": "ls",
            "agent": "main",
            "tool_calls": [call],
            "message_type": "action",
        },
        {"role": "tool", "content": "a.py", "tool_call_ids": ["c1"], "agent": "main"},
    ]
    config = {
        "agent": {"model": {"name": "m", "temperature": 0.0}},
        "problem_statement": {"id": f"k{n}"},
    }
    return {
        "trajectory": [step],
        "history": history,
        "info": {"exit_status": "submitted", "model_stats": {"api_calls": 1}},
        "replay_config": json.dumps(config),
        "environment": "main",
    }


FIELDS = ("trajectory", "history", "info", "replay_config", "environment")
CASES = {
    "swe-agent": Case("swe-agent", record, as_array, FIELDS, tagged=False),
    "swe-agent lines": Case("swe-agent", record, as_lines, FIELDS, tagged=False),
}
