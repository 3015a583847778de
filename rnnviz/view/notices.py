"""One line under the top bar: what happened, and buttons for what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.view import icons
from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.session.session import Session
    from rnnviz.view.look import Look

INFO_MS = 8000


@dataclass(frozen=True)
class Question:
    """A sentence of the window's own with the one thing that can be done about it."""

    key: str
    text: str
    label: str
    act: Callable[[], None]


class NoticeBar(QWidget):
    """Shows the session's notice, or the window's own question, which comes first."""

    shown_changed = Signal()

    def __init__(self, *, session: Session, look: Look) -> None:
        super().__init__()
        self._session, self._look = session, look
        self._question: Question | None = None
        self._buttons: list[Button] = []
        self._close = Button(look=look, icon="close", kind="quiet", height=26, parent=self)
        self._close.setToolTip("Close this line.\nNothing else changes.")
        self._close.setAccessibleName("Close the notice")
        self._close.clicked.connect(self.dismiss)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.dismiss)
        session.notice_changed.connect(self.refresh)
        look.changed.connect(self.refresh)
        self.refresh()

    # ---- what is shown ---------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The question on show."""
        return self._question

    @property
    def text(self) -> str:
        """The sentence on show ('' for none)."""
        if self._question is not None:
            return self._question.text
        return self._session.notice.text if self._session.notice else ""

    @property
    def _pressing(self) -> bool:
        """True for what the lecture hall has to see too: an error, or something to answer."""
        return self._question is not None or (self._session.notice is not None and self._session.notice.kind == "error")

    def ask(self, question: Question) -> None:
        """Show ``question``; asking the same one twice is a yes."""
        if self._question is not None and self._question.key == question.key:
            self.answer()
            return
        self._question = question
        self.refresh()

    @Slot()
    def answer(self) -> None:
        """Do what the question offers."""
        question, self._question = self._question, None
        self.refresh()
        if question is not None:
            question.act()

    @Slot()
    def dismiss(self) -> None:
        """The user has read it."""
        if self._question is not None:
            self._question = None
            self.refresh()
        elif self._session.notice is not None:
            self._session.dismiss_notice()

    @Slot()
    def refresh(self) -> None:
        """Show the newest notice, or nothing at all."""
        notice = self._session.notice
        for button in self._buttons:
            button.hide()  # at once: it lives on for a turn of the event loop, and the new one stands elsewhere
            button.deleteLater()
        self._buttons = []
        if self._question is not None:
            self._add(self._question.label, "")
        elif notice is not None:
            for label, verb in notice.actions:
                self._add(label, verb)
        self.setVisible(bool(self.text) and (not self._look.presenter or self._pressing))
        self.setFixedHeight(self._look.ipx(34))
        self.setAccessibleName(self.text)
        plain = self._question is None and notice is not None and notice.kind == "info" and not notice.actions
        self._timer.start() if plain else self._timer.stop()
        self._place()
        self.update()
        self.shown_changed.emit()

    def _add(self, label: str, verb: str) -> None:
        button = Button(look=self._look, text=label, height=26, parent=self)
        button.setProperty("verb", verb)
        button.setAccessibleName(label)
        button.clicked.connect(self.on_clicked)
        button.show()
        self._buttons.append(button)

    @Slot()
    def on_clicked(self) -> None:
        """An offered action was taken."""
        verb = self.sender().property("verb")
        if not verb:
            self.answer()
            return
        name, _, argument = str(verb).partition(":")
        act = getattr(self._session, name)
        act(int(argument)) if argument else act()
        if self._session.notice is not None:
            self._session.dismiss_notice()

    # ---- painting --------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(400, self._look.ipx(34))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons behind the text."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        px = self._look.ipx
        text = QFontMetricsF(self._look.font("label")).horizontalAdvance(self.text)
        widths = [button.sizeHint().width() + px(8) for button in self._buttons]
        side = self._close.sizeHint()
        room = self.width() - side.width() - px(16) - sum(widths)
        x = min(px(46) + round(text) + px(16), max(px(46), room))
        for button, width in zip(self._buttons, widths, strict=True):
            button.setGeometry(x, px(4), width - px(8), px(26))
            x += width
        self._close.setGeometry(self.width() - side.width() - px(12), px(4), side.width(), px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon and word for errors, an ink bar at the left for the rest."""
        del event
        with QPainter(self) as painter:
            look, theme, notice = self._look, self._look.theme, self._session.notice
            painter.fillRect(self.rect(), theme.raised)
            error = self._question is None and notice is not None and notice.kind == "error"
            colour = theme.err if error else theme.ink
            size = look.px(16)
            place = QRectF(look.px(20), (self.height() - size) / 2, size, size)
            icons.paint(painter, "error" if error else "info", place, colour)
            painter.setPen(colour)
            font = look.font("label")
            painter.setFont(font)
            end = self._buttons[0].x() - look.px(12) if self._buttons else self._close.x() - look.px(8)
            room = QRectF(look.px(46), 0, max(0.0, end - look.px(46)), self.height())
            text = QFontMetricsF(font).elidedText(self.text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            self.setToolTip(self.text if text != self.text else "")
            painter.setPen(QPen(theme.line, 1))
            painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
