"""The slider beside a field: both move together, by key, mouse and number; what it says and shows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QApplication

from rnnviz.view.controls.field_slider import RING, FieldSlider
from rnnviz.view.look import Look
from rnnviz.view.panels import form


@pytest.fixture
def look(qapp):
    return Look()


@pytest.fixture
def pair(qtbot, look):
    """A field of real numbers up to 10 with its slider up to 2, marked at 1."""
    box = form.real(0.0, 10.0, 2, "")
    box.setAccessibleName("Temperature")
    box.setValue(1.0)
    slider = FieldSlider(look=look, box=box, step=0.05, most=2.0, mark=1.0)
    for widget in (box, slider):
        qtbot.addWidget(widget)
    slider.resize(220, 22)
    slider.show()
    return box, slider


@pytest.fixture
def steps(qtbot, look):
    """A field of whole numbers from 10 to 500."""
    box = form.whole(10, 500, "")
    slider = FieldSlider(look=look, box=box, step=10)
    for widget in (box, slider):
        qtbot.addWidget(widget)
    slider.resize(220, 22)
    slider.show()
    return box, slider


def place(slider, value):
    return QPoint(round(slider.x_of(value)), slider.height() // 2)


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (Qt.Key.Key_Right, 1.05), (Qt.Key.Key_Up, 1.05), (Qt.Key.Key_Left, 0.95), (Qt.Key.Key_Down, 0.95),
        (Qt.Key.Key_PageUp, 1.25), (Qt.Key.Key_PageDown, 0.75), (Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 2.0),
    ],
)  # fmt: skip
def test_keys_move_the_field(pair, qtbot, key, number):
    box, slider = pair
    qtbot.keyClick(slider, key)
    assert box.value() == number


def test_whole_numbers_move_by_whole_steps(steps, qtbot):
    box, slider = steps
    assert (slider.minimum(), slider.maximum(), slider.value()) == (10, 500, 10)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert box.value() == slider.value() == 70


def test_every_movement_is_told_once_and_the_field_moves_the_slider_without_an_echo(pair, qtbot):
    box, slider = pair
    told = []
    box.valueChanged.connect(told.append)
    slider.setValue(40)
    assert told == [0.4]
    box.setValue(1.52)
    assert slider.value() == 152
    box.setValue(7.0)
    assert slider.value() == slider.maximum() == 200, "the field goes further"
    assert told == [0.4, 1.52, 7.0]
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert told[-1] == box.value() == 1.95


def test_the_knob_comes_to_the_mouse_and_follows_it_at_whole_steps(steps, qtbot):
    box, slider = steps
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=place(slider, 252))
    assert box.value() == 250
    for value, number in ((303, 300), (5000, 500), (-900, 10)):
        qtbot.mouseMove(slider, place(slider, value))
        assert box.value() == number
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=place(slider, 252))
    qtbot.mouseMove(slider, place(slider, 400))
    assert box.value() == 10, "let go"
    qtbot.mouseClick(slider, Qt.MouseButton.RightButton, pos=place(slider, 400))
    assert box.value() == 10


def test_the_end_can_be_reached_where_it_is_no_whole_step(qtbot, look):
    box = form.whole(10, 47, "")
    slider = FieldSlider(look=look, box=box, step=10)
    qtbot.addWidget(slider)
    slider.resize(220, 22)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(219, 11))
    assert box.value() == 47
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(0, 11))
    assert box.value() == 10


def test_the_wheel_scrolls_the_page_and_leaves_the_number(pair):
    box, slider = pair
    slider.setFocus()
    turn = QWheelEvent(
        QPointF(50, 11), slider.mapToGlobal(QPointF(50, 11)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    turn.accept()
    QApplication.sendEvent(slider, turn)
    assert not turn.isAccepted()
    assert box.value() == 1.0


def test_a_screen_reader_hears_name_and_number(pair):
    box, slider = pair
    spoken = QAccessible.queryAccessibleInterface(slider)
    assert spoken.role() == QAccessible.Role.Slider
    assert spoken.text(QAccessible.Text.Name) == "Temperature"
    assert spoken.text(QAccessible.Text.Description) == "1, from 0 to 2"
    slider.setValue(40)
    assert spoken.text(QAccessible.Text.Description) == f"{box.text()}, from 0 to 2" == "0.4, from 0 to 2"
    box.setValue(7.5)
    assert spoken.text(QAccessible.Text.Description) == "7.5, from 0 to 2"


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_ink_up_to_the_knob_a_mark_and_a_ring_for_the_keyboard(pair, look, theme):
    _, slider = pair
    look.set_theme(theme)
    slider.setValue(40)
    slider.clearFocus()

    def colour(image, value, up=0.0):
        return image.pixelColor(round(slider.x_of(value)), round(slider.height() / 2 - up)).name()

    plain = slider.grab().toImage()
    ink, line = look.theme.ink.name(), look.theme.line2.name()
    assert [colour(plain, value) for value in (10, 40, 150)] == [ink, ink, line]
    assert colour(plain, 100, up=4) == line, "the mark"
    assert colour(plain, 150, up=4) != line
    slider.hasFocus = lambda: True
    ringed = slider.grab().toImage()
    assert colour(plain, 40, up=look.px(RING)) != ink
    assert colour(ringed, 40, up=look.px(RING)) == ink
    slider.setEnabled(False)
    assert colour(slider.grab().toImage(), 10) == look.theme.ink3.name()


def test_knob_and_ring_are_whole_at_both_ends(pair, look):
    _, slider = pair
    for value in (slider.minimum(), slider.maximum()):
        room = min(slider.x_of(value), slider.width() - slider.x_of(value))
        assert room >= look.px(RING) + look.px(0.8)


def test_it_has_the_size_of_the_look(pair, look):
    _, slider = pair
    before = slider.sizeHint()
    look.set_zoom(2.0)
    assert slider.sizeHint() == 2 * before
    assert slider.minimumSizeHint().width() < slider.sizeHint().width()
