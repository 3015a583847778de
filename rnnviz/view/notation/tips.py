"""Words that widgets were given once, when they were made: told again in the notation in use.

Tips, the texts of labels, the items of lists and the names for screen readers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from rnnviz.view import math_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.view.notation.notation import Notation

KEPT = "tipOfTheLecture"
_SHIFTED = re.compile(r"_([tkτ])([-−+])([\dk])")
"""An index without its braces, as plain words have it: ``h_t+1``."""
_BRACED = re.compile(r"(?<=[_^])\{([^{}]*)\}")
"""An index in the braces of the markup, which nobody should see."""


def told(text: str, notation: Notation) -> str:
    """``text``, sentences and formulas of the lecture line by line, in ``notation``; plain words stay as they are."""
    return "\n".join(_line(line, notation) for line in text.split("\n"))


def _line(line: str, notation: Notation) -> str:
    braced = _SHIFTED.sub(lambda found: f"_{{{found[1]}{found[2].replace('−', '-')}{found[3]}}}", line)
    translated = notation.translate(braced)
    if translated == braced:
        return _BRACED.sub(lambda found: found[1].replace("-", "\u2212"), line)
    return re.sub(r"(?<=[\w)])-(?=[\dk])", "\u2212", re.sub(r"[{}]", "", translated))


def retell(root: QWidget) -> None:
    """All such words below ``root`` in the notation in use; what was set anew since is taken as the lecture's."""
    notation = math_text.notation()
    for widget in (root, *root.findChildren(QWidget)):
        _again(widget, KEPT, widget.toolTip(), widget.setToolTip, notation)
        _again(widget, f"{KEPT}Name", widget.accessibleName(), widget.setAccessibleName, notation)
        if isinstance(widget, QLabel):
            _again(widget, f"{KEPT}Text", widget.text(), widget.setText, notation)
        elif isinstance(widget, QComboBox):
            _retell_items(widget, notation)


def _again(widget: QWidget, key: str, shown: str, put: Callable[[str], None], notation: Notation) -> None:
    if not shown:
        return
    kept = widget.property(key)
    source = kept[0] if kept and kept[1] == shown else shown
    wanted = told(source, notation)
    if wanted != shown:
        put(wanted)
    if kept or wanted != source:
        widget.setProperty(key, [source, wanted])


def _retell_items(box: QComboBox, notation: Notation) -> None:
    """Each item by its number: lists that are filled anew begin with the lecture's words."""
    for index in range(box.count()):

        def put(text: str, index: int = index) -> None:
            box.setItemText(index, text)

        _again(box, f"{KEPT}{index}", box.itemText(index), put, notation)
