"""The Forecast tab: the network reads its own predictions, as far ahead as one likes, and how long that goes well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

from rnnviz.engine.tasks.series_kinds import SERIES, series_kind
from rnnviz.view.controls.buttons import Button
from rnnviz.view.look import significant
from rnnviz.view.loss_words import in_numbers
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.forecast_plot import ErrorPlot, ForecastPlot, root_mean_square, steps_within

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.service.messages import Forecasted, ForecastMeasured
    from rnnviz.view.look import Look
    from rnnviz.view.shell import Shell

FEWEST, MOST, USUAL = 10, 500, 100
TOLERANCE = 0.4
"""Standard deviations; within 0.4 a forecast is commonly called valid."""
OWN = "own"
UNKNOWN = "These numbers are no part of the series that is learned, so nobody knows how they really go on."
MEASURING = "Measuring on held-out sequences…"


class StepSlider(QSlider):
    """How far ahead; a line in ink up to the knob."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._look = look
        self.setRange(FEWEST, MOST)
        self.setSingleStep(10)
        self.setPageStep(50)
        self.setValue(USUAL)
        self.setAccessibleName("Steps ahead, 10 to 500")
        self.setToolTip(
            "How many steps the network goes on by itself.\nEvery output is read as the next input. x_{t+1} = y_t"
        )

    def sizeHint(self) -> QSize:
        """One line of the panel."""
        return QSize(self._look.ipx(150), self._look.ipx(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, ink, knob."""
        del event
        theme, px, option = self._look.theme, self._look.px, QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        x = QRectF(self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)).center().x()
        middle, half = self.height() / 2, px(1.5)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(QRectF(0, middle - half, self.width(), 2 * half), theme.line2)
            painter.fillRect(QRectF(0, middle - half, x, 2 * half), theme.ink)
            painter.setPen(QPen(theme.panel, px(2)))
            painter.setBrush(theme.ink)
            painter.drawEllipse(QPointF(x, middle), px(7), px(7))
            if self.hasFocus():
                painter.setPen(QPen(theme.ink, px(1.4)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, middle), px(9), px(9))


class ForecastPanel(Panel):
    """Which series, how far, two plots, and what they say in words."""

    topics = ("forecast", "forecast-errors")
    needs = ("shell",)

    def __init__(self, *, shell: Shell, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.shell = shell
        self._build()
        self._connect()

    # ---- what it is made of ------------------------------------------------------------------

    def _build(self) -> None:
        self.kind = form.choice(
            tuple(SERIES.items()),
            "The series that is learned. Another one makes a new network.\nYour own comes from File, Open data.",
        )
        self.kind.setAccessibleName("Series")
        self.example = Button(look=self.look, text="Another example", icon="text", height=28)
        self.example.setToolTip("Type a fresh sequence of the task.\nEvery one has a seed of its own.")
        self.slider = StepSlider(look=self.look)
        self.steps = form.whole(FEWEST, MOST, "How many steps the network goes on by itself.\nFrom 10 to 500.")
        self.steps.setAccessibleName("Steps ahead")
        form.show_number(self.steps, USUAL)
        self.tolerance = form.real(
            0.01, 10.0, 2, "How near to the truth counts as right, in standard deviations of the series.\n"
            "Within 0.4 a forecast is commonly called valid. |y − x| ≤ ε σ"
        )  # fmt: skip
        self.tolerance.setAccessibleName("Tolerance")
        form.show_number(self.tolerance, TOLERANCE)
        self._build_plots()
        self._place()

    def _build_plots(self) -> None:
        self.plot, self.errors = ForecastPlot(look=self.look), ErrorPlot(look=self.look)
        self.plot.setToolTip(
            "Up to the last typed number the network reads the series; after it, its own outputs.\nx_{t+1} = y_t"
        )
        self.errors.setToolTip(
            "Forecasts of held-out sequences against what really follows, at every step ahead.\n"
            "The mean says nothing about a sequence: beyond its line a forecast is worthless. √(1/N ∑ (y − x)^2)"
        )

    def _place(self) -> None:
        self.meaning, self.explained = form.label(""), form.label("", quiet=True)
        self.reason, self.measured = form.label(""), form.label("")
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        self.ahead_row, self.tolerance_row = (
            _row("Steps ahead", self.slider, self.steps),
            _row("Tolerance, σ", self.tolerance),
        )
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.kind, 1)
        top.addWidget(self.example)
        column.addLayout(top)
        for widget in (self.reason, self.ahead_row, self.plot, self.meaning, self.errors, self.measured,
                       self.tolerance_row, self.explained):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)

    def _connect(self) -> None:
        self.kind.activated.connect(self.on_kind)
        self.example.clicked.connect(self.on_example)
        self.slider.valueChanged.connect(self.on_slider)
        self.steps.valueChanged.connect(self.on_steps)
        self.tolerance.valueChanged.connect(self.on_fact)
        session = self.session
        session.lab.changed.connect(self.on_answer)
        for signal in (session.trace_changed, session.run_changed, session.engine_changed):
            signal.connect(self.on_fact)

    # ---- acts --------------------------------------------------------------------------------

    @Slot()
    def on_kind(self) -> None:
        """Another series: a new network."""
        key = self.kind.currentData()
        if key != OWN and key != self._present_kind():
            self.shell.set_series(key)
        self.refresh()

    @Slot()
    def on_example(self) -> None:
        """Fresh numbers in the text."""
        self.shell.another_example()

    @Slot()
    def on_slider(self) -> None:
        """The field follows the slider."""
        form.show_number(self.steps, self.slider.value())
        self._ask()

    @Slot()
    def on_steps(self) -> None:
        """The slider follows the field."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(self.steps.value())
        self.slider.blockSignals(blocked)
        self.slider.update()
        self._ask()

    def _ask(self) -> None:
        for topic in self.topics:
            self.session.lab.set(topic, steps=self.steps.value())

    # ---- what comes --------------------------------------------------------------------------

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Other numbers."""
        if topic in self.topics:
            self.on_fact()

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def forecast(self) -> Forecasted | None:
        """The newest forecast, if it goes on with the very text."""
        found: Forecasted | None = self.session.lab.value("forecast")
        return found if found is not None and found.text == self.session.text else None

    def measured_errors(self) -> ForecastMeasured | None:
        """The newest errors, if they are of this model."""
        found: ForecastMeasured | None = self.session.lab.value("forecast-errors")
        run = self.session.run
        return found if found is not None and (found.task, found.model) == (run.task.name, run.model) else None

    # ---- what is shown -----------------------------------------------------------------------

    def _present_kind(self) -> str:
        return series_kind(self.session.run.task.text) or OWN

    def refresh(self) -> None:
        """Controls, plots, sentences; or the one reason why there is nothing to run ahead with."""
        lab, run = self.session.lab, self.session.run
        series = run.task.name == "series"
        self.kind.setVisible(series)
        self.example.setVisible(in_numbers(self.session))
        self._show_kind()
        reason = "" if series else lab.refusal("forecast")
        self.reason.setText(reason)
        for widget in (self.ahead_row, self.plot, self.errors, self.tolerance_row):
            widget.setVisible(not reason)
        self.reason.setVisible(bool(reason))
        if not reason:
            self._show_forecast()
            self._show_errors()
        for line in (self.meaning, self.measured, self.explained):
            line.setVisible(bool(line.text()) and not reason)

    def _show_kind(self) -> None:
        task, place = self.session.run.task, self.kind.findData(OWN)
        kind = self._present_kind()
        if kind == OWN and place < 0:
            self.kind.addItem(task.source or "Your own numbers", OWN)
        elif kind != OWN and place >= 0:
            self.kind.removeItem(place)
        form.show_choice(self.kind, kind)

    def _show_forecast(self) -> None:
        found, lab = self.forecast(), self.session.lab
        if found is None:
            self.plot.show_found(None, lab.refusal("forecast") or "Computing the forecast…", -1)
            self.meaning.setText("")
            return
        limit = self.tolerance.value() * found.spread
        known = np.isfinite(found.truth)
        within = steps_within((found.forecast[: len(known)] - found.truth)[known], limit) if known.any() else -1
        self.plot.show_found(found, "", within)
        self.meaning.setText(meaning(found, within, int(known.sum()), self.tolerance.value()))

    def _show_errors(self) -> None:
        found, lab = self.measured_errors(), self.session.lab
        if found is None:
            self.errors.show_found(None, lab.refusal("forecast-errors") or MEASURING, 0.0, -1)
            self.measured.setText("")
            self.explained.setText("")
            return
        limit = self.tolerance.value() * found.spread
        curve = root_mean_square(found.errors)
        self.errors.show_found(found, "", limit, steps_within(curve, limit))
        self.measured.setText(errors_meaning(found, limit))
        old = found.training_step != self.session.training.step
        self.explained.setText(
            f"{len(found.errors)} sequences that training never showed, each read for {found.read} steps."
            + (f" Measured at training step {found.training_step}; again when training pauses." if old else "")
        )


def meaning(found: Forecasted, within: int, known: int, tolerance: float) -> str:
    """How long this forecast stays near the truth."""
    if not np.isfinite(found.forecast).all():
        return "The forecast runs away to infinity: its errors feed on themselves. Train on, or lower the rate."
    if within < 0:
        return UNKNOWN
    near = f"within {significant(tolerance * found.spread, 2)} ({tolerance:g} standard deviations) of the truth"
    steps = f"{known} steps that are known" if known < len(found.forecast) else f"{known} steps"
    if within == known:
        return f"The forecast stays {near} for all {steps}."
    return f"The forecast stays {near} for {within} of {steps}." if within else f"The first step is not {near}."


def errors_meaning(found: ForecastMeasured, limit: float) -> str:
    """How long forecasts stay near the truth, and from where on they are worthless."""
    reach = [steps_within(row, limit) for row in found.errors]
    middle = int(np.median(reach))
    words = f"Half of the forecasts stay within the tolerance for at least {middle} steps."
    curve = root_mean_square(found.errors)
    lost = np.flatnonzero(~(curve < found.spread))
    if lost.size:
        return f"{words} From {int(lost[0]) + 1} steps ahead on the mean of the series is no worse a guess."
    return f"{words} All the way they say more than the mean of the series."


def _row(words: str, *widgets: QWidget) -> QWidget:
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    name = form.label(words, quiet=True)
    name.setWordWrap(False)
    line.addWidget(name)
    for widget in widgets:
        line.addWidget(widget, 1 if isinstance(widget, QSlider) else 0)
    if not any(isinstance(widget, QSlider) for widget in widgets):
        line.addStretch(1)
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return box


ENTRY = PanelEntry("forecast", "Forecast", "lab", "Ctrl+Shift+F", "curve", ForecastPanel)
