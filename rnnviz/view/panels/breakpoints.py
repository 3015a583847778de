"""The Breakpoints tab: conditions at which playing stops, one line each, and a line to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view.controls.buttons import Button
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry

if TYPE_CHECKING:
    from rnnviz.session.playback import Playback

KINDS = (("loss", "loss C_t"), ("unit", "|h_t| of the unit"), ("gradient", "gradient norm"), ("token", "token is"))
OPERATORS = ((">", ">"), ("<", "<"))
HINT = "Playing stops at the first step where one of these holds."


class BreakpointsPanel(Panel):
    """Lists, adds and removes the playback's breakpoints."""

    needs = ("playback",)

    def __init__(self, *, playback: Playback, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.playback = playback
        self._build()
        self.kind.activated.connect(self.on_kind)
        self.value.returnPressed.connect(self.on_add)
        self.add.clicked.connect(self.on_add)
        playback.breakpoints_changed.connect(self.on_fact)
        self.on_kind()

    def _build(self) -> None:
        self.kind = form.choice(KINDS, "What is compared.\nA unit is the selected one.")
        self.operator = form.choice(OPERATORS, "Above or below.\nNaN never stops.")
        self.value = QLineEdit("1")
        self.value.setAccessibleName("Value")
        self.value.setToolTip("The number to compare with, or the token.\nEnter adds the breakpoint.")
        self.add = Button(look=self.look, text="Stop there", height=28)
        self.add.setToolTip("Add this breakpoint.\nPlaying stops where it holds.")
        self.problem = form.label("")
        self.problem.setProperty("error", "true")
        self.problem.hide()
        line = QHBoxLayout()
        for widget, stretch in ((self.kind, 3), (self.operator, 1), (self.value, 2)):
            line.addWidget(widget, stretch)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        column.addWidget(form.label(HINT, quiet=True))
        column.addLayout(line)
        column.addWidget(self.add)
        column.addWidget(self.problem)
        column.addLayout(self._list)
        column.addStretch(1)

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    @Slot()
    def on_kind(self) -> None:
        """A token is only equal or not."""
        self.operator.setEnabled(self.kind.currentData() != "token")

    def refresh(self) -> None:
        """List the breakpoints."""
        while item := self._list.takeAt(0):
            if item.widget() is not None:
                item.widget().deleteLater()
        for breakpoint_ in self.playback.breakpoints:
            self._list.addWidget(_Line(self, breakpoint_))

    @Slot()
    def on_add(self) -> None:
        """Add what the line says; what is no number is named."""
        kind, text = self.kind.currentData(), self.value.text().strip()
        condition: Breakpoint | None = None
        if kind == "token":
            condition = Breakpoint("token", "=", text or " ")
        else:
            try:
                condition = Breakpoint(kind, self.operator.currentData(), float(text), max(0, self.session.unit))
            except ValueError:
                self.problem.setText(f"{text!r} is not a number; give one such as 0.5.")
        self.problem.setVisible(condition is None)
        if condition is not None:
            self.playback.add_breakpoint(condition)


class _Line(QWidget):
    """One breakpoint with its remove button."""

    def __init__(self, panel: BreakpointsPanel, condition: Breakpoint) -> None:
        super().__init__(panel)
        self._playback, self._condition = panel.playback, condition
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(form.label(str(condition)), 1)
        remove = Button(look=panel.look, icon="close", kind="quiet", height=26)
        remove.setToolTip("Remove this breakpoint.\nPlaying no longer stops there.")
        remove.setAccessibleName(f"Remove {condition}")
        remove.clicked.connect(self.on_remove)
        row.addWidget(remove)

    @Slot()
    def on_remove(self) -> None:
        """Take the breakpoint away."""
        self._playback.remove_breakpoint(self._condition)


ENTRY = PanelEntry("breakpoints", "Breakpoints", "side", "Ctrl+Shift+B", "breakpoint", BreakpointsPanel)
