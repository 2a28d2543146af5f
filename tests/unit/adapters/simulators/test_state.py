import gc
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from foretaste.adapters.simulators.environment import Environment
from foretaste.adapters.simulators.state import read_state
from foretaste.errors import PlanError
from unit.adapters.simulators.asking import asked
from unit.rows import prefix


class Owner:
    """Whoever holds a copy."""


def database(folder: Path) -> Path:
    file = folder / "notes.db"
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("CREATE TABLE notes (text TEXT)")
    return file


def test_a_folder_of_json_files_is_a_mapping_by_file_name(tmp_path: Path) -> None:
    for name, table in {"users": {"a": 1}, "orders": [2]}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(table))
    (tmp_path / "README.md").write_text("no table")

    assert read_state(str(tmp_path))(Owner()) == {"users": {"a": 1}, "orders": [2]}


@pytest.mark.parametrize("state", [{"users": {}}, {"": 1}, [1, 2], {}])
def test_a_json_file_may_hold_anything(tmp_path: Path, state: object) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state))

    assert read_state(str(file))(Owner()) == state


def test_copies_share_nothing(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text('{"a": {"b": [1]}}')
    read = read_state(str(tmp_path))
    one, other = read(Owner()), read(Owner())
    one["users"]["a"]["b"].append(2)

    assert other == {"users": {"a": {"b": [1]}}}


def test_sessions_over_sqlite_have_a_file_each(tmp_path: Path) -> None:
    file = database(tmp_path)
    before = file.read_bytes()
    tools = Environment(tools="unit.adapters.simulators.shops:Ledger", state=str(file))
    one, other = (tools(prefix()) for _ in range(2))

    assert asked(one, "write", text="x") == "null"
    assert (asked(one, "count"), asked(other, "count")) == ("1", "0")
    assert file.read_bytes() == before


def test_a_copied_file_goes_with_the_session_that_owned_it(tmp_path: Path) -> None:
    owner = Owner()
    copy = Path(read_state(str(database(tmp_path)))(owner))
    assert copy.exists()
    del owner
    gc.collect()

    assert not copy.parent.exists()


def test_a_state_that_cannot_be_read_is_a_wrong_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"holds no \.json file"):
        read_state(str(tmp_path))
    (tmp_path / "users.json").write_text("{")
    for place in (tmp_path, tmp_path / "users.json"):
        with pytest.raises(PlanError, match=r"users\.json' is neither JSON nor SQLite"):
            read_state(str(place))
    with pytest.raises(PlanError, match="cannot be read: No such file"):
        read_state(str(tmp_path / "absent"))


def test_a_database_with_rows_outside_its_file_is_refused(tmp_path: Path) -> None:
    file = database(tmp_path)
    file.with_name("notes.db-wal").write_bytes(b"rows")

    with pytest.raises(PlanError, match=r"notes\.db-wal holds newer rows"):
        read_state(str(file))
