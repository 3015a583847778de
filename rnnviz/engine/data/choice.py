"""What the user decides about a file: which column is which, whether the first row names the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from rnnviz.engine.data.problems import LONGEST_QUOTE, quoted
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence


ENCODINGS = (
    *("utf-8", "utf-16-le", "utf-16-be", "windows-1250", "windows-1251", "windows-1252", "iso-8859-2", "koi8-r"),
    *("shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"),
)
"""What a user can choose where the encoding was not found out right."""
NAMED = 20
"""So many columns are named where one is not found."""


class DataChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``columns``: a column for each role, by name or as ``#2`` (or 2, where no column is called so).

    ``header``: whether the first row names the columns; None: found out. ``delimiter`` and ``encoding``: '' for found
    out.
    """

    columns: dict[str, str] = msgspec.field(default_factory=dict)
    header: bool | None = None
    delimiter: str = ""
    encoding: str = ""


def parse_columns(text: str) -> dict[str, str]:
    """The columns of ``sentence=review,label=stars``; SpecError says how it is written."""
    found: dict[str, str] = {}
    for part in text.split(","):
        role, sign, column = (piece.strip() for piece in part.partition("="))
        if not (role and sign and column):
            raise SpecError(f"{quoted(part)} names no column; write role=column, such as sentence=review,label=stars.")
        if role in found:
            raise SpecError(f"The column of {role} is given twice; give each role once.")
        found[role] = column
    return found


def place_of(column: str, columns: Sequence[str]) -> int:
    """The place (from 0) of a column that is given by name or number; SpecError names those there are."""
    if column in columns:
        return columns.index(column)
    folded = [name.casefold() for name in columns]
    if column.casefold() in folded:
        return folded.index(column.casefold())
    number = column.removeprefix("#")
    if number.isdecimal() and len(number) < 10 and 1 <= int(number) <= len(columns):
        return int(number) - 1
    raise no_column(column, columns)


def no_column(column: str, columns: Sequence[str]) -> SpecError:
    """What is said of a column that is not there."""
    more = f" … ({len(columns)} columns)" if len(columns) > NAMED else ""
    shown = ", ".join(name if len(name) <= LONGEST_QUOTE else f"{name[:LONGEST_QUOTE]}…" for name in columns[:NAMED])
    return SpecError(f"There is no column {quoted(column)}; choose one of {shown}{more}.")
