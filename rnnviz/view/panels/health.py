"""The Health tab: saturated gates and states, dead units, and the first NaN or Inf of the run with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from rnnviz.view import icons
from rnnviz.view.layer_names import layer_words
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.health_chart import HealthChart, dead_words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.service.messages import HealthChecked
    from rnnviz.service.messages.health import FirstBad
    from rnnviz.view.look import Look


class FirstBadLine(QWidget):
    """What stopped the training, with an icon; or that nothing did."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.bad: FirstBad | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        """One sentence."""
        return bad_words(self.bad) if self.bad is not None else "No NaN or Inf was met in this run."

    def show_bad(self, bad: FirstBad | None) -> None:
        """Another answer of the engine."""
        self.bad = bad
        self.setAccessibleName(self.text)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many lines as it needs."""
        return round(self._words_rect(width).height() + self.look.px(16))

    def sizeHint(self) -> QSize:
        """At the width of the panel."""
        width = self.width() or self.look.ipx(300)
        return QSize(self.look.ipx(200), self.heightForWidth(width))

    def _words_rect(self, width: float) -> QRectF:
        from PySide6.QtGui import QFontMetricsF

        room = QRectF(0, 0, width - self.look.px(44), 10_000)
        flags = Qt.TextFlag.TextWordWrap
        return QFontMetricsF(self.look.font("label")).boundingRect(room, int(flags), self.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon and words: an error in its colour, good news in ink."""
        del event
        look, px = self.look, self.look.px
        colour = look.theme.err if self.bad is not None else look.theme.ink2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.theme.raised)
            painter.drawRoundedRect(QRectF(self.rect()), px(6), px(6))
            name = "error" if self.bad is not None else "check"
            icons.paint(painter, name, QRectF(px(10), px(9), px(16), px(16)), colour)
            painter.setFont(look.font("label"))
            painter.setPen(colour if self.bad is not None else look.theme.ink)
            rect = QRectF(px(34), px(8), self.width() - px(44), self.height() - px(12))
            painter.drawText(rect, int(Qt.TextFlag.TextWordWrap), self.text)


class HealthPanel(Panel):
    """Follows the text and the training; a click on a bar chooses that unit."""

    topics = ("health",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.charts: list[HealthChart] = []
        self._made: list[HealthChart] = []
        self.bad = FirstBadLine(look=self.look)
        self.reason = form.label("", quiet=True)
        self.limits = form.label("", quiet=True)
        self.limits.setToolTip(
            "Where a squashing function is flat it passes hardly any gradient: here its slope is below 0.1.\n"
            "Gates as in Karpathy, Johnson & Fei-Fei 2016; σ′ = σ(1 − σ), tanh′ = 1 − tanh²"
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.bad)
        column.addWidget(self.reason)
        column.addLayout(self._rows)
        column.addWidget(self.limits)
        column.addStretch(1)
        session = self.session
        session.lab.changed.connect(self.on_answer)
        session.selection_changed.connect(self.on_fact)
        session.notice_changed.connect(self.on_notice)

    def answer(self) -> HealthChecked | None:
        """The newest answer to the present text."""
        found: HealthChecked | None = self.session.lab.value("health")
        return found

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Other numbers."""
        if topic == "health":
            self.on_fact()

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    @Slot()
    def on_notice(self) -> None:
        """Training may have stopped by itself: ask what it met."""
        if self.isVisible() and self.session.notice is not None and self.session.notice.kind == "error":
            self.session.lab.ask("health")

    @Slot(str, int)
    def choose(self, layer: str, unit: int) -> None:
        """The unit of a clicked bar."""
        self.session.select(unit=unit, layer=layer)

    def refresh(self) -> None:
        """Show the newest numbers, or why there are none."""
        answer = self.answer()
        self.reason.setText(self._reason(answer))
        self.reason.setVisible(bool(self.reason.text()))
        self.bad.setVisible(answer is not None)
        self.limits.setVisible(answer is not None and bool(answer.steps))
        self._fit(len(answer.layers) if answer is not None and answer.steps else 0)
        if answer is None:
            return
        self.bad.show_bad(answer.first_bad)
        self.limits.setText(limit_words(answer))
        names = [each.name for each in answer.layers]
        for chart, report in zip(self.charts, answer.layers, strict=False):
            chart.show_report(report, self.session.unit if report.name == self.session.layer else -1, names)
        told = (f"{layer_words(each.name, names)}: {dead_words(each)}" for each in answer.layers)
        self.setAccessibleDescription("; ".join(told))

    def _reason(self, answer: HealthChecked | None) -> str:
        if answer is None:
            return self.session.lab.refusal("health") or "Waiting for the engine to look at the units."
        return "" if answer.steps else "Type a text: health is measured on it."

    def _fit(self, count: int) -> None:
        """As many charts as there are layers; the others wait, hidden."""
        while len(self._made) < count:
            chart = HealthChart(look=self.look)
            chart.chosen.connect(self.choose)
            self._made.append(chart)
            self._rows.addWidget(chart)
        for index, chart in enumerate(self._made):
            chart.setVisible(index < count)
        self.charts = self._made[:count]


def limit_words(answer: HealthChecked) -> str:
    """What counts as saturated, with the limits."""
    kinds = {gate.kind for layer in answer.layers for gate in layer.gates}
    parts = []
    if "sigmoid" in kinds:
        parts.append(f"a gate below {answer.gate_low:g} or above {answer.gate_high:g}")
    if "tanh" in kinds:
        parts.append(f"tanh beyond ±{answer.state_limit:g}")
    if "relu" in kinds:
        parts.append("ReLU at zero")
    counted = f"share of the {answer.steps} time steps of this text"
    bars = f"Saturated: {', '.join(parts)}; up high, down low, {counted}. " if parts else "Nothing here can saturate. "
    return f"{bars}Dead: {'never above zero' if 'relu' in kinds else 'the same value at every step'}."


def bad_words(bad: FirstBad) -> str:
    """The first value that was not finite, with its place."""
    what = {"infinite": "Inf"}.get(bad.kind, bad.kind)
    step = f" at time step {bad.time_step}" if bad.time_step else ""
    unit = f", unit {bad.unit + 1}" if bad.unit >= 0 else ""
    return (
        f"First {what} at training step {bad.training_step}: {bad.tensor}{step}{unit}. "
        "Training stopped there; the last finite weights are kept."
    )


ENTRY = PanelEntry("health", "Health", "lab", "Ctrl+Shift+L", "bars", HealthPanel)
