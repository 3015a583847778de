"""The one style sheet, made from the tokens: menus, fields, scroll bars and tips. Our own controls paint themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.resources import resource_path

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from rnnviz.view.look import Look


def _rgba(colour: QColor) -> str:
    return f"rgba({colour.red()},{colour.green()},{colour.blue()},{colour.alpha()})"


def _arrow() -> str:
    """Style sheets take pictures from files only: one grey that is seen on every theme."""
    try:
        return resource_path("icons/chevron.svg").as_posix()
    except OSError:
        return ""


def _focus(look: Look) -> str:
    """The frame of what has the keyboard."""
    return f"border: 2px solid {look.theme.ink.name()};"


def _menus(look: Look) -> str:
    theme, px = look.theme, look.ipx
    size = max(1, px(12.5))
    family = look.font("label").family()
    return f"""
* {{ font-family: "{family}"; font-size: {size}px; }}
QToolTip {{ color: {theme.panel.name()}; background: {theme.ink.name()}; border: 0; padding: {px(5)}px {px(8)}px; }}
QMenu {{ background: {theme.panel.name()}; color: {theme.ink.name()}; border: 1px solid {theme.line2.name()};
    padding: {px(5)}px; }}
QMenu::item {{ padding: {px(6)}px {px(26)}px {px(6)}px {px(10)}px; border-radius: {px(4)}px; }}
QMenu::item:selected {{ background: {theme.ink.name()}; color: {theme.panel.name()}; }}
QMenu::item:disabled {{ color: {theme.ink3.name()}; }}
QMenu::icon {{ padding-left: {px(8)}px; }}
QMenu::separator {{ height: 1px; background: {theme.line.name()}; margin: {px(5)}px {px(8)}px; }}
"""


def _fields(look: Look) -> str:
    theme, px, focus = look.theme, look.ipx, _focus(look)
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ background: {theme.panel.name()};
    color: {theme.ink.name()}; border: 1px solid {theme.line2.name()}; border-radius: {px(5)}px;
    padding: {px(3)}px {px(7)}px;
    selection-background-color: {theme.ink.name()}; selection-color: {theme.panel.name()}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {{
    {focus} padding: {px(2)}px {px(6)}px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {theme.ink3.name()};
    border-color: {theme.line.name()}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: 0; padding: 0 {px(6)}px; background: transparent; }}
QAbstractSpinBox QLineEdit:focus {{ border: 0; padding: 0 {px(6)}px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: 0; }}
"""


def _choices(look: Look) -> str:
    theme, px = look.theme, look.ipx
    return f"""
QComboBox QAbstractItemView {{ background: {theme.panel.name()}; color: {theme.ink.name()};
    border: 1px solid {theme.line2.name()};
    selection-background-color: {theme.ink.name()}; selection-color: {theme.panel.name()}; outline: 0; }}
QComboBox::drop-down {{ border: 0; width: {px(22)}px; }}
QComboBox::down-arrow {{ image: url("{_arrow()}"); width: {px(14)}px; height: {px(14)}px; }}
"""


def _labels(look: Look) -> str:
    theme, px = look.theme, look.ipx
    return f"""
QCheckBox {{ color: {theme.ink.name()}; spacing: {px(8)}px; }}
QLabel {{ background: transparent; color: {theme.ink.name()}; }}
QLabel[quiet="true"] {{ color: {theme.ink2.name()}; font-size: {max(1, px(11.5))}px; }}
QLabel[strong="true"] {{ font-weight: 600; }}
QLabel[error="true"] {{ color: {theme.err.name()}; }}
"""


def _lists(look: Look) -> str:
    theme, px = look.theme, look.ipx
    return f"""
QListWidget {{ background: {theme.panel.name()}; color: {theme.ink.name()}; border: 0; outline: 0; }}
QScrollArea {{ border: 0; }}
QScrollBar:vertical {{ background: transparent; width: {px(10)}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(10)}px; margin: 0; }}
QScrollBar::handle {{ background: {theme.line2.name()}; border-radius: {px(3)}px; min-height: {px(24)}px;
    min-width: {px(24)}px;     margin: {px(2)}px; }}
QScrollBar::handle:hover {{ background: {theme.ink2.name()}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _dialogs(look: Look) -> str:
    theme, px, focus = look.theme, look.ipx, _focus(look)
    return f"""
QMessageBox, QFileDialog, QDialog {{ background: {theme.bg.name()}; }}
QPushButton {{ background: {theme.panel.name()}; color: {theme.ink.name()}; border: 1px solid {theme.line2.name()};
    border-radius: {px(6)}px; padding: {px(6)}px {px(14)}px; }}
QPushButton:hover {{ background: {_rgba(theme.faded("ink", 0.07))}; }}
QPushButton:default {{ background: {theme.ink.name()}; color: {theme.panel.name()}; border-color: {theme.ink.name()}; }}
QPushButton:focus {{ {focus} padding: {px(5)}px {px(13)}px; }}
"""


def style_sheet(look: Look) -> str:
    """The style sheet for ``look``."""
    return "".join(part(look) for part in (_menus, _fields, _choices, _labels, _lists, _dialogs))
