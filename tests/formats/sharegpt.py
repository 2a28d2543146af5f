"""ShareGPT, one record a line or one array."""

from typing import Any

from formats.case import Case
from formats.writing import as_array, as_lines


def record(n: int) -> dict[str, Any]:
    said = [{"from": "human", "value": f"q{n}"}, {"from": "gpt", "value": f"é{n}"}]
    return {"id": f"k{n}", "conversations": said, "metadata": {"draw": n % 2}}


FIELDS = ("conversations", "id", "model", "metadata", "system")
CASES = {
    "sharegpt": Case("sharegpt", record, as_lines, FIELDS),
    "sharegpt array": Case("sharegpt", record, as_array, FIELDS),
}
