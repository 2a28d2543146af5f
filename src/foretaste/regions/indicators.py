"""Which rows show what: a sparse matrix of 0 and 1, and how many users show each."""

from array import array
from collections.abc import Hashable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

Codes = npt.NDArray[np.intp]
Shown = TypeVar("Shown", bound=Hashable)


class Indicators(NamedTuple, Generic[Shown]):
    """Rows, and a column for each thing that enough of them show."""

    columns: tuple[Shown, ...]
    rows: Any  # SciPy CSR of float32, 1 where a row shows the column's thing
    seen: int  # things that any row shows


def indicators(rows: Iterable[Iterable[Shown]], least: int) -> Indicators[Shown]:
    """Go through rows once; a number is kept of each thing that a row shows.

    Columns stand in the order of their names: a row's things may come in any order, as a set's do,
    which is another in every process.

    Args:
        rows: the things that each row shows, none of them twice.
        least: rows that must show a thing for it to get a column.
    """
    known: dict[Shown, int] = {}
    shown, ends = array("i"), array("q", [0])
    for row in rows:
        shown.extend(known.setdefault(each, len(known)) for each in row)
        ends.append(len(shown))
    cells = np.frombuffer(shown, dtype=np.intc) if shown else np.zeros(0, dtype=np.intc)
    enough = np.bincount(cells, minlength=len(known)) >= least
    kept = enough[cells] if len(cells) else np.zeros(0, dtype=bool)
    names = list(known)
    order = sorted(np.flatnonzero(enough).tolist(), key=lambda place: str(names[place]))
    places = np.zeros(len(names), dtype=np.intc)
    places[order] = np.arange(len(order), dtype=np.intc)
    count = np.concatenate(([0], np.cumsum(kept)))
    found = sparse.csr_matrix(
        (
            np.ones(int(count[-1]), dtype=np.float32),
            places[cells[kept]],
            count[np.frombuffer(ends, dtype=np.int64)],
        ),
        shape=(len(ends) - 1, int(enough.sum())),
    )
    found.sort_indices()
    return Indicators(tuple(names[place] for place in order), found, len(names))


def by_user(rows: Any, user: Codes) -> Any:
    """Sums over each user's rows: a SciPy CSR matrix, users x columns.

    Args:
        rows: a SciPy CSR matrix.
        user: of each row; codes that are not used give rows of zeros.
    """
    ones = np.ones(len(user), dtype=np.float32)
    shape = (int(user.max(initial=-1)) + 1, len(user))
    return sparse.csr_matrix((ones, (user, np.arange(len(user)))), shape=shape) @ rows


def users_of(rows: Any, user: Codes) -> Codes:
    """How many users have a cell other than zero in each column."""
    summed = by_user(abs(rows), user)
    return np.bincount(summed.indices, minlength=rows.shape[1])
