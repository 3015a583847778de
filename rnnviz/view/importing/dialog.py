"""What was understood of a file of the user's own, before it is learned; the engine reads, this window only shows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rnnviz.engine.data.choice import ENCODINGS, DataChoice
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.tick_box import TickBox
from rnnviz.view.importing import words
from rnnviz.view.importing.tables import ExampleTable, style
from rnnviz.view.panels import form

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent

    from rnnviz.engine.data.report import Preview
    from rnnviz.session.session import Session
    from rnnviz.view.look import Look

WIDTH, HEIGHT = 780, 620
LONGEST_FIELD = 300


class ImportDialog(QDialog):
    """Opened, never run in a loop of its own. ``another_asked``: the user wants to choose another file."""

    another_asked = Signal()

    def __init__(self, *, path: Path, session: Session, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._path, self._session, self._look = path, session, look
        self._data = session.own_data
        self._choice = DataChoice()
        self._focused = False
        self.setWindowTitle("Open data")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self._data.changed.connect(self.refresh)
        look.changed.connect(self.on_look_changed)
        self.on_look_changed()
        self._data.look(path)

    # ---- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.name = form.label(self._path.name, strong=True)
        self.facts = form.label("", quiet=True)
        self.task = field("The task that learns this file.\nThe one on show comes first where it can.")
        self.header = TickBox("The first row names the columns", look=self._look)
        self.header.setToolTip("Checked: the first row is no example.\nUnchecked: it is one like the others.")
        tips = (
            "The first examples as they will be used.\nLine is that of the file.",
            "Each line and why it was not understood.\nNone of them is learned.",
        )
        self.first = ExampleTable(look=self._look, name="First examples", tip=tips[0])
        self.counts = form.label("")
        self.said = form.label("")
        self.problems_title = form.label("", quiet=True)
        self.problems = ExampleTable(look=self._look, name="Lines that were not understood", tip=tips[1])
        self.refusal = form.label("")
        self.refusal.setProperty("error", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        for widget in (self.name, self.facts):
            column.addWidget(widget)
        column.addLayout(self._choices())
        column.addWidget(self.first, 3)
        for widget in (self.counts, self.said, self.problems_title):
            column.addWidget(widget)
        column.addWidget(self.problems, 2)
        column.addWidget(self.refusal)
        self.blank = QWidget()
        column.addWidget(self.blank, 1)
        column.addLayout(self._buttons())
        self.task.activated.connect(self.on_task_chosen)
        self.header.clicked.connect(self.on_header_clicked)

    def _choices(self) -> QGridLayout:
        """The task, then one field for each column that it takes."""
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._task_label = self._labelled("&Learn by", self.task)
        self._grid.addWidget(self._task_label, 0, 0)
        self._grid.addWidget(self.task, 0, 1)
        self.encoding = field("How the letters of the file are written.\nChange it where letters look wrong.")
        self.encoding.addItem("", "")
        for name in ENCODINGS:
            self.encoding.addItem(words.encoding_name(name), name)
        self._encoding_label = self._labelled("&Encoding", self.encoding)
        self._grid.addWidget(self._encoding_label, 0, 2)
        self._grid.addWidget(self.encoding, 0, 3)
        self._grid.addWidget(self.header, 2, 1, 1, 3)
        self._grid.setColumnStretch(4, 1)
        self.encoding.activated.connect(self.on_encoding_chosen)
        self.columns: dict[str, QComboBox] = {}
        self._column_labels: list[QLabel] = []
        return self._grid

    @staticmethod
    def _labelled(text: str, field: QWidget) -> QLabel:
        label = QLabel(text)
        label.setBuddy(field)
        field.setAccessibleName(text.replace("&", ""))
        return label

    def _buttons(self) -> QHBoxLayout:
        self.another = Button(look=self._look, text="Another file…", height=32)
        self.another.setToolTip("Choose another file.\nNothing is learned yet.")
        self.another.clicked.connect(self.on_another)
        self.cancel = Button(look=self._look, text="Cancel", height=32)
        self.cancel.setToolTip("Close this preview.\nThe present network stays as it is.")
        self.cancel.clicked.connect(self.reject)
        self.learn = Button(look=self._look, text="Learn from it", kind="primary", height=32)
        self.learn.setToolTip("Make the network that learns this file.\nThe earlier one can be brought back.")
        self.learn.clicked.connect(self.on_learn)
        row = QHBoxLayout()
        row.addWidget(self.another)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.learn)
        return row

    # ---- what is shown ---------------------------------------------------------------------

    @Slot()
    def on_look_changed(self) -> None:
        """Other colours or another scale."""
        self.setStyleSheet(style(self._look))
        self.setPalette(self._look.palette())
        self.header.updateGeometry()
        self._limit_fields()
        parent = self.parentWidget()
        assert parent is not None
        self.resize(min(self._look.ipx(WIDTH), parent.width() - 40), min(self._look.ipx(HEIGHT), parent.height() - 40))

    def _limit_fields(self) -> None:
        """Long names of columns are cut short, so that two fields stand beside one another."""
        for box in (self.task, self.encoding, *self.columns.values()):
            box.setMaximumWidth(self._look.ipx(LONGEST_FIELD))

    @Slot()
    def refresh(self) -> None:
        """Show the newest answer; the one before it stays on show until there is another."""
        preview, data = self._data.preview, self._data
        self.learn.setEnabled(data.can_learn)
        for widget in (self._task_label, self.task, self._encoding_label, self.encoding, self.header, self.first,
                       self.counts, self.said, self.problems_title, self.problems):  # fmt: skip
            widget.setVisible(preview is not None)
        self.blank.setVisible(preview is None)
        self._focus()
        if preview is None:
            self._show_roles(())
            self.facts.setText("Reading the file…" if data.waiting else "")
            self._show_refusal(data.refusal)
            return
        self._show(preview)
        self._show_refusal("" if data.waiting else preview.refusal)

    def _focus(self) -> None:
        """At first the keys are with the button that is most likely wanted."""
        if not self._data.waiting and not self._focused:
            self._focused = True
            (self.learn if self._data.can_learn else self.another).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_refusal(self, sentence: str) -> None:
        self.refusal.setText(f"✕ Cannot be learned: {sentence}" if sentence else "")
        self.refusal.setVisible(bool(sentence))

    def _show(self, preview: Preview) -> None:
        self.facts.setText(words.facts(preview) if not self._data.waiting else "Reading the file…")
        if [self.task.itemData(index) for index in range(self.task.count())] != list(preview.tasks):
            self.task.clear()
            for name in preview.tasks:
                self.task.addItem(words.task_title(name), name)
        form.show_choice(self.task, preview.task)
        if not self._choice.encoding:
            self.encoding.setItemText(0, f"{words.encoding_name(preview.encoding)}, found out")
        self.header.setVisible(bool(preview.columns))
        self.header.setChecked(preview.header)
        self._show_columns(preview)
        self.first.fill(preview.heads, preview.lines, preview.rows)
        self.counts.setText(words.numbers(preview.counts) if preview.rows else "")
        self.counts.setVisible(bool(self.counts.text()))
        said = [f"⚠ {sentence}" for sentence in preview.warnings] + list(preview.notes)
        self.said.setText("\n".join(said))
        self.said.setVisible(bool(said))
        self.problems_title.setText(words.problems_title(preview))
        self.problems_title.setVisible(bool(preview.rows or preview.problem_count))
        self.problems.setVisible(bool(preview.problems))
        self.problems.fill(
            ("Why",), [each.line for each in preview.problems], [(each.sentence,) for each in preview.problems]
        )

    def _show_columns(self, preview: Preview) -> None:
        """One field for each role, with all columns to choose from."""
        self._show_roles(preview.roles if preview.columns else ())
        for role, box in self.columns.items():
            names = [f"{column.name} ({column.kind})" for column in preview.columns]
            if [box.itemText(index) for index in range(box.count())] != names:
                box.clear()
                for index, name in enumerate(names, 1):
                    box.addItem(name, f"#{index}")
            chosen = next((index for index, column in enumerate(preview.columns) if column.role == role), -1)
            blocked = box.blockSignals(True)
            box.setCurrentIndex(chosen)
            box.blockSignals(blocked)

    def _show_roles(self, roles: tuple[str, ...]) -> None:
        if tuple(self.columns) == roles:
            return
        for widget in (*self._column_labels, *self.columns.values()):
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self.columns, self._column_labels = {}, []
        for place, role in enumerate(roles):
            box = field(f"The column of the file that is the {role}.\nThe examples below follow.")
            box.activated.connect(self.on_column_chosen)
            label = self._labelled(words.ROLE_NAMES.get(role, role), box)
            self._grid.addWidget(label, 1, 2 * place)
            self._grid.addWidget(box, 1, 2 * place + 1)
            self.columns[role] = box
            self._column_labels.append(label)
        self._limit_fields()
        self._order_of_keys()

    def _order_of_keys(self) -> None:
        """Tab goes down the dialog, also through fields that were made later."""
        chain = [self.task, self.encoding, *self.columns.values(), self.header, self.first, self.problems,
                 self.another, self.cancel, self.learn]  # fmt: skip
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # ---- what is chosen --------------------------------------------------------------------

    def _ask(self, task: str, choice: DataChoice) -> None:
        self._choice = choice
        self._data.look(self._path, task, choice)

    @Slot()
    def on_task_chosen(self) -> None:
        """Another task takes other columns."""
        self._ask(self.task.currentData(), replace(self._choice, columns={}))

    @Slot()
    def on_encoding_chosen(self) -> None:
        """The file is read anew."""
        self._ask(self.task.currentData(), replace(self._choice, encoding=self.encoding.currentData()))

    @Slot()
    def on_header_clicked(self) -> None:
        """The first row is one more example, or none."""
        columns, header = self._chosen_columns(), self.header.isChecked()
        self._ask(self.task.currentData(), replace(self._choice, columns=columns, header=header))

    @Slot()
    def on_column_chosen(self) -> None:
        """Another column; the one that it takes the place of becomes that of the other role."""
        wanted = self._chosen_columns()
        box = self.sender()
        role = next((role for role, each in self.columns.items() if each is box), "")
        preview = self._data.preview
        before = {column.role: f"#{place}" for place, column in enumerate(preview.columns, 1)} if preview else {}
        for other, place in wanted.items():
            if other != role and place == wanted.get(role) and role in before:
                wanted[other] = before[role]
        self._ask(self.task.currentData(), replace(self._choice, columns=wanted))

    def _chosen_columns(self) -> dict[str, str]:
        return {role: box.currentData() for role, box in self.columns.items() if box.currentIndex() >= 0}

    @Slot()
    def on_learn(self) -> None:
        """Learn it as it is shown."""
        if self._data.can_learn:
            self._data.learn()
            self.accept()

    @Slot()
    def on_another(self) -> None:
        """Back to the choice of a file."""
        self.reject()
        self.another_asked.emit()

    def done(self, result: int) -> None:
        """Whatever is still on its way for this preview is no longer wanted."""
        self._data.changed.disconnect(self.refresh)
        self._data.leave()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter learns, wherever the focus is; Esc closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_learn()
            return
        super().keyPressEvent(event)


def field(tip: str) -> QComboBox:
    """A choice that is as wide as its longest entry, within reason."""
    box = form.choice((), tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMinimumContentsLength(12)
    return box
