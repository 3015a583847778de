"""The two lists of the import dialog: the first examples, and the lines that were not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from rnnviz.view.importing.words import ROLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.view.look import Look

ROW = 26


class ExampleTable(QTableWidget):
    """Rows with their line in the file; Tab leaves it, arrows scroll it."""

    def __init__(self, *, look: Look, name: str, tip: str) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)

    def fill(self, heads: Sequence[str], lines: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
        """Show ``rows``; the first column is the line of the file."""
        heads = [ROLE_NAMES.get(head, head) for head in heads]
        self.clear()
        self.setRowCount(len(rows))
        self.setColumnCount(len(heads) + 1)
        self.setHorizontalHeaderLabels(["Line", *heads])
        for place, (line, cells) in enumerate(zip(lines, rows, strict=True)):
            number = QTableWidgetItem(f"{line:,}")
            number.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(place, 0, number)
            for column, cell in enumerate(cells, 1):
                self.setItem(place, column, QTableWidgetItem(shown(cell)))
        self.verticalHeader().setDefaultSectionSize(self._look.ipx(ROW))
        self._share_width([max((len(row[index]) for row in rows), default=0) for index in range(len(heads))])

    def _share_width(self, longest: Sequence[int]) -> None:
        """The longest column takes what the others leave."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if longest:
            header.setSectionResizeMode(1 + longest.index(max(longest)), QHeaderView.ResizeMode.Stretch)

    def head(self) -> list[str]:
        """The names above the columns."""
        return [item.text() for index in range(self.columnCount()) if (item := self.horizontalHeaderItem(index))]

    def cells(self, row: int) -> list[str]:
        """The texts of one row."""
        return [item.text() for index in range(self.columnCount()) if (item := self.item(row, index))]


def shown(cell: str) -> str:
    """A cell without what cannot be drawn on one line."""
    return "".join(sign if sign.isprintable() else "␣" if sign.isspace() else "�" for sign in cell)


def style(look: Look) -> str:
    """The style of both tables, from the tokens."""
    theme, px = look.theme, look.ipx
    return f"""
QTableWidget {{ background: {theme.panel.name()}; color: {theme.ink.name()}; border: 1px solid {theme.line2.name()};
    border-radius: {px(5)}px; outline: 0; selection-background-color: {theme.raised.name()};
    selection-color: {theme.ink.name()}; }}
QTableWidget:focus {{ border: 2px solid {theme.ink.name()}; }}
QTableWidget::item {{ padding: 0 {px(8)}px; border: 0; }}
QHeaderView, QHeaderView::section {{ background: {theme.raised.name()}; color: {theme.ink2.name()}; border: 0; }}
QHeaderView::section {{ padding: {px(4)}px {px(8)}px; }}
"""
