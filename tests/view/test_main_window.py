"""The shell in the real window with the real engine: what appears by use, themes, keys, files, presenter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from rnnviz.session.values import Notice
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.stops_dialog import StopsDialog
from rnnviz.view.layout import clamp_to_screen
from rnnviz.view.math_text import plain


@pytest.fixture
def make(qtbot, tmp_path):
    from rnnviz.app import build

    made = []

    def build_app(*, start):
        app = build(None, tmp_path / "settings", start=start)
        app.settings.update_view(reduced_motion=True, theme="light")
        app.window.show()
        made.append(app)
        return app

    yield build_app
    for app in made:
        app.dispose()


@pytest.fixture
def shell(make):
    """The window without an engine: enough for what it looks like."""
    return make(start=False)


@pytest.fixture
def app(make, wait_until):
    """The window with its engine and the first picture."""
    made = make(start=True)
    wait_until(lambda: made.session.length == 5)
    return made


def test_first_click_on_a_square_opens_the_inspector_once(shell):
    assert shell.window.middle.side is None
    shell.session.select(unit=3)
    assert shell.settings.view.inspector
    assert shell.window.middle.side.isVisible()
    assert shell.settings.view.simple
    shell.settings.update_view(inspector=False)
    shell.session.select(unit=4)
    assert not shell.settings.view.inspector


def test_first_backward_opens_the_gradient_track(shell):
    shell.window.commands["backward"].trigger()
    assert shell.settings.view.open_tracks == ["gradient"]
    assert shell.window.middle.tracks.isVisible()
    assert shell.window.transport.play.paint_token == "grad"
    shell.window.commands["forward"].trigger()
    assert shell.window.transport.play.paint_token == "ink"


def test_full_view_and_back(shell):
    window, view = shell.window, shell.settings
    window.resize(1600, 1000)
    window.commands["simple"].trigger()
    assert not view.view.simple
    assert {"hidden", "gradient", "loss", "credit"} <= set(view.view.open_tracks)
    for part in (
        window.top_bar.task,
        window.top_bar.units,
        window.top_bar.reset,
        window.transport.scrubber,
        window.middle.side,
    ):
        assert part.isVisible()
    window.commands["simple"].trigger()
    assert view.view.simple
    assert view.view.open_tracks == []
    assert not window.middle.side.isVisible()
    assert not window.top_bar.units.isVisible()


def test_a_small_window_has_a_short_top_bar_and_a_drawer(shell):
    window = shell.window
    window.resize(1600, 1000)
    window.first_use.show_full()
    docked = window.middle.stage.width()
    assert docked == 1600 - 344
    shell.settings.update_view(drawer=False)
    window.resize(1280, 720)
    assert not window.top_bar.units.isVisible()
    assert not window.middle.side.isVisible()
    assert window.middle.stage.width() == 1280
    window.commands["panel-inspector"].trigger()
    assert window.middle.side.isVisible()
    assert window.middle.stage.width() == 1280


def children_inside(bar):
    return [
        child
        for child in bar.children()
        if hasattr(child, "isVisible") and child.isVisible() and hasattr(child, "geometry")
    ]


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000), (1920, 1080)])
@pytest.mark.parametrize("simple", [True, False])
def test_nothing_overlaps_in_the_bars(shell, size, simple):
    shell.window.resize(*size)
    if not simple:
        shell.window.first_use.show_full()
    for bar in (shell.window.top_bar, shell.window.transport):
        parts = [part for part in children_inside(bar) if part.isWidgetType()]
        for index, part in enumerate(parts):
            assert bar.rect().contains(part.geometry()), part
            for other in parts[index + 1 :]:
                assert not part.geometry().intersects(other.geometry()), (part, other)


def test_train_and_pause_have_the_same_width(shell, wait_until):
    button = shell.window.top_bar.train
    before = button.geometry()
    shell.window.commands["train"].setIconText("Pause")
    assert button.text() == "Pause"
    assert button.geometry() == before


def test_train_says_why_it_waits(shell):
    assert shell.session.why_not_train
    assert not shell.window.top_bar.train.isEnabled()
    assert shell.session.why_not_train in shell.window.top_bar.train.toolTip()
    assert shell.window.loading.isVisible()


@pytest.mark.parametrize("name", ["dark", "contrast"])
def test_the_ground_below_the_tracks_has_the_theme_it_was_made_in(make, name, wait_until):
    app = make(start=True)
    app.window.commands[f"theme-{name}"].trigger()
    app.window.first_use.show_full()
    wait_until(lambda: app.window.middle.tracks is not None and app.session.trace is not None)
    tracks = app.window.middle.tracks
    assert tracks.widget().palette().window().color() == tracks.palette().window().color() == app.look.theme.bg


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_themes_repaint_the_window(shell, name):
    shell.window.commands[f"theme-{name}"].trigger()
    assert shell.look.theme.name == name
    image = shell.window.top_bar.grab().toImage()
    assert image.pixelColor(image.width() // 4, 2) == shell.look.theme.panel
    shell.window.commands[f"theme-{name}"].trigger()
    assert shell.window.commands[f"theme-{name}"].isChecked()


def test_zoom_of_the_type(shell):
    height = shell.window.top_bar.height()
    shell.window.commands["bigger"].trigger()
    assert shell.look.zoom == pytest.approx(1.1)
    assert shell.window.top_bar.height() > height
    shell.window.commands["actual"].trigger()
    assert shell.window.top_bar.height() == height


def test_single_keys_are_off_while_text_is_typed(shell, qtbot):
    commands = shell.window.commands
    field = QLineEdit(shell.window)
    field.show()
    commands.on_focus_changed(None, field)
    assert commands["train"].shortcuts() == []
    assert commands["play"].shortcuts() == []
    assert [s.toString() for s in commands["save"].shortcuts()] == ["Ctrl+S"]
    assert [s.toString() for s in commands["presenter"].shortcuts()] == ["F11", "F5"]
    commands.on_focus_changed(field, shell.window)
    assert [s.toString() for s in commands["train"].shortcuts()] == ["T"]


def test_the_stage_text_turns_single_keys_off(app, qtbot, wait_until):
    app.window.activateWindow()
    app.window.focus_text()
    wait_until(lambda: QApplication.focusWidget() is app.window.middle.stage.text_field)
    assert app.window.commands["cell-lstm"].shortcuts() == []
    qtbot.keyClicks(app.window.middle.stage.text_field, "2")
    wait_until(lambda: app.session.text == "hello2")
    assert app.session.run.model.cell == "elman"


def test_keys_reach_their_actions(app, qtbot, wait_until):
    app.window.activateWindow()
    app.window.centralWidget().setFocus()
    app.session.move_to(2)
    qtbot.keyClick(app.window, Qt.Key.Key_Right)
    assert app.session.time_step == 3
    qtbot.keyClick(app.window, Qt.Key.Key_Home)
    assert app.session.time_step == 0
    qtbot.keyClick(app.window, Qt.Key.Key_End)
    assert app.session.time_step == 5
    qtbot.keyClick(app.window, Qt.Key.Key_R)
    assert app.session.direction == "backward"


def test_title_names_the_file_and_its_changes(app, wait_until, tmp_path):
    assert app.window.windowTitle().startswith("Untitled")
    assert not app.window.isWindowModified()
    app.session.set_text("hullo")
    assert app.window.isWindowModified()
    app.window.documents.save_path(str(tmp_path / "a"))
    wait_until(lambda: app.session.path is not None)
    assert app.window.windowTitle().startswith("a.rnnviz")
    assert not app.window.isWindowModified()
    assert [path.name for path in app.settings.recent] == ["a.rnnviz"]


def test_a_window_of_a_lost_screen_comes_back(shell):
    shell.window.setGeometry(QRect(90_000, 90_000, 1200, 700))
    clamp_to_screen(shell.window)
    assert shell.window.screen().availableGeometry().intersects(shell.window.geometry())


def test_rubbish_geometry_is_ignored(shell):
    assert not shell.window.restoreGeometry(QByteArray(b"no geometry"))


def test_an_error_while_closing_keeps_the_window(shell, monkeypatch):
    def broken():
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(shell.window, "saveGeometry", broken)
    with pytest.raises(RuntimeError, match="disk on fire"):
        shell.window.close()
    assert shell.window.isVisible()
    monkeypatch.undo()


def test_presenter_shows_stage_and_one_track(app, qtbot, wait_until):
    window = app.window
    window.resize(1280, 720)
    window.presenter.enter(720, full_screen=False)
    assert app.look.presenter
    assert not window.top_bar.isVisible()
    assert not window.transport.isVisible()
    assert window.middle.tracks.isVisible()
    assert app.session.time_step == 3
    # After the first three steps the story goes to the end.
    for key, expected in ((Qt.Key.Key_PageDown, app.session.length), (Qt.Key.Key_PageUp, 3)):
        qtbot.keyClick(window, key)
        assert app.session.time_step == expected
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.blank.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Period)
    assert not window.blank.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not app.look.presenter
    assert window.top_bar.isVisible()
    assert app.settings.view.open_tracks == []


def test_the_story_runs_from_end_to_end(app, wait_until):
    app.session.want("gradients", "test")
    wait_until(lambda: app.session.gradients is not None)
    story = app.window.story
    story.go(story.stops()[0])
    visited = 1
    while story.move(1):
        visited += 1
        assert visited < 30
    assert visited == len(story.stops())
    assert app.session.direction == "backward"
    assert app.session.time_step == 1
    while story.move(-1):
        visited -= 1
    assert visited == 1
    assert app.settings.view.folded
    app.session.unwant("gradients", "test")


def test_a_trained_network_that_cannot_be_kept_is_asked_about(app, wait_until):
    window, session = app.window, app.session
    window.commands["cell-gru"].trigger()
    wait_until(lambda: session.run.model.cell == "gru")
    session._state.training = type(session.training)(step=7)
    session._state.dirty = True
    session._state.restore_point = b""
    window.commands["cell-lstm"].trigger()
    assert session.run.model.cell == "gru"
    assert "7 training steps are lost" in window.notices.text
    assert window.top_bar.cells.current == "gru"
    assert not window.commands["cell-lstm"].isChecked()
    window.notices.dismiss()
    assert session.run.model.cell == "gru"


@pytest.mark.fault(2)
def test_what_a_paste_left_out_is_said(app, wait_until):
    app.window.focus_text()
    app.window.middle.stage.text_field.paste_text("ab" * 4000)
    wait_until(lambda: "5,000" in app.window.notices.text)
    assert app.window.notices.isVisible()


@pytest.mark.parametrize(("kind", "shown"), [("error", True), ("info", False)])
def test_errors_are_seen_in_presenter_mode_too(app, kind, shown):
    app.window.resize(1280, 720)
    app.window.presenter.enter(720, full_screen=False)
    app.session.tell(Notice("The loss became infinite.", kind))
    assert app.window.notices.isVisible() == shown
    app.window.grab()
    app.window.presenter.leave()
    assert app.window.notices.isVisible()


def test_stops_are_chosen_in_a_dialog(app):
    app.window.commands["stops"].trigger()
    dialog = app.window.findChild(StopsDialog)
    assert dialog.isVisible()
    dialog.boxes["unfold"].click()
    assert app.settings.view.skipped_stops == ["unfold"]
    assert "unfold" not in [stop.name for stop in app.window.story.stops()]
    dialog.every.click()
    assert app.settings.view.skipped_stops == []
    dialog.done_button.click()
    assert not dialog.isVisible()


@pytest.mark.parametrize("simple", [True, False])
def test_every_control_says_in_two_sentences_what_it_does(shell, simple):
    shell.window.resize(1600, 1000)
    if not simple:
        shell.window.first_use.show_full()
    for page in ("inspector", "watch", "breakpoints", "settings") if not simple else ("",):
        if page:
            shell.window.middle.show_page(page)
        for button in shell.window.findChildren(Button):
            if button.isVisible():
                tip = button.toolTip()
                assert len([line for line in tip.replace("\n", ". ").split(". ") if line.strip()]) >= 2, (
                    button.accessibleName(), tip)  # fmt: skip


def test_formulas_stand_in_the_tips(shell):
    for command in shell.window.commands.commands.values():
        if command.spec.formula:
            assert plain(command.spec.formula) in command.toolTip()
        assert command.shortcuts() or command.spec.verb == "shell.set_task"


def test_menus_hold_every_action(shell):
    listed = {action for menu in shell.window.menus.menus for action in menu.actions()}
    assert set(shell.window.commands.commands.values()) <= listed


@pytest.mark.parametrize(("text", "size"), [("hello", (1600, 1000)), ("hello world, hello", (1600, 1000)),
                                            ("hello", (1280, 720))])  # fmt: skip
def test_the_scrubber_stands_below_the_columns_where_it_can(app, wait_until, text, size):
    window = app.window
    window.resize(*size)
    window.first_use.show_full()
    app.settings.update_view(drawer=False)
    app.session.set_text(text)
    wait_until(lambda: app.session.trace.text == text and window.axis.length == len(text))
    scrubber = window.transport.scrubber
    for step in range(1, len(text) + 1):
        assert scrubber.x() + scrubber.x_of(step) == pytest.approx(window.axis.x_of(step), abs=0.5)


def test_a_text_that_does_not_fit_has_the_whole_line(app, wait_until):
    window = app.window
    window.resize(1280, 720)
    window.first_use.show_full()
    app.session.set_text("hello world, hello" * 20)
    wait_until(lambda: app.session.length == 360)
    scrubber = window.transport.scrubber
    assert 0 < scrubber.x_of(1) < 0.1 * scrubber.width()
    assert 0.9 * scrubber.width() < scrubber.x_of(360) < scrubber.width()
    scrubber.grab()
