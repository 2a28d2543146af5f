"""Environments for the tests of tools: a shop over JSON, one over SQLite, one that goes wrong."""

import sqlite3
import sys
from typing import Any

STOCK: dict[str, Any] = {
    "items": {"tea": {"left": 3, "price": 4}, "milk": {"left": 1, "price": 2}},
    "sold": [],
}


class Shop:
    """Two tools over a mapping."""

    fee = 1

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def look(self, item: str) -> Any:
        return self.state["items"][item]

    def buy(self, item: str, count: int = 1) -> str:
        if self.state["items"][item]["left"] < count:
            raise ValueError(f"only {self.state['items'][item]['left']} left")
        self.state["items"][item]["left"] -= count
        self.state["sold"].append(item)
        return f"{count} {item} bought"

    @staticmethod
    def tables() -> int:
        return 0

    def _secret(self) -> str:
        return "secret"


class Ledger:
    """Two tools over a SQLite file."""

    def __init__(self, state: str) -> None:
        self.path = state

    def write(self, text: str) -> None:
        with sqlite3.connect(self.path) as rows:
            rows.execute("INSERT INTO notes VALUES (?)", (text,))
        rows.close()

    def count(self) -> int:
        rows = sqlite3.connect(self.path)
        (found,) = rows.execute("SELECT COUNT(*) FROM notes").fetchone()
        rows.close()
        return int(found)


class Broken(dict[str, Any]):
    """Tools that go wrong in every way; as a mapping it has methods that are no tools."""

    def leave(self) -> None:
        sys.exit("gone")

    def silent(self) -> None:
        raise AssertionError

    def raw(self) -> bytes:
        return b"\x00"

    def half(self) -> str:
        return "\ud800"


class Unbuilt:
    """Cannot be made of its state."""

    def __init__(self, state: Any) -> None:
        raise RuntimeError("no such table")

    def clear(self) -> None:
        """Never reached."""


def function(state: Any) -> None:
    """No class."""
