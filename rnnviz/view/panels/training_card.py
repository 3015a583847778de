"""The training card: the curves of the run and the map of its gradient, with snapshots to scrub through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout

from rnnviz.view.facts import score_words
from rnnviz.view.look import number, significant
from rnnviz.view.loss_words import baseline_title, loss_title
from rnnviz.view.numbers import NumbersDialog, as_text
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.training_curves import LEFT_AXIS, TrainingCurves
from rnnviz.view.panels.training_history import HistoryMap
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QPaintEvent

    from rnnviz.view.look import Look

REDRAW_EVERY = 50  # ms: at most 20 redraws a second, however fast the training is
SCRUB_EVERY = 60  # ms between snapshot requests while dragging


class _Chip(QAbstractButton):
    """The chip "viewing step 32 ×": it says that the window shows a snapshot, and goes back to the newest weights."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("The whole window shows the network of that training step. Click or press Esc for the newest.")

    def sizeHint(self) -> QSize:
        """Text and some air."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + round(self._look.px(18)), round(self._look.px(22)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Panel letters on ink, as all that is chosen."""
        del event
        theme = self._look.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.line2, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.ink)
            radius = self.height() / 2 - 1
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
            painter.setFont(self._look.font("small"))
            painter.setPen(theme.panel)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class TrainingCard(Panel):
    """Loss, accuracy, gradient norm per training step and the history map; dragging shows old snapshots."""

    topics = ("history",)

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._wanted: int | None = None
        self._redraw = QTimer(self, interval=REDRAW_EVERY, singleShot=True)
        self._scrub = QTimer(self, interval=SCRUB_EVERY, singleShot=True)
        self._build()
        self._connect()

    def _build(self) -> None:
        look = self.look
        self._title, self._status, self._chip = QLabel("Training"), QLabel(), _Chip(look=look)
        self._chip.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._status, 1000)
        self._status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self._chip)
        self.curves = TrainingCurves(look=look, begin=self._show_curves)
        self.history = HistoryMap(session=self.session, look=look, left=LEFT_AXIS)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(16, 10, 16, 10)
        self._rows.setSpacing(6)
        self._rows.addLayout(head)
        self._rows.addWidget(self.curves, 6)
        self._rows.addWidget(self.history, 4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._restyle()

    def _connect(self) -> None:
        session = self.session
        for fact in (session.training_changed, session.history_changed, session.run_changed):
            fact.connect(self._soon)
        session.time_step_changed.connect(self._follow_cursor)
        self.look.changed.connect(self._restyle)
        self._redraw.timeout.connect(self.on_redraw)
        self._scrub.timeout.connect(self._send_scrub)
        self._chip.clicked.connect(self.show_newest)
        for view in (self.curves, self.history):
            view.scrubbed.connect(self._view_step)

    def _curves_height(self) -> int:
        plots = 3 if self.session.task is not None and self.session.task.has_accuracy else 2
        return round(self.look.px(40 + 48 * plots))

    def sizeHint(self) -> QSize:
        """Curves and map one above the other."""
        return QSize(round(self.look.px(344)), round(self.look.px(430)))

    # ---- drawing ----------------------------------------------------------------------------

    @Slot()
    def _soon(self) -> None:
        if self.isVisible() and not self._redraw.isActive():
            self._redraw.start()

    @Slot()
    def _follow_cursor(self) -> None:
        """Only the map shows the time step."""
        if self.isVisible():
            self.history.turn.ask()

    @Slot()
    def on_redraw(self) -> None:
        """Curves and map are drawn in turns of their own; a hidden card does nothing."""
        if self.isVisible():
            self.curves.turn.ask()
            self.history.turn.ask()

    def refresh(self) -> None:
        """Draw the newest record at once; a hidden card does nothing."""
        if self.isVisible():
            self._show_curves()
            self.history.update()

    def _show_curves(self) -> None:
        record, viewing = self.session.training, self.session.viewing_step
        self.curves.setMinimumHeight(self._curves_height())
        self.curves.name_loss(loss_title(self.session), baseline_title(self.session))
        self.curves.show_record(record, viewing)
        self._status.setText(self._fitting_words())
        self._status.setToolTip(self.status_words())
        self._status.setVisible(viewing is None)
        self._chip.setVisible(viewing is not None)
        if viewing is not None:
            self._chip.setText(f"viewing step {viewing}  ×")
            self._chip.setAccessibleName(f"Viewing training step {viewing}; press for the newest")
            self._chip.updateGeometry()
        self.setAccessibleDescription(self.description())

    def status_words(self) -> str:
        """How far the run is."""
        return self._forms()[0]

    def _forms(self) -> tuple[str, ...]:
        """What the head may say, the longest first."""
        record = self.session.training
        clipped = f", {record.clipped} clipped" if record.clipped else ""
        scores, steps = score_words(self.session), f"{record.step} step{'s' * (record.step != 1)}"
        if not scores:
            return f"{steps} so far{clipped}", steps
        return f"{steps}{clipped}: {scores}", f"{steps}: {scores}", scores, steps

    def _fitting_words(self) -> str:
        margins, width = self._rows.contentsMargins(), self._status.fontMetrics().horizontalAdvance
        room = self.width() - margins.left() - margins.right() - self._title.sizeHint().width() - self.look.px(8)
        return next((words for words in self._forms() if width(words) <= room), self._forms()[-1])

    @Slot()
    def _restyle(self) -> None:
        theme, look = self.look.theme, self.look
        self._title.setFont(look.font("strong"))
        self._status.setFont(look.font("small"))
        self._chip.setFont(look.font("small"))
        for label, colour in ((self._title, theme.ink), (self._status, theme.ink2)):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), colour)
            label.setPalette(palette)
        self._soon()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper and the hairline above."""
        del event
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.look.theme.panel)
            painter.setPen(QPen(self.look.theme.line, 1))
            painter.drawLine(0, 0, self.width(), 0)

    # ---- acts -------------------------------------------------------------------------------

    @Slot(int)
    def _view_step(self, step: int) -> None:
        self._wanted = min(step, self.session.training.step)
        if not self._scrub.isActive():
            self._send_scrub()

    @Slot()
    def _send_scrub(self) -> None:
        if self._wanted is not None and self._wanted != self.session.viewing_step:
            self.session.view_training_step(self._wanted)
            self._scrub.start()
        self._wanted = None

    @Slot()
    def show_newest(self) -> None:
        """Leave the snapshot and show the newest weights."""
        self.session.view_training_step(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the numbers as a table, copy them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show curves as table", self.show_table)
        menu.addAction("Copy numbers", self.copy_numbers)
        menu.addAction("Show gradient map as table", self.show_history_table)
        menu.popup(event.globalPos())

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a training step."""
        record = self.session.training
        rows = zip(
            record.steps.tolist(), record.losses.tolist(), record.accuracies.tolist(), record.gradient_norms.tolist(),
            strict=True,
        )  # fmt: skip
        titles = ["training step", "loss", "accuracy", "gradient norm"]
        return titles, [
            [str(int(s)), number(x, 4), percent_text(a) if a == a else "", significant(g)] for s, x, a, g in rows
        ]

    @Slot()
    def show_table(self) -> None:
        """The curves' numbers in a window of their own."""
        titles, rows = self.table()
        NumbersDialog(title="Training", titles=titles, rows=rows, parent=self.window()).show()

    @Slot()
    def show_history_table(self) -> None:
        """The map's numbers in a window of their own."""
        titles, rows = self.history.table()
        NumbersDialog(title="Gradient while training", titles=titles, rows=rows, parent=self.window()).show()

    @Slot()
    def copy_numbers(self) -> None:
        """Put the curves' numbers on the clipboard."""
        QGuiApplication.clipboard().setText(as_text(*self.table()))

    def description(self) -> str:
        """The run in one sentence."""
        record = self.session.training
        loss = "no loss yet" if record.loss is None else f"loss {number(record.loss, 3)}"
        accuracy = "" if record.accuracy is None else f", accuracy {percent_text(record.accuracy)}"
        return f"{self.status_words()}, {loss}{accuracy}; {baseline_title(self.session)} {number(record.baseline)}."


ENTRY = PanelEntry(
    key="training", title="Training", area="card", shortcut="Ctrl+T", icon="curve", factory=TrainingCard,
    opens_with="train",
)  # fmt: skip
