"""The import dialog by itself: what it says, how keys go through it, that it fits, and that it follows the look."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMainWindow
from shiboken6 import isValid

from rnnviz.engine.data.problems import Problem
from rnnviz.engine.data.report import DataCounts, Preview
from rnnviz.view.importing import words
from rnnviz.view.importing.dialog import ImportDialog
from rnnviz.view.importing.tables import shown
from rnnviz.view.look import Look, contrast

TABLE = "sentence,label\n" + "".join(f"some words {i},{'yes' if i % 2 else 'no'}\n" for i in range(30)) + "bad\n" * 3


@pytest.fixture
def look():
    return Look()


@pytest.fixture
def dialog(session, look, qtbot, wait_until, tmp_path):
    """A dialog about a table, over a window of 1280x720."""
    path = tmp_path / "own.csv"
    path.write_text(TABLE)
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    made = ImportDialog(path=path, session=session, look=look, parent=window)
    made.open()
    wait_until(lambda: session.own_data.can_learn)
    yield made
    if isValid(made):
        made.reject()


def preview(**changes):
    base = {"name": "own.csv", "kind": "table", "encoding": "utf-8", "size": 1500, "read": 1500, "task": "sentiment"}
    return Preview(**base | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"delimiter": ","}, "Table with commas between the columns · UTF-8 · 2 kB, all of it was read"),
        ({"kind": "text", "size": 1, "read": 1}, "Text · UTF-8 · 1 byte, all of it was read"),
        (
            {"kind": "fasta", "size": 500_000_000, "read": 20_000_000, "encoding": "utf-8 and windows-1252"},
            "FASTA, gene sequences · UTF-8 and Windows-1252 · 500.0 MB, only its first 20.0 MB were read",
        ),
    ],
)
def test_kind_encoding_and_size_are_said(changes, sentence):
    assert words.facts(preview(**changes)) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            DataCounts(examples=1200, unit="word", shortest=2, longest=40, vocabulary=300, labels=(("yes", 700),
                       ("no", 500)), label_kinds=2),
            "1,200 examples · 2 to 40 words each · 300 different words · 2 labels: yes (700), no (500)",
        ),
        (DataCounts(examples=1, what="strand", unit="base", shortest=7, longest=7, vocabulary=4),
         "1 strand · 7 bases each · 4 different bases"),
        (DataCounts(examples=30, what="number", unit="number"), "30 numbers"),
        (DataCounts(examples=9, what="character", unit="character", vocabulary=1), "9 characters · 1 character only"),
        (
            DataCounts(examples=9, unit="word", longest=1, shortest=1, labels=tuple((f"l{i}", 1) for i in range(9)),
                       label_kinds=9),
            "9 examples · 1 word each · 9 labels: l0 (1), l1 (1), l2 (1), l3 (1), l4 (1), l5 (1), …",
        ),
    ],
)  # fmt: skip
def test_the_numbers_are_one_line(counts, sentence):
    assert words.numbers(counts) == sentence


def test_how_many_lines_were_not_understood_is_said():
    assert words.problems_title(preview()) == "Every line was understood."
    one = preview(problems=(Problem(1, "x"),), problem_count=1)
    assert words.problems_title(one) == "1 line was not understood and is left out:"
    many = preview(problems=(Problem(1, "x"),) * 100, problem_count=2500)
    assert words.problems_title(many) == "2,500 lines were not understood and are left out; the first 100:"


def test_what_cannot_be_drawn_on_a_line_is_replaced():
    assert shown("a\u2028b\x07c é日") == "a␣b�c é日"


def test_the_dialog_shows_the_answer_of_the_engine(dialog):
    assert dialog.name.text() == "own.csv"
    assert dialog.task.currentText() == "Sentiment"
    assert dialog.header.isChecked()
    assert {role: box.currentText() for role, box in dialog.columns.items()} == {
        "sentence": "sentence (text)", "label": "label (labels)",
    }  # fmt: skip
    assert dialog.first.head() == ["Line", "Sentence", "Label"]
    assert dialog.first.cells(1) == ["3", "some words 1", "yes"]
    assert dialog.problems.cells(0) == ["32", "1 column instead of 2."]
    assert dialog.problems_title.text() == "3 lines were not understood and are left out:"
    assert dialog.counts.text().startswith("30 examples · 3 words each")
    assert not dialog.refusal.isVisible()


def test_everything_is_reached_by_tab_and_has_a_name(dialog, qtbot):
    wanted = [dialog.task, dialog.encoding, *dialog.columns.values(), dialog.header, dialog.first, dialog.problems,
              dialog.another, dialog.cancel, dialog.learn]  # fmt: skip
    dialog.task.setFocus()
    met = [dialog.focusWidget()]
    for _ in wanted[1:]:
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        met.append(dialog.focusWidget())
    assert met == wanted
    assert all(widget.accessibleName() or widget.text() for widget in wanted)
    assert all(widget.toolTip() for widget in wanted)


def test_it_fits_a_small_window_at_every_zoom(dialog, look):
    for zoom in (0.7, 1.0, 1.6, 2.5):
        look.set_zoom(zoom)
        assert dialog.width() <= 1280
        assert dialog.height() <= 720
        assert not dialog.grab().isNull()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_it_is_drawn_in_the_colours_of_the_theme(dialog, look, theme):
    look.set_theme(theme)
    picture = dialog.grab().toImage()
    corner = picture.pixelColor(3, 3)
    assert max(abs(a - b) for a, b in zip(corner.getRgb()[:3], look.theme.bg.getRgb()[:3], strict=True)) <= 2
    box = dialog.header.grab().toImage()
    colours = {box.pixelColor(x, y).name() for x in range(5, 22) for y in range(4, 22)}
    assert look.theme.ink.name() in colours
    assert max(contrast(look.theme.ink, QColor(colour)) for colour in colours) >= 4.5


def test_while_another_answer_is_on_its_way_the_old_one_stays_and_cannot_be_learned(dialog, session, wait_until):
    dialog.task.setCurrentIndex(dialog.task.findData("next-char"))
    dialog.task.activated.emit(dialog.task.currentIndex())
    assert not dialog.learn.isEnabled()
    assert dialog.facts.text() == "Reading the file…"
    assert dialog.first.rowCount() == 12
    dialog.on_learn()
    assert dialog.isVisible()
    wait_until(lambda: session.own_data.can_learn)
    assert dialog.learn.isEnabled()
    assert dialog.columns == {}
    assert not dialog.header.isVisible()
    assert dialog.first.head() == ["Line", "Text"]


def test_a_refusal_is_said_with_a_sign_and_a_word(dialog, session, wait_until):
    dialog.columns["label"].setCurrentIndex(0)
    dialog.columns["label"].activated.emit(0)  # both columns change places: thirty labels, two sentences
    wait_until(lambda: not session.own_data.waiting)
    assert {role: box.currentText().split()[0] for role, box in dialog.columns.items()} == {
        "sentence": "label", "label": "sentence",
    }  # fmt: skip
    session.own_data.look(dialog._path.parent / "gone.csv")
    wait_until(lambda: not session.own_data.waiting)
    assert dialog.refusal.text() == "✕ Cannot be learned: gone.csv could not be read: No such file or directory."
    assert dialog.refusal.isVisible()
    assert not dialog.first.isVisible()


def test_another_file_is_asked_for(dialog, qtbot):
    with qtbot.waitSignal(dialog.another_asked):
        dialog.another.click()
    assert not dialog.isVisible()


def test_an_encoding_that_was_found_out_wrong_is_put_right(dialog, session, wait_until):
    path = dialog._path
    path.write_bytes("предложение,метка\nхороший суп,да\nплохой суп,нет\n".encode("windows-1251"))
    session.own_data.look(path)
    wait_until(lambda: session.own_data.can_learn)
    assert dialog.encoding.currentText() == "Windows-1252, found out"
    assert "суп" not in dialog.first.cells(0)[1]
    dialog.encoding.setCurrentIndex(dialog.encoding.findData("windows-1251"))
    dialog.encoding.activated.emit(dialog.encoding.currentIndex())
    wait_until(lambda: session.own_data.can_learn)
    assert dialog.first.cells(0) == ["1", "предложение", "метка"]
    assert "Windows-1251" in dialog.facts.text()
    dialog.header.click()
    wait_until(lambda: session.own_data.can_learn)
    assert dialog.first.cells(0) == ["2", "хороший суп", "да"]
    assert session.own_data.preview.encoding == "windows-1251"
