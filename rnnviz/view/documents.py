"""Files: new, open, save, recent, dropped; and the question about unsaved changes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.importing.dialog import ImportDialog
    from rnnviz.view.look import Look

SUFFIX = ".rnnviz"
FILTER = f"rnnviz sessions (*{SUFFIX})"
TEXT_FILTER = "Text files (*.txt *.md *.py *.tex *.html);;All files (*)"
DATA_FILTER = (
    "Data (*.txt *.md *.csv *.tsv *.tab *.dat *.conllu *.conll *.fasta *.fa *.fna *.ffn *.fas);;"
    "Tables (*.csv *.tsv *.tab *.txt);;CoNLL-U (*.conllu *.conll);;"
    "FASTA (*.fasta *.fa *.fna *.ffn *.fas);;All files (*)"
)


class Documents(QObject):
    """All dialogs are window-modal and opened, never run in a loop of their own."""

    close_allowed = Signal()

    def __init__(self, *, session: Session, settings: Settings, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._look, self._window = session, settings, look, window
        self._import: ImportDialog | None = None
        self._data_folder = ""
        self._after: Callable[[], object] | None = None
        self._box: QMessageBox | None = None
        self._dialog: QFileDialog | None = None
        session.path_changed.connect(self.on_path_changed)

    # ---- the question ----------------------------------------------------------------------

    @property
    def worth_asking(self) -> bool:
        """True when closing would lose something the user cares about."""
        return self._session.dirty

    def ask_first(self, act: Callable[[], object]) -> None:
        """Do ``act`` now, or after the user has said what becomes of unsaved changes."""
        if not self.worth_asking:
            act()
            return
        self._after = act
        buttons = QMessageBox.StandardButton
        name = self._session.path.name if self._session.path else "This session"
        box = QMessageBox(QMessageBox.Icon.NoIcon, "rnnviz", f"{name} has changes that are not saved.",
                          buttons.Save | buttons.Discard | buttons.Cancel, self._window)  # fmt: skip
        box.setInformativeText("Save keeps text, network, weights and view in one file.")
        box.setDefaultButton(buttons.Save)
        for which, text in ((buttons.Save, "&Save"), (buttons.Discard, "&Discard"), (buttons.Cancel, "Cancel")):
            # The same words, and letters for Alt, on every platform; and no coloured pictures.
            box.button(which).setText(text)
            box.button(which).setIcon(QIcon())
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self.on_answered)
        self._box = box
        box.open()

    @property
    def question(self) -> QMessageBox | None:
        """The question on show."""
        return self._box

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Save, then act; act; or stay."""
        self._box = None
        if answer == QMessageBox.StandardButton.Save:
            self.save()
            return
        act, self._after = self._after, None
        if answer == QMessageBox.StandardButton.Discard and act is not None:
            act()

    @Slot()
    def on_path_changed(self) -> None:
        """A save that something waits for has succeeded."""
        if self._after is not None and not self._session.dirty and self._box is None:
            act, self._after = self._after, None
            act()

    # ---- verbs -----------------------------------------------------------------------------

    def new_session(self) -> None:
        """Begin again."""
        self.ask_first(self._session.new_session)

    def open(self) -> None:
        """Choose a session file."""
        self._choose("Open session", FILTER, self.open_path)

    def open_path(self, path: str) -> None:
        """Open ``path`` as what it is: a session, or data to learn from."""
        if Path(path).suffix.lower() == SUFFIX:
            self.ask_first(partial(self._session.open, Path(path)))
        else:
            self.preview(path)

    def open_text(self) -> None:
        """Choose a text file to learn from."""
        self._choose("Learn from a text file", TEXT_FILTER, self.preview, folder=self._data_folder)

    @Slot()
    def open_data(self) -> None:
        """Choose a file of data: text, table, tagged sentences, gene sequences, numbers."""
        self._choose("Open data", DATA_FILTER, self.preview, folder=self._data_folder)

    def preview(self, path: str) -> None:
        """Show what was understood of a file; it is learned from there."""
        from rnnviz.view.importing.dialog import ImportDialog

        if self._import is not None:
            self._import.reject()
        dialog = ImportDialog(path=Path(path), session=self._session, look=self._look, parent=self._window)
        dialog.another_asked.connect(self.open_data)
        dialog.finished.connect(self.on_import_finished)
        self._import, self._data_folder = dialog, str(Path(path).parent)
        dialog.open()

    @property
    def importing(self) -> ImportDialog | None:
        """The preview of a file on show."""
        return self._import

    @Slot()
    def on_import_finished(self) -> None:
        """The preview is closed."""
        self._import = None

    def save(self) -> None:
        """Save under the known name, or ask for one."""
        if self._session.path is None:
            self.save_as()
        else:
            self.save_path(str(self._session.path))

    def save_as(self) -> None:
        """Ask for a name, then save."""
        self._choose("Save session", FILTER, self.save_path, save=True)

    def save_path(self, path: str) -> None:
        """Save as ``path``."""
        target = Path(path)
        if target.suffix.lower() != SUFFIX:
            target = target.with_name(target.name + SUFFIX)
        self._session.save(target, msgspec.to_builtins(self._settings.view))

    def close_window(self) -> None:
        """Quit: the window asks about unsaved changes itself."""
        self._window.close()

    # ---- dialogs ---------------------------------------------------------------------------

    def _choose(
        self, title: str, name_filter: str, act: Callable[[str], None], *, save: bool = False, folder: str = ""
    ) -> None:
        dialog = QFileDialog(self._window, title, folder or self._folder(), name_filter)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave if save else QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile if save else QFileDialog.FileMode.ExistingFile)
        if save:
            dialog.setDefaultSuffix(SUFFIX[1:])
            dialog.selectFile(self._session.path.name if self._session.path else f"session{SUFFIX}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(act)
        dialog.rejected.connect(self.on_dialog_rejected)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def on_dialog_rejected(self) -> None:
        """No name, no save: what waited for it is off."""
        self._after = None

    def _folder(self) -> str:
        known = self._session.path or next(iter(self._settings.recent), None)
        return str(known.parent if known else Path.home())
