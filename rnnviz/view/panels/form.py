"""Labelled fields for the settings panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSpinBox

if TYPE_CHECKING:
    from collections.abc import Sequence


class RealBox(QDoubleSpinBox):
    """Shows as many decimals as the number has: 0.01, not 0.010000."""

    def textFromValue(self, value: float) -> str:
        """The shortest text of ``value``."""
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


def label(text: str, *, quiet: bool = False, strong: bool = False) -> QLabel:
    """A label that wraps."""
    widget = QLabel(text)
    widget.setWordWrap(True)
    widget.setProperty("quiet", "true" if quiet else "false")
    widget.setProperty("strong", "true" if strong else "false")
    return widget


def whole(low: int, high: int, tip: str) -> QSpinBox:
    """A whole number; the value counts when the editing ends."""
    box = QSpinBox()
    box.setRange(low, high)
    box.setKeyboardTracking(False)
    box.lineEdit().setTextMargins(6, 0, 6, 0)
    box.setToolTip(tip)
    return box


def real(low: float, high: float, decimals: int, tip: str) -> QDoubleSpinBox:
    """A real number; the arrow keys move its leading digit."""
    box = RealBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setKeyboardTracking(False)
    box.lineEdit().setTextMargins(6, 0, 6, 0)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    box.setToolTip(tip)
    return box


def choice(options: Sequence[tuple[str, str]], tip: str) -> QComboBox:
    """One of ``options`` (key, text)."""
    box = QComboBox()
    for key, text in options:
        box.addItem(text, key)
    box.setToolTip(tip)
    return box


def show_choice(box: QComboBox, key: str) -> None:
    """Choose ``key`` without telling anybody."""
    blocked = box.blockSignals(True)
    box.setCurrentIndex(max(0, box.findData(key)))
    box.blockSignals(blocked)


def show_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Show ``value`` without telling anybody, and not while the user is typing in the field."""
    if box.hasFocus() and box.lineEdit().isModified():
        return
    blocked = box.blockSignals(True)
    box.setValue(int(value) if isinstance(box, QSpinBox) else value)
    box.blockSignals(blocked)
