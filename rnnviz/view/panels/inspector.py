"""The Step tab: one time step operation by operation, with the live numbers of the selected unit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip

from rnnviz.view import math_text
from rnnviz.view.facts import (
    chains_of,
    gradient_symbol,
    is_backward,
    layer_flow,
    log2_norm,
    percent,
    share_left,
    shown_part,
)
from rnnviz.view.layer_names import is_reverse, layer_words
from rnnviz.view.look import number, significant
from rnnviz.view.loss_words import in_numbers
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.panels import number_rows
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.operation_rows import COLUMN, PADDING, ROW, Row, paint_row, row_of
from rnnviz.view.panels.unit_stepper import UnitStepper

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    from rnnviz.service.messages import Inspected
    from rnnviz.view.panels.watch_list import WatchList

HEAD = 84.0
HEADING = "Operation by operation"
BOX = 62.0
GHOST = 0.4
LATER_MS = 16
_SHOWN = {" ": "␣", "\n": "↵", "\t": "⇥", "": "∅"}


class StepPanel(Panel):
    """Never computes: every number is a slice of the trace that the engine sent."""

    topics = ("detail", "gradients")
    needs = ("watch",)

    def __init__(self, *, watch: WatchList, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.watch = watch
        self._rows: list[Row] = []
        self._after: list[Row] = []
        self._turn = Turn(self, self.refresh, weight=PANEL)
        # Step, detail and gradient come one after another: one picture for all of them.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LATER_MS)
        self._later.timeout.connect(self.on_later)
        self.stepper = UnitStepper(session=self.session, look=self.look, parent=self)
        session = self.session
        for signal in (session.detail_changed, session.time_step_changed, session.sub_step_changed,
                       session.selection_changed, session.gradients_changed, session.trace_changed,
                       session.direction_changed, session.loss_step_changed, self.look.changed,
                       watch.changed):  # fmt: skip
            signal.connect(self.on_fact)

    @Slot()
    def on_fact(self) -> None:
        """Something the panel shows has changed; hidden it does nothing."""
        if self.isVisible() and not self._later.isActive():
            self._later.start()

    @Slot()
    def on_later(self) -> None:
        """Show what has come meanwhile."""
        if self.isVisible():
            self._turn.ask()

    # ---- values ----------------------------------------------------------------------------

    @property
    def unit(self) -> int:
        """The unit on show: the selected one, else the first."""
        return max(0, min(self.session.unit, self.session.run.model.hidden - 1))

    @property
    def rows(self) -> list[Row]:
        """The newest operations, whether they are drawn already or not."""
        self._take()
        return self._rows

    @property
    def fresh(self) -> bool:
        """True when the numbers belong to the cursor's step."""
        detail = self.session.detail
        return detail is not None and detail.time_step == self.session.time_step and not self.session.trace_stale

    def refresh(self) -> None:
        """Draw the newest operations."""
        self._take()
        self.stepper.show_text(f"unit {self.unit + 1}")
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def _take(self) -> None:
        detail = self.session.detail
        self._rows = self._operations(detail) if detail is not None and self.session.time_step else []
        self._after = self._outcome(detail) if detail is not None and self.session.time_step else []

    def _operations(self, detail: Inspected) -> list[Row]:
        operations = detail.layers.get(self.session.layer) or next(iter(detail.layers.values()), [])
        rows = [row_of(operation, self.unit) for operation in operations if self.unit < len(operation.values)]
        trace = self.session.trace
        if trace is not None and 0 < trace.switch < detail.time_step:
            rows = [replace(row, decoder=True) for row in rows]
        if is_reverse(self.session.layer):
            rows = [replace(row, reverse=True) for row in rows]
        # tanh c stands inside the line of h; its own line appears only while it is the sub-step.
        return [self._beside(row) for row in rows if row.key != "tanh_c" or self._current == "tanh_c"]

    @property
    def pinned_step(self) -> int:
        """The pinned step whose column stands beside the cursor's; 0 for none."""
        step = self.watch.compared(self.session.time_step)
        return step if step <= self.session.length else 0

    def _beside(self, row: Row) -> Row:
        """``row`` with the pinned step's value of the same operation, from the same trace."""
        step = self.pinned_step
        return replace(row, pinned=self._value_at(row.key, step)) if step else row

    def _value_at(self, key: str, step: int) -> float:
        trace = self.session.trace
        layer = next((each for each in trace.layers if each.name == self.session.layer), None) if trace else None
        if trace is None or layer is None:
            return math.nan
        if key.startswith(("output", "loss")) and trace.real is not None:
            return number_rows.value_at(self.session, key, step)
        if key in {"output", "loss"}:
            return float((trace.target_probabilities if key == "output" else trace.loss)[step - 1])
        arrays = {**layer.gates, "a": layer.gates.get("preactivation"), "h": layer.hidden, "c": layer.cell}
        array = arrays.get(key)
        if key == "tanh_c" and layer.cell is not None:
            array = np.tanh(layer.cell)
        return float(array[step - 1, self.unit]) if array is not None else math.nan

    def _outcome(self, detail: Inspected) -> list[Row]:
        if in_numbers(self.session):
            return [self._beside(row) for row in number_rows.outcome_rows(self.session, detail.time_step)]
        if detail.target < 0 or detail.loss is None:
            return []
        share = float(detail.probabilities[detail.target])
        token = shown(detail.target_label)
        rows = [
            Row(
                "output",
                "Output",
                "y_t = softmax(W_{hy} h_t + b_y)",
                f"p({token}) of {len(detail.probabilities)} tokens",
                share,
            ),
            Row("loss", "Loss", "C_t = −ln p", f"−ln {number(share, 3)}", detail.loss, "loss", 4.0),
        ]
        return [self._beside(row) for row in rows]

    @property
    def _current(self) -> str:
        names, index = self.session.sub_steps, self.session.sub_step
        if index is None or not 0 <= index < len(names):
            return "h"
        return names[index]

    # ---- geometry --------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Head, rows, box, outcome."""
        after = ROW * len(self._after) + (26 if self._after else 0)
        return QSize(self.look.ipx(300), self.look.ipx(HEAD + ROW * len(self._rows) + 12 + BOX + after + 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The stepper stays at the right."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        size = self.stepper.sizeHint()
        self.stepper.setGeometry(self.width() - self.look.ipx(14) - size.width(), self.look.ipx(14), size.width(),
                                 size.height())  # fmt: skip

    def _row_rect(self, index: int) -> QRectF:
        return QRectF(0, self.look.px(HEAD + index * ROW), self.width(), self.look.px(ROW))

    def _row_at(self, y: float) -> Row | None:
        index = math.floor((y / self.look.px(1) - HEAD) / ROW)
        return self._rows[index] if 0 <= index < len(self._rows) else None

    # ---- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, operations, gradient, outcome."""
        del event
        self._place()
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_step(painter)
            if not self.session.time_step:
                self._paint_start(painter)
                return
            painter.setOpacity(1.0 if self.fresh else GHOST)
            self._paint_heading(painter)
            for index, row in enumerate(self._rows):
                last = index == len(self._rows) - 1 or self._rows[index + 1].key == self._current
                paint_row(painter, self.look, row, self._row_rect(index), current=row.key == self._current, last=last)
            top = self._row_rect(len(self._rows)).top() + self.look.px(10)
            painter.setOpacity(1.0)
            box = QRectF(self.look.px(9), top, self.width() - self.look.px(18), self.look.px(BOX))
            self._paint_gradient(painter, box)
            painter.setOpacity(1.0 if self.fresh else GHOST)
            self._paint_outcome(painter, top + self.look.px(BOX + 8))

    def _paint_step(self, painter: QPainter) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        font = look.font("maths_big")
        x = math_text.paint(painter, px(PADDING), px(38), "t", font, theme.ink)
        painter.setFont(look.font("big"))
        painter.setPen(theme.ink)
        painter.drawText(QPointF(x + px(5), px(38)), f"= {self.session.time_step}")
        trace, step = self.session.trace, self.session.time_step
        if trace is None or not 1 <= step <= len(trace.tokens):
            return
        number_end = x + px(5) + QFontMetricsF(look.font("big")).horizontalAdvance(f"= {step}")
        left = max(px(106), number_end + px(10))
        self._paint_token(painter, left, px(27), "reads", trace.tokens[step - 1])
        label = trace.target_labels[step - 1] if step <= len(trace.target_labels) else ""
        if in_numbers(self.session):
            if found := number_rows.answer_words(self.session, step):
                self._paint_token(painter, left, px(52), "wanted", *found)
            return
        if label and trace.targets[step - 1] >= 0:
            given = f"given {percent(float(trace.target_probabilities[step - 1]))}"
            task = self.session.task
            answers = task is not None and (task.pattern == "acceptor" or label not in task.input_tokens)
            word = "answer" if answers else "next"
            self._paint_token(painter, left, px(52), word, label, given)

    def _paint_token(self, painter: QPainter, x: float, y: float, word: str, token: str, after: str = "") -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        painter.setFont(look.font("label"))
        painter.setPen(theme.ink2)
        painter.drawText(QPointF(x, y), word)
        text = shown(token)
        mono = look.font("live")
        width = max(px(20), QFontMetricsF(mono).horizontalAdvance(text) + px(10))
        start = x + max(px(37), QFontMetricsF(look.font("label")).horizontalAdvance(word) + px(5))
        box = QRectF(start, y - px(15), min(width, px(70)), px(20))
        painter.setPen(QPen(theme.line2, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setFont(mono)
        painter.setPen(theme.ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(look.font("label"))
        painter.setPen(theme.ink2)
        painter.drawText(QPointF(box.right() + px(6), y), after)

    def _paint_start(self, painter: QPainter) -> None:
        look, px = self.look, self.look.px
        painter.setPen(look.theme.ink2)
        painter.setFont(look.font("label"))
        word = (
            f"Before the first step the state is zero: {math_text.plain('h_0 = 0')}."
            if self.session.length
            else "Type something, then step."
        )
        painter.drawText(QPointF(px(PADDING), px(HEAD)), word)

    def _paint_heading(self, painter: QPainter) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        painter.setFont(look.font("strong"))
        painter.setPen(theme.ink2)
        painter.drawText(QPointF(px(PADDING), px(74)), HEADING)
        right = self.width() - px(PADDING)
        if self.pinned_step:
            for step, end in ((self.session.time_step, right - px(COLUMN)), (self.pinned_step, right)):
                text = f"t = {step}"
                painter.drawText(QPointF(end - QFontMetricsF(painter.font()).horizontalAdvance(text), px(74)), text)
            return
        painter.setFont(look.font("label"))
        metrics = QFontMetricsF(painter.font())
        title = QFontMetricsF(look.font("strong")).horizontalAdvance(HEADING)
        room = right - px(PADDING) - title - px(10)
        text = next((text for text in self.heading_notes() if metrics.horizontalAdvance(text) <= room), "")
        painter.drawText(QPointF(right - metrics.horizontalAdvance(text), px(74)), text)

    def heading_notes(self) -> tuple[str, ...]:
        """The layer where there are several, and the notation; longest first, for the room there is."""
        name = math_text.notation().name
        if len(self.session.layer) > 1 and self._many_layers:
            layer = layer_words(self.session.layer, chains_of(self.session.trace))
            return f"{layer}, notation: {name}", f"{layer}, {name}", layer
        return f"notation: {name}", name

    @property
    def _many_layers(self) -> bool:
        model = self.session.run.model
        return model.layers > 1 or model.bidirectional

    def _paint_gradient(self, painter: QPainter, box: QRectF) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        painter.setPen(QPen(theme.grad, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, px(8), px(8))
        step, source = self.session.time_step, self.session.effective_loss_step
        formula = gradient_symbol(shown_part(self.session, layer_flow(self.session)), step, source or "t")
        math_text.paint(painter, box.left() + px(10), box.top() + px(24), formula, look.font("maths"), theme.grad)
        value = log2_norm(self.session, step)
        font = look.font("live")
        painter.setFont(font)
        text = significant(2.0**value) if not math.isnan(value) else "\u2013"
        x = box.right() - px(9) - QFontMetricsF(font).horizontalAdvance(text)
        painter.setPen(theme.grad)
        painter.drawText(QPointF(x, box.top() + px(24)), text)
        painter.setPen(theme.ink2)
        painter.setFont(look.font("label"))
        metrics, room = QFontMetricsF(painter.font()), box.width() - px(20)
        words = next((w for w in self.gradient_sentences() if metrics.horizontalAdvance(w) <= room), "")
        painter.drawText(QPointF(box.left() + px(10), box.top() + px(47)), words)

    def gradient_sentence(self) -> str:
        """What the number says, in words."""
        session, step, source = self.session, self.session.time_step, self.session.effective_loss_step
        if not source:
            return "this text has no loss"
        if step == source:
            return "the source: this step's own loss"
        if step > source:
            return f"after the loss at step {source}: no gradient arrives here"
        share = share_left(session, step)
        if math.isnan(share):
            return "not computed yet" if is_backward(session) else "waiting for the gradient"
        return f"{percent(share)} of what the loss at step {source} sent back"

    def gradient_sentences(self) -> tuple[str, ...]:
        """The same, longest first, for the room there is."""
        sentence = self.gradient_sentence()
        short = sentence.replace("what the loss at step ", "step ").replace(" sent back", "")
        return sentence, short.replace("of step", "of the start at step"), short

    def _paint_outcome(self, painter: QPainter, top: float) -> None:
        if not self._after:
            return
        look, px = self.look, self.look.px
        painter.setFont(look.font("strong"))
        painter.setPen(look.theme.ink2)
        painter.drawText(QPointF(px(PADDING), top + px(18)), "Output and loss")
        for index, row in enumerate(self._after):
            rect = QRectF(0, top + px(26 + index * ROW), self.width(), px(ROW))
            paint_row(painter, look, row, rect, current=row.key == self._current, last=index == len(self._after) - 1)

    # ---- acts ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on an operation makes it the sub-step on show."""
        row = self._row_at(event.position().y())
        names = self.session.sub_steps
        if row is None or row.key not in names:
            return
        now = self.session.sub_step if self.session.sub_step is not None else len(names)
        self.session.move_sub_step(names.index(row.key) - now)

    def event(self, event: QEvent) -> bool:
        """The tip of a row: its name, its equation, its numbers."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            if row is not None:
                text = f"{row.title}\n{row.spoken}\n{row.numbers} = {number(row.value, 4)}"
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)


def shown(token: str) -> str:
    """A token as it can be seen: a space is an open box."""
    return _SHOWN.get(token, token)


ENTRY = PanelEntry("inspector", "Step", "side", "Ctrl+I", "step", StepPanel, opens_with="select")
