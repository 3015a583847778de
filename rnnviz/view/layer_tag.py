"""The tag beside a title: of which layer and direction the numbers are, and a menu to choose another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.view.header_button import HeaderButton
from rnnviz.view.layer_names import layer_mark, layer_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look


class LayerTag(HeaderButton):
    """Says "layer 2 ←". A click or Return lists all layers; the arrow keys choose one of them."""

    chosen = Signal(str)

    def __init__(self, *, look: Look, title: str, parent: QWidget) -> None:
        super().__init__(look=look, parent=parent)
        self._title, self._names, self._name = title, ("l0",), "l0"
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self.show_menu)

    def show_layer(self, name: str, names: Sequence[str]) -> None:
        """Say that the numbers are those of the chain ``name`` of ``names``."""
        if (name, tuple(names)) == (self._name, self._names):
            return
        self._name, self._names = name, tuple(names)
        self.setAccessibleName(f"{self._title} of {layer_words(name, names)}: choose another layer")
        self.setToolTip(f"The numbers are those of {layer_words(name, names)}.\nClick to choose another layer.")
        self.update()

    def words(self, room: float) -> str:
        """As much as fits ``room`` px: "layer 2 ←", "2 ←", or nothing."""
        metrics, mark = QFontMetricsF(self.look.font("small")), layer_mark(self._name, self._names)
        candidates = (f"layer {mark}", mark)
        return next((text for text in candidates if self._width(metrics, text) <= room), "")

    def _width(self, metrics: QFontMetricsF, text: str) -> float:
        return metrics.horizontalAdvance(text) + self.look.px(12)

    def place(self, x: float, y: float, room: float) -> bool:
        """Stand at ``x``, ``y`` if there is ``room``; False where even the short form is too wide."""
        words = self.words(room)
        if words:
            self.setText(words)
            self.setGeometry(round(x), round(y), self.sizeHint().width(), self.sizeHint().height())
        return bool(words)

    def sizeHint(self) -> QSize:
        """Room for the words."""
        width = self._width(QFontMetricsF(self.look.font("small")), self.text())
        return QSize(round(width), round(self.look.px(18)))

    def menu(self) -> QMenu:
        """All layers, the topmost first as on the stage; the menu deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_layer_menu(menu, self._name, self._names, self.chosen.emit)
        return menu

    @Slot()
    def show_menu(self) -> None:
        """Open the list under the tag with the present layer marked, ready for the arrow keys."""
        menu = self.menu()
        present = next((action for action in menu.actions() if action.isChecked()), None)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        if present is not None:
            menu.setActiveAction(present)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words in a hairline box."""
        del event
        look, theme = self.look, self.look.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.ink if self.underMouse() else theme.line2, 1))
            painter.setBrush(theme.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))
            painter.setFont(look.font("small"))
            painter.setPen(theme.ink)
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())
            self.paint_focus(painter, look.px(4))


def fill_layer_menu(menu: QMenu, present: str, names: Sequence[str], choose: Callable[[str], object]) -> None:
    """One line a chain, from the output down to the text; ``choose`` is called with the name of the chosen one."""
    for name in reversed(names):
        words = layer_words(name, names)
        action = menu.addAction(words[0].upper() + words[1:])
        action.setCheckable(True)
        action.setChecked(name == present)
        action.setData(name)
    menu.triggered.connect(lambda action: choose(action.data()))
