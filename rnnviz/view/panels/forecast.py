"""The Forecast tab: the network reads its own predictions, as far ahead as one likes, and how long that goes well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.engine.tasks.series_kinds import SERIES, series_kind
from rnnviz.service.messages.forecast import FEWEST_STEPS, LEAST_TOLERANCE, MOST_STEPS, MOST_TOLERANCE
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.field_slider import FieldSlider
from rnnviz.view.look import significant
from rnnviz.view.loss_words import in_numbers
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.forecast_plot import ErrorPlot, ForecastPlot

if TYPE_CHECKING:
    from rnnviz.service.messages import Forecasted, ForecastMeasured
    from rnnviz.view.shell import Shell

STEP = 10
OWN = "own"
UNKNOWN = "These numbers are no part of the series that is learned, so nobody knows how they really go on."
COMPUTING = "Computing the forecast…"
MEASURING = "Measuring on held-out sequences…"


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
        self._build_fields()
        self._build_plots()
        self._place()

    def _build_fields(self) -> None:
        asked = self.session.lab.parameters("forecast")
        self.steps = form.whole(
            FEWEST_STEPS,
            MOST_STEPS,
            f"How many steps the network goes on by itself.\nFrom {FEWEST_STEPS} to {MOST_STEPS}.",
        )
        self.steps.setAccessibleName("Steps ahead")
        form.show_number(self.steps, asked.steps)
        self.slider = FieldSlider(look=self.look, box=self.steps, step=STEP)
        self.slider.setToolTip(
            "How many steps the network goes on by itself.\nEvery output is read as the next input. x_{t+1} = y_t"
        )
        self.tolerance = form.real(
            LEAST_TOLERANCE, MOST_TOLERANCE, 2,
            "How near to the truth counts as right, in standard deviations of the series.\n"
            "Within 0.4 a forecast is commonly called valid. |y − x| ≤ ε σ",
        )  # fmt: skip
        self.tolerance.setAccessibleName("Tolerance, standard deviations")
        form.show_number(self.tolerance, asked.tolerance)

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
        self.ahead_row = _row("Steps ahead", self.steps, self.slider)
        self.tolerance_row = _row("Tolerance, σ", self.tolerance)
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
        for field in (self.steps, self.tolerance):
            field.valueChanged.connect(self.on_field)
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
    def on_field(self) -> None:
        """Other numbers: asked anew, and the old answers stay until then."""
        for topic in self.topics:
            self.session.lab.set(topic, steps=self.steps.value(), tolerance=self.tolerance.value())

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
        """The newest errors, if they are of this model and series."""
        found: ForecastMeasured | None = self.session.lab.value("forecast-errors")
        task, model = self.session.run.task, self.session.run.model
        here = (task.name, series_kind(task.text), task.source, model)
        return found if found is not None and (found.task, found.series, found.source, found.model) == here else None

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
        kind, place = self._present_kind(), self.kind.findData(OWN)
        title = self.session.run.task.source or "Your own numbers"
        if kind != OWN and place >= 0:
            self.kind.removeItem(place)
        elif kind == OWN and place < 0:
            self.kind.addItem(title, OWN)
        elif kind == OWN:
            self.kind.setItemText(place, title)
        form.show_choice(self.kind, kind)

    def _show_forecast(self) -> None:
        found = self.forecast()
        self.plot.show_found(found, self.session.lab.refusal("forecast") or COMPUTING)
        self.meaning.setText("" if found is None else meaning(found))

    def _show_errors(self) -> None:
        found = self.measured_errors()
        self.errors.show_found(found, self.session.lab.refusal("forecast-errors") or MEASURING)
        self.measured.setText("" if found is None else errors_meaning(found))
        self.explained.setText("" if found is None else f"{explained(found)} {self._age(found)}".rstrip())

    def _age(self, found: ForecastMeasured) -> str:
        """When the errors were measured, if that is not the network on show, and what becomes of it."""
        session, trace = self.session, self.session.trace
        if trace is None or found.training_step == trace.training_step:
            return ""
        begun = f"Measured at training step {found.training_step}"
        if session.training_now:
            return f"{begun}; measured again when training pauses."
        return f"{begun}; measuring again…" if session.lab.waiting("forecast-errors") else f"{begun}."


def meaning(found: Forecasted) -> str:
    """How long this forecast stays near the truth."""
    if not np.isfinite(found.forecast).all():
        return "The forecast runs away to infinity: its errors feed on themselves. Train on, or lower the rate."
    if not found.known:
        return UNKNOWN
    near = f"within {significant(found.limit, 2)} ({found.tolerance:g} standard deviations) of the truth"
    if not found.within:
        return f"The first step is not {near}."
    known = _steps(found.known)
    if found.known < len(found.forecast):
        known += " that is known" if found.known == 1 else " that are known"
    share = f"{found.within} of" if found.within < found.known else "all" if found.known > 1 else "the"
    return f"The forecast stays {near} for {share} {known}."


def errors_meaning(found: ForecastMeasured) -> str:
    """How long forecasts stay near the truth, and where they are worthless first (the error may fall again)."""
    half, steps = found.half_within, len(found.error)
    if not half:
        words = "More than half of the forecasts are not within the tolerance at the first step."
    elif half == steps:
        words = f"Half of the forecasts or more stay within the tolerance for all {steps} steps."
    else:
        words = f"Half of the forecasts stay within the tolerance for {_steps(half)} or more."
    if found.worthless:
        return f"{words} The mean of the series is no worse a guess for the first time {_steps(found.worthless)} ahead."
    return f"{words} All the way they say more than the mean of the series."


def explained(found: ForecastMeasured) -> str:
    """What was measured."""
    if found.trials == 1:
        return f"One sequence kept apart from training, read for {_steps(found.read)}: little is held out."
    return f"{found.trials} different sequences kept apart from training, each read for {_steps(found.read)}."


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _row(words: str, field: QWidget, slider: QWidget | None = None) -> QWidget:
    """Name, slider, field; without a slider the field stands beside the name."""
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    name = form.label(words, quiet=True)
    name.setWordWrap(False)
    line.addWidget(name)
    if slider is not None:
        line.addWidget(slider, 1)
    line.addWidget(field)
    if slider is None:
        line.addStretch(1)
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return box


ENTRY = PanelEntry("forecast", "Forecast", "lab", "Ctrl+Shift+F", "curve", ForecastPanel)
