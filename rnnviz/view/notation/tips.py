"""Tips that widgets were given once, when they were made: told again in the notation in use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from rnnviz.view import math_text

if TYPE_CHECKING:
    from rnnviz.view.notation.notation import Notation

KEPT = "tipOfTheLecture"


def told(text: str, notation: Notation) -> str:
    """``text``, sentences and formulas of the lecture line by line, in ``notation``; plain words stay as they are."""
    return "\n".join(_line(line, notation) for line in text.split("\n"))


def _line(line: str, notation: Notation) -> str:
    translated = notation.translate(line)
    if translated == line:
        return line
    return re.sub(r"(?<=[\w)])-(?=\d)", "\u2212", re.sub(r"[{}]", "", translated))


def retell(root: QWidget) -> None:
    """Every tip below ``root`` in the notation in use; one that was set anew since is taken as the lecture's."""
    notation = math_text.notation()
    for widget in (root, *root.findChildren(QWidget)):
        shown = widget.toolTip()
        if not shown:
            continue
        kept = widget.property(KEPT)
        source = kept[0] if kept and kept[1] == shown else shown
        wanted = told(source, notation)
        if wanted != shown:
            widget.setToolTip(wanted)
        if kept or wanted != source:
            widget.setProperty(KEPT, [source, wanted])
