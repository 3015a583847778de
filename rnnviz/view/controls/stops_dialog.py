"""Which stops a remote control makes in presenter mode: one check box each, kept with the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.tick_box import TickBox
from rnnviz.view.panels import form

if TYPE_CHECKING:
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look

HINT = "Page Down and Page Up go from stop to stop, the arrow keys step by step. A short text has fewer stops."


class StopsDialog(QDialog):
    """Opened, never run in a loop of its own; every click counts at once."""

    def __init__(self, *, names: dict[str, str], settings: Settings, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Presenter stops")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(8)
        column.addWidget(form.label("Stops of the remote control", strong=True))
        column.addWidget(form.label(HINT, quiet=True))
        self.boxes = {name: self._box(name, text, look) for name, text in names.items()}
        for box in self.boxes.values():
            column.addWidget(box)
        column.addLayout(self._buttons(look))
        self.setMinimumWidth(look.ipx(380))

    def _box(self, name: str, text: str, look: Look) -> TickBox:
        box = TickBox(text, look=look)
        box.setChecked(name not in self._settings.view.skipped_stops)
        box.setToolTip("Checked: the remote stops here.\nUnchecked: it goes on to the next.")
        box.clicked.connect(self.on_clicked)
        return box

    def _buttons(self, look: Look) -> QHBoxLayout:
        self.every = Button(look=look, text="All stops", height=30)
        self.every.setToolTip("Check every stop.\nThis is how it was at first.")
        self.every.clicked.connect(self.on_all)
        self.done_button = Button(look=look, text="Done", kind="primary", height=30)
        self.done_button.setToolTip("Close this list.\nWhat is checked already counts.")
        self.done_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(self.every)
        row.addStretch(1)
        row.addWidget(self.done_button)
        return row

    @Slot()
    def on_clicked(self) -> None:
        """Keep what is unchecked."""
        self._settings.update_view(skipped_stops=[name for name, box in self.boxes.items() if not box.isChecked()])

    @Slot()
    def on_all(self) -> None:
        """All of them again."""
        for box in self.boxes.values():
            box.setChecked(True)
        self.on_clicked()
