"""The action table brought to life: one QAction for every line, its verb resolved by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from rnnviz.view import icons, math_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rnnviz.view.actions import ActionSpec
    from rnnviz.view.look import Look


class Command(QAction):
    """A QAction that runs the verb of its line in the table; ``ran`` is sent afterwards."""

    ran = Signal()

    def __init__(self, spec: ActionSpec, run: Callable[..., Any], parent: QObject) -> None:
        super().__init__(spec.text, parent)
        self.spec = spec
        self._run = run
        self._hint = self._reason = ""
        self.setObjectName(f"action-{spec.key}")
        self.setIconText(spec.short or spec.text)
        self.setShortcuts([QKeySequence(name) for name in spec.shortcuts.split()])
        self.setCheckable(spec.checkable)
        self.setMenuRole(QAction.MenuRole.QuitRole if spec.key == "quit" else QAction.MenuRole.NoRole)
        self.show_tip()
        self.triggered.connect(self.run)

    @property
    def typable(self) -> bool:
        """True when a key of the action is one that text needs (no Ctrl or Alt, no function key)."""
        return any("+" not in name[:-1].replace("Shift+", "") and not _is_function_key(name)
                   for name in self.spec.shortcuts.split())  # fmt: skip

    def show_tip(self, reason: str = "") -> None:
        """Two sentences, the formula, the keys; ``reason`` (why it is disabled) comes first."""
        self._reason = reason
        formula = math_text.plain(self.spec.formula)
        keys = ", ".join(key_text(name) for name in self.spec.shortcuts.split())
        lines = [line for line in (reason, self.spec.tip, formula) if line]
        tip = "\n".join(lines) + (f"\n[{keys}]" if keys else "")
        if tip != self._hint:
            self._hint = tip
            self.setToolTip(tip)

    def retell(self) -> None:
        """The same tip in the notation in use."""
        self.show_tip(self._reason)

    @Slot()
    def run(self) -> None:
        """Do it."""
        if self.spec.argument is None:
            self._run()
        elif isinstance(self.spec.argument, dict):
            self._run(**self.spec.argument)
        else:
            self._run(self.spec.argument)
        self.ran.emit()


def _is_function_key(name: str) -> bool:
    return name.startswith("F") and name[1:].isdigit()


_PRINTED = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter", "-": "−"}


def key_text(name: str) -> str:
    """The key as people read it: ``Ctrl+Shift+S`` -> ``Ctrl Shift S``."""
    if name in {"+", "Ctrl++"}:
        return name.replace("++", " +")
    return " ".join(_PRINTED.get(part, part) for part in name.replace("Ctrl+-", "Ctrl+−").split("+") if part)


class CommandTable(QObject):
    """Makes the QActions of ``specs`` on ``window`` and keeps single keys away from text that is being typed."""

    def __init__(
        self, *, specs: Iterable[ActionSpec], owners: Mapping[str, object], window: QWidget, look: Look
    ) -> None:
        super().__init__(window)
        self._owners, self._look, self._typing = owners, look, False
        self.commands: dict[str, Command] = {}
        for spec in specs:
            command = Command(spec, self._resolve(spec), self)
            self.commands[spec.key] = command
            window.addAction(command)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self.on_focus_changed)
        look.changed.connect(self.on_look_changed)
        self.on_look_changed()

    def __getitem__(self, key: str) -> Command:
        """The action of line ``key``."""
        return self.commands[key]

    def _resolve(self, spec: ActionSpec) -> Callable[..., Any]:
        owner, _, verb = spec.verb.partition(".")
        if owner == "view":
            return ViewVerb(self._owners["settings"], verb)
        return getattr(self._owners[owner], verb)

    @Slot()
    def on_look_changed(self) -> None:
        """Icons in the colours of the theme, formulas in the notation in use."""
        theme = self._look.theme
        for command in self.commands.values():
            command.retell()
            if command.spec.icon:
                command.setIcon(icons.icon(command.spec.icon, theme.ink, theme.ink3, self._look.px(16)))

    @Slot(QWidget, QWidget)
    def on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Single keys are off while a text field has the focus."""
        del old
        self.set_typing(takes_text(new))

    def set_typing(self, typing: bool) -> None:
        """Switch the keys that text needs off or on."""
        if typing == self._typing:
            return
        self._typing = typing
        for command in self.commands.values():
            if command.typable:
                names = [] if typing else command.spec.shortcuts.split()
                keep = [n for n in command.spec.shortcuts.split() if "Ctrl" in n or "Alt" in n or _is_function_key(n)]
                command.setShortcuts([QKeySequence(name) for name in (names or keep)])


def takes_text(widget: QWidget | None) -> bool:
    """True for line edits, spin boxes and every widget that says ``typing`` while text goes into it."""
    if widget is None:
        return False
    from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

    # A combo box takes letters, arrows and Space to choose.
    if isinstance(widget, QLineEdit | QAbstractSpinBox | QComboBox | QPlainTextEdit | QTextEdit):
        return True
    return bool(getattr(widget, "typing", False))


class ViewVerb:
    """Sets or toggles one field of the view state."""

    def __init__(self, settings: Any, field: str) -> None:  # noqa: ANN401 duck-typed: anything with update_view
        self._settings, self._field = settings, field

    def __call__(self, value: object = None) -> None:
        """Set ``value``, or flip a truth value."""
        field = self._field
        self._settings.update_view(**{field: (not getattr(self._settings.view, field)) if value is None else value})
