"""The training curves in a window of their own: zoom, pan, read off, as a table, as a file.

The card beside the stage shows a curve live; here it is examined. pyqtgraph draws it, and is imported (0.65 s)
when the window is first opened.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnnviz.session.values import Notice
from rnnviz.view.controls.buttons import Button
from rnnviz.view.look import significant
from rnnviz.view.loss_words import baseline_title, loss_title
from rnnviz.view.panels import form

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QShowEvent

    from rnnviz.session.session import Session
    from rnnviz.session.values import TrainingRecord
    from rnnviz.view.look import Look

REFRESH_MS = 500
TABLE_ROWS = 2000
TITLES = ("training step", "loss", "accuracy", "gradient norm")
HINT = "Drag moves, the wheel zooms, a double click shows everything."


class _NormAxis(pg.AxisItem):
    """A logarithmic axis with numbers at 1, 2 and 5 times a power of ten, or at the powers alone."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Where the numbers stand, as log10."""
        del size
        between = (0.0, np.log10(2), np.log10(5)) if high - low < 2.5 else (0.0,)
        stride = max(1, round((high - low) / 5))
        powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        places = [power + part for power in powers if power % stride == 0 for part in between]
        return [(1.0, [place for place in places if low <= place <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers as everywhere else in the window."""
        del scale, spacing
        return [significant(10.0**value, 1) for value in values]


class CurvesWindow(QDialog):
    """Loss, accuracy and gradient norm over training steps, with one common horizontal axis."""

    def __init__(self, *, session: Session, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._look = session, look
        self.setWindowTitle("Training curves")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(look.ipx(900), look.ipx(620))
        self._whole = True
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_MS)
        self._build()
        self._later.timeout.connect(self.refresh)
        session.training_changed.connect(self.on_training_changed)
        look.changed.connect(self.restyle)
        self.restyle()

    # ---- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.view = pg.GraphicsLayoutWidget()
        self.view.setAccessibleName("Training curves: loss, accuracy, gradient norm")
        self.loss = self._plot(0, "loss, nats")
        self.accuracy = self._plot(1, "accuracy")
        self.norm = self._plot(2, "gradient norm", log=True)
        self.norm.setLabel("bottom", "training step")
        for plot in (self.accuracy, self.norm):
            plot.setXLink(self.loss)
        self.guess = pg.InfiniteLine(angle=0, movable=False, label="", labelOpts={"position": 0.9, "movable": False})
        self.loss.addItem(self.guess, ignoreBounds=True)
        self.table = QTableWidget(0, len(TITLES))
        self.table.setHorizontalHeaderLabels(TITLES)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName("Training curves as a table")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.table)
        self.readout = form.label(HINT, quiet=True)
        column = QVBoxLayout(self)
        column.addWidget(self.pages, 1)
        column.addLayout(self._buttons())
        # A proxy would live longer than the plots; the scene's own signal goes with it.
        self.view.scene().sigMouseMoved.connect(self.on_mouse_moved)
        self.view.scene().sigMouseClicked.connect(self.on_clicked)

    def _plot(self, row: int, title: str, *, log: bool = False) -> pg.PlotItem:
        plot = self.view.addPlot(row=row, col=0, axisItems={"left": _NormAxis("left")} if log else {})
        plot.setLogMode(y=log)
        plot.setLabel("left", title)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        axis = plot.getAxis("left")
        axis.setWidth(64)
        axis.enableAutoSIPrefix(False)
        plot.setClipToView(True)
        plot.setDownsampling(auto=True, mode="peak")
        plot.vb.sigRangeChangedManually.connect(self.on_zoomed)
        return plot

    def _buttons(self) -> QHBoxLayout:
        self.whole = self._button("Everything", "Show the whole curve again.\nZoom and place are forgotten.")
        self.whole.clicked.connect(self.show_everything)
        self.as_table = self._button("Show as table", "The same numbers as rows.\nScreen readers can read them.")
        self.as_table.setCheckable(True)
        self.as_table.clicked.connect(self.on_table)
        self.save = self._button("Save as CSV…", "Write all points into a file.\nOther programs can read it.")
        self.save.clicked.connect(self.ask_where)
        row = QHBoxLayout()
        row.addWidget(self.readout, 1)
        for button in (self.whole, self.as_table, self.save):
            row.addWidget(button)
        return row

    def _button(self, text: str, tip: str) -> Button:
        button = Button(look=self._look, text=text, height=30)
        button.setToolTip(tip)
        return button

    @Slot()
    def restyle(self) -> None:
        """Colours and type of the theme."""
        theme, look = self._look.theme, self._look
        self.view.setBackground(theme.panel)
        for plot, colour in ((self.loss, theme.ink), (self.accuracy, theme.prob), (self.norm, theme.grad)):
            for name in ("left", "bottom"):
                axis = plot.getAxis(name)
                axis.setPen(pg.mkPen(theme.line2))
                axis.setTextPen(pg.mkPen(theme.ink2))
                axis.setTickFont(look.font("tick"))
                axis.label.setFont(look.font("label"))
            plot.showGrid(x=True, y=True, alpha=0.15)
            plot.clear()
            plot.curve = plot.plot(pen=pg.mkPen(colour, width=1), connect="finite")
        self.loss.addItem(self.guess, ignoreBounds=True)
        self.guess.setPen(pg.mkPen(theme.ink2, style=Qt.PenStyle.DashLine))
        self.guess.label.setColor(theme.ink2)
        self.refresh()

    # ---- values ----------------------------------------------------------------------------

    @Slot()
    def on_training_changed(self) -> None:
        """At most two pictures a second: this window is for looking closely, the card for looking live."""
        if self.isVisible() and not self._later.isActive():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Hidden it does nothing."""
        super().hideEvent(event)
        self._later.stop()

    @Slot()
    def refresh(self) -> None:
        """Show the newest record."""
        record = self._session.training
        task = self._session.task
        self.accuracy.setVisible(task is not None and task.has_accuracy)
        self.guess.setValue(record.baseline)
        self.loss.setLabel("left", loss_title(self._session))
        self.guess.label.setText(f"{baseline_title(self._session)}: {record.baseline_label}")
        self.guess.setVisible(record.baseline > 0)
        with np.errstate(divide="ignore"):
            positive = np.where(record.gradient_norms > 0, record.gradient_norms, np.nan)
        for plot, values in ((self.loss, record.losses), (self.accuracy, record.accuracies), (self.norm, positive)):
            plot.curve.setData(record.steps, np.where(np.isfinite(values), values, np.nan))
        if self._whole:
            self.show_everything()
        if self.as_table.isChecked():
            self._fill_table(record)

    def _fill_table(self, record: TrainingRecord) -> None:
        chosen = np.unique(np.linspace(0, len(record.steps) - 1, TABLE_ROWS).astype(int)) if len(record.steps) else []
        self.table.setRowCount(len(chosen))
        for row, index in enumerate(chosen):
            for place, text in enumerate(_row(record, int(index))):
                self.table.setItem(row, place, QTableWidgetItem(text))

    # ---- acts ------------------------------------------------------------------------------

    @Slot(object)
    def on_mouse_moved(self, place: QPointF) -> None:
        """The numbers of the training step under the pointer."""
        record = self._session.training
        plots = (self.loss, self.accuracy, self.norm)
        over = [plot for plot in plots if plot.isVisible() and plot.sceneBoundingRect().contains(place)]
        if not over or not len(record.steps):
            self.readout.setText(HINT)
            return
        at = over[0].vb.mapSceneToView(place).x()
        index = nearest(record.steps, at)
        named = zip(("step", *TITLES[1:]), _row(record, index), strict=True)
        self.readout.setText(", ".join(f"{name} {text}" for name, text in named if text))

    @Slot(object)
    def on_clicked(self, event: object) -> None:
        """A double click shows everything."""
        if event.double():  # type: ignore[attr-defined] # pyqtgraph's MouseClickEvent
            self.show_everything()

    @Slot()
    def show_everything(self) -> None:
        """The whole curve, and what is still to come of it."""
        self._whole = True
        steps = self._session.training.steps
        self.loss.setXRange(0, max(1.0, float(steps[-1]) if len(steps) else 1.0), padding=0.01)
        for plot in (self.loss, self.accuracy, self.norm):
            plot.enableAutoRange("y")

    @Slot()
    def on_zoomed(self) -> None:
        """The user has chosen a part: it stays while the curve grows."""
        self._whole = False

    @Slot()
    def on_table(self) -> None:
        """Curves or table."""
        shown = self.as_table.isChecked()
        if shown:
            self._fill_table(self._session.training)
        self.pages.setCurrentWidget(self.table if shown else self.view)

    @Slot()
    def ask_where(self) -> None:
        """Ask for a file, without a loop of its own."""
        dialog = QFileDialog(self, "Save the training curves", "training.csv", "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_csv)
        dialog.open()

    @Slot(str)
    def save_csv(self, path: str) -> None:
        """Write every point; a place that cannot be written is said in one line."""
        record = self._session.training
        try:
            with Path(path).open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(name.replace(" ", "_") for name in TITLES)
                columns = (record.steps.astype(int), record.losses, record.accuracies, record.gradient_norms)
                writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
        except OSError as error:
            self._session.tell(Notice(f"{path} could not be written: {error.strerror}. Choose another place.", "error"))


def nearest(steps: NDArray[np.floating], at: float) -> int:
    """The index of the training step nearest to ``at`` (``steps`` rise, and there is at least one)."""
    place = int(np.clip(np.searchsorted(steps, at), 1, max(1, len(steps) - 1)))
    return place - 1 if len(steps) == 1 or at - steps[place - 1] <= steps[place] - at else place


def _row(record: TrainingRecord, index: int) -> tuple[str, str, str, str]:
    accuracy = record.accuracies[index]
    return (
        f"{int(record.steps[index])}",
        significant(float(record.losses[index]), 4),
        "" if np.isnan(accuracy) else f"{100 * accuracy:.1f} %",
        significant(float(record.gradient_norms[index]), 4),
    )
