"""Buttons, switches, scrubber, finder: on a real session without an engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from rnnviz.view.controls.buttons import Button, CommandButton
from rnnviz.view.controls.commands import key_text
from rnnviz.view.controls.finder import score
from rnnviz.view.controls.scrubber import Scrubber
from rnnviz.view.controls.segment import SegmentSwitch
from rnnviz.view.controls.tabs import TabRow
from rnnviz.view.look import Look
from rnnviz.view.time_axis import TimeAxis


@pytest.fixture
def look(qapp):
    return Look()


@pytest.mark.parametrize("kind", ["primary", "plain", "quiet", "chip", "round", "segment"])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_text_on_every_button_is_readable(qtbot, look, kind, theme):
    from rnnviz.view.look import contrast

    look.set_theme(theme)
    button = Button(look=look, text="Train", kind=kind)
    qtbot.addWidget(button)
    fill, _, ink = button.colours()
    ground = fill if fill.alpha() == 255 else look.theme.panel
    assert contrast(ink, ground) >= 4.5


def test_focus_is_visible(qtbot, look):
    button = Button(look=look, text="Train")
    qtbot.addWidget(button)
    button.show()
    plain = button.grab().toImage()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    button.hasFocus = lambda: True
    button.update()
    assert button.grab().toImage() != plain


def test_a_command_button_follows_its_action(qtbot, look):
    action = QAction("Train")
    action.setIconText("Train")
    button = CommandButton(look=look, action=action)
    qtbot.addWidget(button)
    action.setIconText("Pause")
    action.setEnabled(False)
    assert button.text() == "Pause"
    assert not button.isEnabled()
    action.setEnabled(True)
    with qtbot.waitSignal(action.triggered, timeout=1000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_switch_has_one_choice_and_says_what_was_picked(qtbot, look):
    switch = SegmentSwitch(look=look, choices=(("a", "A"), ("b", "B"), ("c", "C")), width=180)
    qtbot.addWidget(switch)
    switch.resize(switch.sizeHint())
    switch.set_current("a")
    with qtbot.waitSignal(switch.chosen, timeout=1000) as picked:
        qtbot.mouseClick(switch.buttons["b"], Qt.MouseButton.LeftButton)
    assert picked.args == ["b"]
    assert [key for key, button in switch.buttons.items() if button.isChecked()] == ["b"]
    with qtbot.assertNotEmitted(switch.chosen):
        switch.set_current("c")
    qtbot.keyClick(switch, Qt.Key.Key_Left)
    assert switch.current == "b"


def test_tabs_fit_into_a_narrow_panel(qtbot, look):
    row = TabRow(look=look)
    qtbot.addWidget(row)
    for title in ("Step", "Watch", "Breakpoints", "Model", "Training"):
        row.add(title.lower(), title)
    row.resize(344, 38)
    row.show()
    assert all(tab.geometry().right() <= 344 for tab in row.tabs.values())
    row.set_count("breakpoints", 1)
    assert row.tabs["breakpoints"].count == 1


def test_tabs_that_do_not_fit_go_into_a_second_line(qtbot, look):
    row = TabRow(look=look)
    qtbot.addWidget(row)
    for title in ("Chain", "Spectrum", "Backward", "Remedies", "Horizon", "Health", "Evidence", "Watch"):
        row.add(title.lower(), title)
    row.resize(344, 38)
    row.show()
    tops = {tab.y() for tab in row.tabs.values()}
    assert len(tops) == 2
    assert all(tab.geometry().left() >= 0 and tab.geometry().right() <= 344 for tab in row.tabs.values())
    assert row.height() == 2 * next(iter(row.tabs.values())).height()


@pytest.fixture
def scrubber(qtbot, look, make_session):
    session = make_session(start=False)
    axis = TimeAxis()
    axis.configure(gutter=221, width=1256, length=18, first=0)
    axis.set_pitch(54)
    scrubber = Scrubber(session=session, axis=axis, look=look)
    qtbot.addWidget(scrubber)
    scrubber.setGeometry(200, 0, 1060, 62)
    scrubber.axis_for_test = axis
    return scrubber


def test_the_thumb_stands_under_its_column(scrubber):
    for step in (1, 7, 18):
        assert scrubber.x_of(step) + 200 == scrubber.axis_for_test.x_of(step)
        assert scrubber.step_at(scrubber.x_of(step)) == step


@pytest.mark.parametrize("length", [300, 5000])
def test_a_long_text_is_mapped_to_the_whole_line(scrubber, length):
    scrubber.axis_for_test.configure(length=length)
    assert 0 < scrubber.x_of(1) < scrubber.x_of(length) <= scrubber.width()
    for step in (1, length // 2, length):
        assert scrubber.step_at(scrubber.x_of(step)) == step
    assert scrubber.step_at(-100) == 1
    assert scrubber.step_at(9999) == length
    scrubber.grab()


def test_an_empty_text_has_no_step(scrubber):
    scrubber.axis_for_test.configure(length=0)
    assert scrubber.step_at(300) == 0
    scrubber.grab()


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [("tr", "Train", "Light theme"), ("dark", "Dark theme", "Backward"), ("theme li", "Light theme", "Dark theme")],
)
def test_the_finder_knows_what_is_meant(query, better, worse):
    assert score(query, better) > score(query, worse)


def test_the_finder_finds_nothing_in_nothing():
    assert score("xyz", "Train") == 0
    assert score("", "Train") > 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ctrl+Shift+S", "Ctrl Shift S"),
        ("Left", "←"),
        ("+", "+"),
        ("Ctrl++", "Ctrl +"),
        ("Ctrl+-", "Ctrl −"),
        ("-", "−"),
    ],
)
def test_keys_as_people_read_them(name, text):
    assert key_text(name) == text
