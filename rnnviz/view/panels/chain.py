"""The Chain tab: every factor between one loss and one earlier step, their product, and theory beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.view import math_text
from rnnviz.view.facts import is_backward
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.notation.tips import told
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.panels import chain_words as words
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.chain_factors import FactorStrip
from rnnviz.view.panels.chain_plot import DecayPlot
from rnnviz.view.panels.layer_row import LayerRow

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent

    from rnnviz.service.messages import Chained
    from rnnviz.view.look import Look

PLOT = 190.0
ROW = 21.0
LINE = 25.0


class Equation(QWidget):
    """The chain rule with the numbers put in, in one line or two."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self._parts: tuple[str, str] = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_parts(self, parts: tuple[str, str]) -> None:
        """Two halves of the equation."""
        if parts != self._parts:
            self._parts = parts
            self.updateGeometry()
            self.update()
        self.setAccessibleName(math_text.plain(" ".join(parts)))

    @property
    def _fits(self) -> bool:
        """Whether both halves stand in one line."""
        font = self.look.font("maths_small")
        wide = sum(math_text.width(part, font) for part in self._parts if part)
        return wide + self.look.px(6) <= max(self.width(), self.look.px(280))

    def sizeHint(self) -> QSize:
        """A line or two."""
        return QSize(self.look.ipx(200), self.look.ipx(LINE if self._fits else 2 * LINE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another line."""
        self.updateGeometry()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The second half beside the first where there is room."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, px = self.look, self.look.px
            font, colour = look.font("maths_small"), look.theme.grad
            x, baseline = 0.0, px(LINE - 8)
            for part in filter(None, self._parts):
                x = math_text.paint(painter, x, baseline, part, font, colour) + px(6)
                if not self._fits:
                    x, baseline = px(24), px(2 * LINE - 8)


class Readout(QWidget):
    """Rows of a formula and its value."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.rows: list[words.Row] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._turn = Turn(self, self.update, weight=PANEL)
        look.changed.connect(self.updateGeometry)

    def show_rows(self, rows: list[words.Row]) -> None:
        """These, from the top down."""
        lines = (f"{math_text.plain(row.markup)} {row.words}: {row.value}" for row in rows)
        self.setAccessibleName("; ".join(lines))
        if rows != self.rows:
            resized = len(rows) != len(self.rows)
            self.rows = rows
            if resized:
                self.updateGeometry()
            self._turn.ask()

    def sizeHint(self) -> QSize:
        """A line each."""
        return QSize(self.look.ipx(200), self.look.ipx(ROW * len(self.rows) + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Formula at the left, value at the right, a hairline between rows."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index, row in enumerate(self.rows):
                self._paint_row(painter, row, self.look.px(ROW * index))

    def _paint_row(self, painter: QPainter, row: words.Row, top: float) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        baseline, colour = top + px(15), getattr(theme, row.token)
        x = 0.0
        if row.markup:
            x = math_text.paint(painter, x, baseline, row.markup, look.font("maths_small"), colour) + px(8)
        painter.setFont(look.font("small"))
        painter.setPen(colour if row.token != "ink" else theme.ink2)
        painter.drawText(QPointF(x, baseline), row.words)
        font = look.font("number")
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QPointF(self.width() - QFontMetricsF(font).horizontalAdvance(row.value), baseline), row.value)
        painter.setPen(QPen(theme.line, 1))
        y = round(top + px(ROW)) + 0.5
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))


class ChainPanel(Panel):
    """Follows cursor and loss in backward mode; otherwise the two fields say which chain it is."""

    topics = ("chain",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self._build()
        self._connect()

    def _build(self) -> None:
        self.layer_row = LayerRow(session=self.session, look=self.look, title="Chain of factors")
        self.equation = Equation(look=self.look)
        self.loss = form.whole(0, 1, "The step τ whose loss is differentiated.\nA click on the credit map sets it too.")
        self.step = form.whole(0, 1, "The step t that the chain reaches back to.\nIn backward mode it is the cursor's.")
        self.loss.setAccessibleName("Loss step τ")
        self.step.setAccessibleName("Reached step t")
        self.reason = form.label("", quiet=True)
        self.plot = DecayPlot(look=self.look, height=PLOT, name="Decay of the gradient against k")
        self.strip = FactorStrip(look=self.look)
        self.readout = Readout(look=self.look)
        self.meaning = form.label("", quiet=True)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        self.reach = form.label("back to t")
        for caption, field in ((form.label("loss τ"), self.loss), (self.reach, self.step)):
            fields.addWidget(caption)
            fields.addWidget(field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 14)
        column.setSpacing(8)
        column.addWidget(self.layer_row)
        column.addWidget(self.equation)
        column.addLayout(fields)
        for widget in (self.reason, self.plot, self.strip, self.readout, self.meaning):
            column.addWidget(widget)
        column.addStretch(1)

    def _connect(self) -> None:
        session = self.session
        session.lab.changed.connect(self.on_answer)
        self.look.changed.connect(self.on_look)
        for signal in (session.time_step_changed, session.direction_changed, session.loss_step_changed):
            signal.connect(self.on_cursor)
        session.selection_changed.connect(self.on_layer)
        for box in (self.loss, self.step):
            box.valueChanged.connect(self.on_field)
        self.plot.clicked.connect(self.on_plot)

    # ---- which chain -------------------------------------------------------------------------

    @Slot()
    def on_cursor(self) -> None:
        """In backward mode the chain is that of the sweep: from its loss to the cursor."""
        if self.isVisible() and is_backward(self.session):
            self.follow()

    @Slot()
    def on_layer(self) -> None:
        """The chain of the selected layer."""
        if self.isVisible():
            self.session.lab.set("chain", layer=self.session.layer)

    def follow(self) -> None:
        """Ask for the chain from the sweep's loss to the cursor; at the loss itself for the whole one."""
        session = self.session
        tau, step = session.effective_loss_step, session.time_step
        beyond = step <= tau if is_reverse(session.layer) else step >= tau
        session.lab.set("chain", layer=session.layer, loss_step=tau, time_step=0 if beyond else step)

    @Slot()
    def on_field(self) -> None:
        """The fields say which chain it is."""
        self.session.lab.set("chain", loss_step=self.loss.value(), time_step=self.step.value())

    @Slot(int)
    def on_plot(self, k: int) -> None:
        """The cursor goes to the step under a click; in backward mode the chain then ends there."""
        chain = self.chain()
        if chain is not None:
            self.session.move_to(chain.loss_step + (k if is_reverse(chain.layer) else -k))

    # ---- values ------------------------------------------------------------------------------

    def chain(self) -> Chained | None:
        """The newest chain of the present text."""
        found: Chained | None = self.session.lab.value("chain")
        return found

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Another chain."""
        if topic == "chain" and self.isVisible():
            self.refresh()

    @Slot()
    def on_look(self) -> None:
        """The words in the notation in use."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show the newest chain, or why there is none."""
        if self.session.lab.parameters("chain").layer != self.session.layer:
            self.on_layer()
        chain, model = self.chain(), self.session.run.model
        reason = self._reason(chain)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        for widget in (self.plot, self.strip, self.readout, self.meaning, self.equation):
            widget.setVisible(chain is not None and (widget is self.equation or not reason))
        if chain is None:
            return
        self._show_fields(chain)
        self.equation.show_parts(words.equation(chain))
        if reason:
            return
        trace = self.session.trace
        key = (model, trace.text if trace is not None else "", chain.layer, chain.loss_step)
        switch = trace.switch if trace is not None else 0
        self.plot.show_curves(
            words.curves(chain, model.activation, switch),
            loss_step=chain.loss_step,
            leftward=not is_reverse(chain.layer),
            key=key,
        )
        self.strip.show_chain(chain, key)
        self.readout.show_rows(words.rows(chain, model.activation, switch))
        self.meaning.setText(told(words.sentences(chain, self.session.run), math_text.notation()))

    def _reason(self, chain: Chained | None) -> str:
        if chain is None:
            return self.session.lab.refusal("chain") or "Waiting for the engine to take the chain apart."
        return "" if len(chain.steps) else words.no_factor(chain)

    def _show_fields(self, chain: Chained) -> None:
        reverse, length = is_reverse(chain.layer), self.session.length
        self.reach.setText("ahead to t" if reverse else "back to t")
        for box, low, high, value in (
            (self.loss, 1, length, chain.loss_step),
            (self.step, *((chain.loss_step, length) if reverse else (1, chain.loss_step)), chain.time_step),
        ):
            blocked = box.blockSignals(True)
            box.setRange(low, high)
            box.blockSignals(blocked)
            form.show_number(box, value)

    def showEvent(self, event: QShowEvent) -> None:
        """A chain nobody has chosen yet is that of the sweep."""
        chosen = self.session.lab.parameters("chain")
        if is_backward(self.session) and not (chosen.loss_step or chosen.time_step):
            self.follow()
        super().showEvent(event)


ENTRY = PanelEntry("chain", "Chain", "lab", "Ctrl+Shift+C", "factors", ChainPanel)
