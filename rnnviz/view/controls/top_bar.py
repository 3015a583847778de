"""The top bar: brand, task, cell, units, training, readouts, device, Present, Find, More.

Which of them are there depends on the arrangement: five controls in the simple view, all of them
in a large window; what a small window leaves out is in More.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.engine.tasks.names import SENTENCES, TITLES
from rnnviz.view.controls.brand import Brand
from rnnviz.view.controls.buttons import CommandButton
from rnnviz.view.controls.choice import ChoiceButton
from rnnviz.view.controls.find_button import FindButton
from rnnviz.view.controls.readout import Readout
from rnnviz.view.controls.segment import SegmentSwitch
from rnnviz.view.controls.stepper import Stepper
from rnnviz.view.facts import held_out_words
from rnnviz.view.look import number
from rnnviz.view.loss_words import in_numbers

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.session.session import Session
    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.layout import Arrangement
    from rnnviz.view.look import Look

ANOTHER_TASK = "The task, or data of your own: another one makes a new network."
CELLS = (("elman", "Elman"), ("lstm", "LSTM"), ("gru", "GRU"))


class TopBar(QWidget):
    """Reads the session, triggers actions, computes nothing."""

    def __init__(self, *, session: Session, commands: CommandTable, look: Look) -> None:
        super().__init__()
        self._session, self._commands, self._look = session, commands, look
        self._arrangement: Arrangement | None = None
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        look, commands = self._look, self._commands
        self.brand = Brand(look=look, parent=self)
        tasks = [*(commands[f"task-{name}"] for name in TITLES), commands["open-data"], commands["settings"]]
        self.task = ChoiceButton(look=look, actions=tasks, name="Task", width=153, parent=self)
        self.cells = SegmentSwitch(look=look, choices=CELLS, width=223, name="Cell", parent=self)
        for key, _ in CELLS:
            self.cells.buttons[key].setToolTip(commands[f"cell-{key}"].toolTip())
        self.units = Stepper(
            look=look, fewer=commands["units-fewer"], more=commands["units-more"], width=138, parent=self
        )
        self.train = CommandButton(
            look=look, action=commands["train"], icon="play", kind="primary", width=92, parent=self
        )
        self.one_step = CommandButton(look=look, action=commands["train-one"], width=86, parent=self)
        self.reset = CommandButton(
            look=look, action=commands["reset"], icon="reset", show_text=False, width=36, parent=self
        )
        self.task.popup.setToolTipsVisible(True)
        self.step = Readout(look=look, width=128, parent=self)
        self.loss = Readout(look=look, width=112, parent=self)
        devices = [commands["settings"], commands["measure"]]
        self.device = ChoiceButton(
            look=look, actions=devices, name="Device", icon="chip", trailing="", kind="chip", parent=self
        )
        self.present = CommandButton(look=look, action=commands["presenter"], icon="present", width=99, parent=self)
        self.find = FindButton(look=look, action=commands["find"], parent=self)
        self.more = CommandButton(
            look=look, action=commands["more"], icon="more", show_text=False, width=36, parent=self
        )

    def _connect(self) -> None:
        session = self._session
        for signal in (session.run_changed, session.training_changed, session.engine_changed, session.devices_changed):
            signal.connect(self.refresh)
        self._look.changed.connect(self.place)
        self.cells.chosen.connect(self.on_cell_chosen)

    @Slot(str)
    def on_cell_chosen(self, cell: str) -> None:
        """A segment is the action of the same name."""
        self._commands[f"cell-{cell}"].trigger()
        # The window may ask before it makes a new network: show what is, not what was clicked.
        self.refresh()

    # ---- values ----------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show the newest values."""
        session = self._session
        self.cells.set_current(session.run.model.cell)
        self._show_task()
        units = session.run.model.hidden
        self.units.show_text(f"{units} unit{'s' if units != 1 else ''}")
        training = session.engine_state == "training"
        self.train.icon_name = "pause" if training else "play"
        self.train.update()
        self._show_numbers(training)
        device = session.training.device if session.training.step else session.run.training.device
        self.device.show_text(device.upper() if device != "auto" else "Auto")
        self.device.setToolTip(session.device_sentence or "The device that trains.\nMeasure says which one is faster.")

    def _show_task(self) -> None:
        """The title, and what the task teaches."""
        name, report = self._session.run.task.name, self._session.task
        sentence = report.sentence if report is not None and report.name == name else SENTENCES.get(name, "")
        self.task.show_text(TITLES.get(name, name))
        self.task.setToolTip(f"{sentence}\n{ANOTHER_TASK}".strip())
        self.task.setAccessibleDescription(sentence)

    def _show_numbers(self, training: bool) -> None:
        record = self._session.training
        rate = f"{record.steps_per_second:,.0f} steps/s".replace(",", "\u2009") if record.steps_per_second else ""
        word = "training" if training else "paused" if record.step else "not trained"
        self.step.show_lines(
            f"step {record.step}", ", ".join(part for part in (word if not training else "", rate) if part)
        )
        loss = record.loss
        word = "baseline" if in_numbers(self._session) else "guessing"
        guess = f"{word}: {number(record.baseline, 3)}" if record.baseline else ""
        guess = held_out_words(self._session) or guess
        self.loss.show_lines(f"loss {number(loss, 3)}" if loss is not None else "loss \u2013", guess)
        task = self._session.task
        metric = task.metric.removeprefix("held-out ") if task is not None else "the metric of the task"
        tip = (
            "The loss is that of the newest training batch.\n"
            f"Held out: {metric}, on sequences kept apart from training or drawn afresh."
        )
        if tip != self.loss.toolTip():
            self.loss.setToolTip(tip)

    # ---- arrangement -----------------------------------------------------------------------

    def arrange(self, arrangement: Arrangement) -> None:
        """Show what the window's size and the simple view allow."""
        self._arrangement = arrangement
        simple, roomy = arrangement.simple, arrangement.roomy
        height = 38 if simple else 32
        self.cells.set_design_size(300 if simple else 223, height)
        self.train.set_design_size(height, 110 if simple else 92)
        self.more.set_design_size(height, 44 if simple else 36)
        for widget in (self.brand, self.cells):
            widget.setVisible(True)
        for widget in (self.task, self.step, self.loss, self.present, self.find):
            widget.setVisible(not simple)
        for widget in (self.units, self.one_step, self.reset, self.device):
            widget.setVisible(roomy and not simple)
        self.place()

    def sizeHint(self) -> QSize:
        """As high as the arrangement says."""
        return QSize(640, self._look.ipx(70 if self._arrangement and self._arrangement.simple else 56))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew."""
        super().resizeEvent(event)
        self.place()

    @Slot()
    def place(self) -> None:
        """Left group from the left, right group from the right; the simple view centres the cell switch."""
        if self._arrangement is None:
            return
        simple, roomy, px = self._arrangement.simple, self._arrangement.roomy, self._look.ipx
        self.setFixedHeight(self.sizeHint().height())
        middle = px(35) if simple else px(28)
        if simple:
            self._put(px(20), middle - px(3), ((self.brand, 0),))
            self._put((self.width() - self.cells.sizeHint().width()) // 2, middle, ((self.cells, 0),))
            self._put_right(self.width() - px(24), middle, ((self.more, 12), (self.train, 0)))
            return
        left = (
            (self.brand, 37),
            (self.task, 15),
            (self.cells, 16),
            (self.units, 40),
            (self.train, 7 if roomy else 20),
            (self.one_step, 7),
            (self.reset, 18),
            (self.step, 8),
            (self.loss, 0),
        )
        right = ((self.more, 8), (self.find, 10), (self.present, 10), (self.device, 0))
        self._make_room(px(20 + 16), (*left, *right))
        self._put(px(20), middle, left)
        self._put_right(self.width() - px(16), middle, right)

    def _make_room(self, margins: int, widgets: tuple[tuple[QWidget, int], ...]) -> None:
        """In large type not everything fits: what More offers too goes first, the choice of a cell last."""
        optional = (self.present, self.step, self.loss, self.find, self.brand, self.cells)
        px = self._look.ipx
        wide = {widget: widget.sizeHint().width() + px(gap) for widget, gap in widgets}
        shown = [widget for widget, _ in widgets if widget in optional or not widget.isHidden()]
        for widget in optional:
            fits = margins + sum(wide[each] for each in shown) <= self.width()
            if widget.isHidden() is fits:
                widget.setVisible(fits)
            if not fits:
                shown.remove(widget)

    def _put(self, x: int, middle: int, widgets: tuple[tuple[QWidget, int], ...]) -> None:
        for widget, gap in widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            widget.setGeometry(x, middle - size.height() // 2, size.width(), size.height())
            x += size.width() + self._look.ipx(gap)

    def _put_right(self, x: int, middle: int, widgets: tuple[tuple[QWidget, int], ...]) -> None:
        for widget, gap in widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            x -= size.width()
            widget.setGeometry(x, middle - size.height() // 2, size.width(), size.height())
            x -= self._look.ipx(gap)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper, the hairline below, and the divider before Train."""
        del event
        with QPainter(self) as painter:
            theme = self._look.theme
            painter.fillRect(self.rect(), theme.panel)
            if self._arrangement is None or self._arrangement.simple:
                return
            painter.setPen(QPen(theme.line, 1))
            painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
            if not self.units.isHidden():
                x = self.units.geometry().right() + self._look.px(21)
                painter.drawLine(QPointF(x, self._look.px(18)), QPointF(x, self._look.px(38)))
