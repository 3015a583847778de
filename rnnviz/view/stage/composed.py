"""The composed function in one line under the stage: ``s_4 = R(R(R(R(s_0,x_1),x_2),x_3),x_4)`` as the copies appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.notation.composed import candidates, composed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

HEIGHT = 34.0
SMALLEST = 0.8  # of the maths font: a form is drawn smaller rather than cut by a level, down to here
WORDS = "Composed function"
TIP_STEPS = 12
MEANING = "Unrolled there are no loops: the state is one function of all inputs read so far."


class ComposedLine(QWidget):
    """Grows and shrinks with the cursor; takes no room while it is switched off."""

    def __init__(self, *, session: Session, settings: Settings, axis: TimeAxis, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._settings, self._axis, self._look = session, settings, axis, look
        self.setAccessibleName(WORDS)
        for signal in (session.time_step_changed, session.trace_changed, session.run_changed, look.changed):
            signal.connect(self.refresh)
        look.changed.connect(self.update)
        self.hide()

    @property
    def room(self) -> int:
        """The height that it needs now, 0 while it is off."""
        return self._look.ipx(HEIGHT) if self._settings.view.composed else 0

    @property
    def markup(self) -> str:
        """What is drawn at the present width."""
        return self._fitting()[0]

    @Slot()
    def refresh(self) -> None:
        """Another step or another notation."""
        if not self.isVisible():
            return
        words = math_text.plain(self.markup)
        if words != self.accessibleDescription():  # training sends the same step again and again
            self.setAccessibleDescription(words)
            self.update()

    def place(self, top: int, width: int, room: int) -> None:
        """Stand at the height ``top``, ``room`` px high, or hide where there is none."""
        self.setVisible(room > 0)
        if room:
            self.setGeometry(0, top, width, room)
            self.refresh()
            self.update()

    # ---- drawing -----------------------------------------------------------------------------

    @property
    def _left(self) -> float:
        """Where the formula starts: at the axis, or behind the words where the gutter is narrow; no words presented."""
        if self._look.presenter:
            return self._look.px(20)
        words = self._look.px(20) + QFontMetricsF(self._look.font("strong")).horizontalAdvance(WORDS)
        return max(self._axis.gutter, words + self._look.px(12))

    @property
    def _switch(self) -> int:
        """The steps of the encoder, 0 without a decoder."""
        return self._session.trace.switch if self._session.trace is not None else 0

    def _fitting(self) -> tuple[str, QFont]:
        """The longest form that fits, in a smaller font where that saves it; the shortest one where nothing does."""
        forms = candidates(math_text.notation(), self._session.time_step, switch=self._switch)
        return fitted(forms, self._look.font("maths"), self.width() - self._left - self._look.px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words in the gutter, the formula on the axis."""
        del event
        with QPainter(self) as painter:
            look, theme = self._look, self._look.theme
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paper = look.presenter or self._settings.view.simple
            painter.fillRect(self.rect(), theme.panel if paper else theme.bg)
            markup, font = self._fitting()
            baseline = self.height() / 2 + QFontMetricsF(font).capHeight() / 2
            if not look.presenter:
                painter.setFont(look.font("strong"))
                painter.setPen(theme.ink)
                painter.drawText(QPointF(look.px(20), baseline), WORDS)
            math_text.paint(painter, self._left, baseline, markup, font, theme.ink)

    def event(self, event: QEvent) -> bool:
        """The tip says it in words, and in full as far as that can be read."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            step = min(self._session.time_step, TIP_STEPS)
            whole = math_text.plain(composed(math_text.notation(), step, self._switch))
            QToolTip.showText(event.globalPos(), f"{MEANING}\n{whole}", self)
            return True
        return super().event(event)


def fitted(forms: Sequence[str], font: QFont, room: float) -> tuple[str, QFont]:
    """The first of ``forms`` that ``room`` px hold in ``font`` or somewhat smaller, with its font."""
    for markup in forms:
        share = room / max(1.0, math_text.width(markup, font))
        if share >= 1.0:
            return markup, font
        if share >= SMALLEST:
            # Widths do not shrink quite as sizes do, where glyphs are hinted.
            for factor in (share, share * 0.97, SMALLEST):
                smaller = _scaled(font, factor)
                if math_text.width(markup, smaller) <= room:
                    return markup, smaller
    return forms[-1], _scaled(font, SMALLEST)


def _scaled(font: QFont, factor: float) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * factor)
    return smaller
