"""The right side: tabs (Step, Watch, Breakpoints, Model, Lab) over cards (Training). Pages are made when first seen.

The pages of the gradient laboratory stand in a second row of tabs under "Lab".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from rnnviz.view.controls.tabs import TabRow
from rnnviz.view.panels import PANELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look
    from rnnviz.view.panels.base import Panel, PanelEntry


CARD_HEIGHT = 384
LAB = "lab"
LAB_TABS = 24
UNLIMITED = 16777215


class SidePanel(QWidget):
    """Builds panels from the registry; ``services`` are what their factories may ask for by name."""

    page_changed = Signal()

    def __init__(self, *, look: Look, services: dict[str, Any], entries: Iterable[PanelEntry] = PANELS) -> None:
        super().__init__()
        self._look, self._services = look, services
        self._entries = {entry.key: entry for entry in entries}
        self._pages: dict[str, Panel] = {}
        self._current = ""
        self._stacked = True
        self._cards_open: set[str] = set()
        self._build()
        self._lab_page = self._lab_keys[0] if self._lab_keys else ""
        look.changed.connect(self.on_look_changed)
        self._playback = services["playback"]
        self._playback.breakpoints_changed.connect(self.on_breakpoints_changed)

    def _build(self) -> None:
        self.tabs = TabRow(look=self._look)
        self.lab_tabs = TabRow(look=self._look, height=LAB_TABS)
        for entry in self._entries.values():
            (self.lab_tabs if entry.area == LAB else self.tabs).add(entry.key, entry.title)
        self._lab_keys = [key for key, entry in self._entries.items() if entry.area == LAB]
        if self._lab_keys:
            self.tabs.add(LAB, "Lab")
        self.tabs.chosen.connect(self.show_page)
        self.lab_tabs.chosen.connect(self.show_page)
        self._scroll = self._scroll_area()
        self._column = QVBoxLayout(self._scroll.widget())
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        # A card keeps its height; in a low window it scrolls instead of being cut.
        self._card_scroll = self._scroll_area()
        self._cards = QVBoxLayout(self._card_scroll.widget())
        self._cards.setContentsMargins(0, 0, 0, 0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.tabs)
        outer.addWidget(self.lab_tabs)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._card_scroll, 1)

    @staticmethod
    def _scroll_area() -> QScrollArea:
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(QWidget())
        # Qt fills a scroll area's widget by itself; the paper is ours.
        area.widget().setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    @Slot()
    def on_look_changed(self) -> None:
        """New colours."""
        self.update()

    @Slot()
    def on_breakpoints_changed(self) -> None:
        """How many there are stands on the tab."""
        self.tabs.set_count("breakpoints", len(self._playback.breakpoints))

    # ---- what is open ----------------------------------------------------------------------

    @property
    def current(self) -> str:
        """The key of the page on show."""
        return self._current

    def panel(self, key: str) -> Panel:
        """The panel ``key``, made now if it was not there yet."""
        if key not in self._pages:
            entry = self._entries[key]
            names = ("session", "settings", *getattr(entry.factory, "needs", ()))
            services = {name: self._services[name] for name in names}
            panel = entry.factory(entry=entry, look=self._look, **services)
            self._pages[key] = panel
            panel.hide()
            if entry.area == "card":
                self._cards.addWidget(panel)
            else:
                self._column.addWidget(panel)
        return self._pages[key]

    def _is_tab(self, key: str) -> bool:
        """A card is a tab of its own where there is no room below the pages."""
        return self._is_page(key) or not self._stacked

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Bring the tab ``key`` to the front; "lab" is the page of the laboratory seen last."""
        self._current = self._lab_page if key == LAB else key
        if self._current in self._lab_keys:
            self._lab_page = self._current
        self._show()
        self.page_changed.emit()

    def arrange(self, *, pages: bool, cards: Iterable[str], stacked: bool) -> None:
        """Show the tabs or not, and which cards: below the pages (``stacked``), or as tabs in a low window."""
        self._cards_open, self._stacked = set(cards), stacked or not pages
        self.tabs.setVisible(pages)
        keys = [key for key in self._entries if self._is_tab(key) and (self._is_page(key) or key in self._cards_open)]
        for key, tab in self.tabs.tabs.items():
            tab.setVisible(key in keys or key == LAB)
        self.tabs.place()
        if pages and self._current not in keys:
            self._current = keys[0]
        self._show()

    def _is_page(self, key: str) -> bool:
        return self._entries[key].area != "card"

    def _show(self) -> None:
        """Exactly the current page and the open cards are visible."""
        pages = not self.tabs.isHidden()
        current = self._current if pages else ""
        in_lab = current in self._lab_keys
        self.tabs.set_current(LAB if in_lab else current)
        self.lab_tabs.set_current(current)
        self.lab_tabs.setVisible(in_lab)
        self._scroll.setVisible(bool(current) and self._is_page(current))
        height, cards = self._look.ipx(CARD_HEIGHT), False
        for key in self._entries:
            card = not self._is_page(key)
            shown = key == current or (card and self._stacked and key in self._cards_open)
            if shown or key in self._pages:
                panel = self.panel(key)
                panel.setVisible(shown)
                if card:
                    cards = cards or shown
                    panel.setMinimumHeight(height)
        self._card_scroll.setVisible(cards)
        self._card_scroll.setMaximumHeight(height if pages and self._stacked else UNLIMITED)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper and the hairline at the left."""
        del event
        with QPainter(self) as painter:
            theme = self._look.theme
            painter.fillRect(self.rect(), theme.panel)
            painter.setPen(QPen(theme.line, 1))
            painter.drawLine(QPointF(0.5, 0), QPointF(0.5, self.height()))
            if self.y() > 0:  # a drawer over the tracks
                painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
