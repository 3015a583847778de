"""A line at the top of a gradient panel: of which layer and direction it is, and the way to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rnnviz.view.facts import chains_of, chosen_chain
from rnnviz.view.layer_tag import LayerTag
from rnnviz.view.panels import form

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.view.look import Look

WIDEST = 160.0


class LayerRow(QWidget):
    """The words "of layer 2, right to left" as a tag to press; hidden for a network of one chain."""

    def __init__(self, *, session: Session, look: Look, title: str) -> None:
        super().__init__()
        self._session, self._look = session, look
        self.tag = LayerTag(look=look, title=title, parent=self)
        self.tag.chosen.connect(self.choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(form.label("Chain of"))
        row.addWidget(self.tag)
        row.addStretch(1)
        for signal in (session.selection_changed, session.trace_changed, look.changed):
            signal.connect(self.refresh)
        self.refresh()

    @Slot(str)
    def choose(self, name: str) -> None:
        """Show that chain, here and in every view of the window."""
        self._session.select(layer=name)

    @Slot()
    def refresh(self) -> None:
        """Follow network and selection."""
        names = chains_of(self._session.trace)
        self.setVisible(len(names) > 1)
        if len(names) > 1:
            self.tag.show_layer(chosen_chain(self._session), names)
            self.tag.setText(self.tag.words(self._look.px(WIDEST)))
            self.tag.setFixedSize(self.tag.sizeHint())
