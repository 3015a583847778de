"""Keeps what is drawn in the chosen notation: every formula passes through ``math_text``, and that is told here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.engine.network import weight_suffix
from rnnviz.view import math_text
from rnnviz.view.notation.notation import Notation
from rnnviz.view.notation.tips import retell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look


def sizes_of(parameters: Mapping[str, Sequence[int]], layer: str) -> dict[str, tuple[int, ...]]:
    """Shapes under the lecture's names, of layer ``l0`` or ``l1r`` and of the read-out, where there is one."""
    suffix = weight_suffix(layer)
    names = {
        "W_{xh}": f"weight_ih{suffix}",
        "W_{hh}": f"weight_hh{suffix}",
        "W_{hy}": "readout.weight",
        "b_h": f"bias_ih{suffix}",
        "b_y": "readout.bias",
    }
    return {name: tuple(parameters[own]) for name, own in names.items() if own in parameters}


def notation_of(session: Session, settings: Settings) -> Notation:
    """The notation that the view names, for the network of the session."""
    model, view = session.run.model, settings.view
    sizes = sizes_of(session.parameters, session.layer)
    return Notation(view.notation, model.cell, getattr(model, "activation", "tanh"), view.shapes, sizes)


class NotationControl(QObject):
    """Follows view and network; a change reaches everything drawn by way of the look."""

    def __init__(self, *, session: Session, settings: Settings, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._settings, self._look, self._window = session, settings, look, parent
        self.notation = notation_of(session, settings)
        math_text.use(self.notation)
        for signal in (settings.view_changed, session.run_changed, session.selection_changed):
            signal.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Take the notation that is wanted now; what looks the same is left as it is."""
        wanted = notation_of(self._session, self._settings)
        if wanted == self.notation:
            return
        alike = wanted.silent and self.notation.silent
        self.notation = wanted
        math_text.use(wanted)
        if not alike:
            self._look.changed.emit()
            retell(self._window)
