"""The field of several lines: opens for long texts, edits through the session, never takes more than fits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt

from rnnviz.view.stage.text_cut import character_count, fitting


@pytest.fixture
def stage(make_stage):
    return make_stage(1256, 470)


def paste(area, text):
    data = QMimeData()
    data.setText(text)
    area.insertFromMimeData(data)


def set_text(session, wait_until, text):
    session.set_text(text)
    wait_until(lambda: session.trace is not None and session.trace.text == text)


def test_a_short_text_stays_in_the_chips(stage, qtbot):
    stage.edit_text()
    assert not stage.text_area.isVisible()
    assert stage.text_field.hasFocus()


def test_a_long_text_opens_at_the_clicked_token_and_edits_go_to_the_session(stage, session, qtbot, wait_until):
    set_text(session, wait_until, "hello wo" * 30)
    layout = stage.frame().layout
    middle = (layout.chip_top + layout.chip_bottom) / 2
    place = stage.frame().axis.x_of(3)
    from PySide6.QtCore import QPoint

    qtbot.mouseClick(stage, Qt.MouseButton.LeftButton, pos=QPoint(round(place), round(middle)))
    area = stage.text_area
    assert area.isVisible()
    assert area.text == session.text
    assert area.textCursor().position() in (2, 3)
    assert stage.rect().contains(area.geometry())
    area.moveCursor(area.textCursor().MoveOperation.Start)
    qtbot.keyClicks(area, "X")
    assert session.text.startswith("Xhello")
    qtbot.keyClick(area, Qt.Key.Key_Return)
    assert session.text.startswith("X\nhello")
    qtbot.keyClick(area, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not area.isVisible()
    wait_until(lambda: session.trace.text == session.text)


def test_below_six_px_a_step_the_text_opens_and_escape_closes_it(stage, session, qtbot, wait_until):
    set_text(session, wait_until, "hello wo" * 8)
    stage.frame().axis.set_pitch(3.0)
    stage.edit_text()
    assert stage.text_area.isVisible()
    qtbot.keyClick(stage.text_area, Qt.Key.Key_Escape)
    assert not stage.text_area.isVisible()
    assert stage.hasFocus()


@pytest.mark.fault(2)
def test_a_huge_paste_is_cut_to_what_fits(stage, session, wait_until):
    set_text(session, wait_until, "ab" * 150)
    stage.edit_text()
    area, notes = stage.text_area, []
    area.cut_short.connect(notes.append)
    paste(area, "xy" * 500_000)
    assert len(session.text) == 5000
    assert session.text == "ab" * 150 + "xy" * 2350
    assert "4,700" in notes[0]
    paste(area, "more")
    assert len(session.text) == 5000
    assert "full" in notes[1]
    area.selectAll()
    paste(area, "ab" * 4)
    assert session.text == "ab" * 4
    wait_until(lambda: session.trace.text == session.text)


def test_typing_beyond_the_end_is_taken_back(stage, session, qtbot, wait_until):
    set_text(session, wait_until, "h" * 5000)
    stage.edit_text()
    qtbot.keyClicks(stage.text_area, "z")
    assert session.text == "h" * 5000 == stage.text_area.text


def test_opening_changes_nothing_and_text_from_elsewhere_is_shown(stage, session, wait_until):
    strange = ("a\u00a0b\r\nc" * 60)[:250]
    set_text(session, wait_until, strange)
    stage.edit_text()
    assert session.text == strange
    assert "\u00a0" in stage.text_area.text
    set_text(session, wait_until, "hello " * 50)
    assert stage.text_area.text == "hello " * 50


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [(" ", 5, " "), ("abc", 2, "ab"), ("", 3, ""), ("e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301"), ("abc", 0, ""),
     ("\U0001f469\u200d\U0001f4bbx", 1, "\U0001f469\u200d\U0001f4bb")],
)  # fmt: skip
def test_a_paste_is_cut_between_characters(text, room, kept):
    found, notes = fitting(text, room)
    assert found == kept
    assert bool(notes) == (kept != text)


def test_characters_are_counted_as_a_reader_counts_them():
    assert character_count("") == 0
    assert character_count(" \n") == 2
    assert character_count("ne\u0301e") == 3
