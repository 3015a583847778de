"""Three models side by side in the real window: open, train together, scrub, make fair, choose, close."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt

from rnnviz.engine.parameters import count_parameters

FAST = 60_000
TEXT = "hello world, hello"


def press(qtbot, app, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(app.window, key, modifier)


def menu_action(menu, text):
    """The action of the (sub)menu that says ``text``; the menu is filled as if it were opened."""
    menu.aboutToShow.emit()
    return next(action for action in menu.actions() if action.text() == text)


def steps(page):
    return [model.training_step for model in page.comparison.models]


def test_compare_three_models(ready, qtbot, wait_until, train):
    app, session, window = ready, ready.session, ready.window
    window.resize(1600, 1000)
    window.first_use.show_full()
    session.set_text(TEXT)
    session.set_training(batch_size=8)
    wait_until(lambda: session.length == len(TEXT))
    window.commands["reset"].trigger()
    wait_until(lambda: session.training.step == 0)
    assert train(session, 30) == 30
    window.centralWidget().setFocus()
    # C opens the page over stage, tracks and side panel; the other cells stand beside the one on show.
    press(qtbot, app, Qt.Key.Key_C)
    page = window.middle.comparison
    assert page.isVisible()
    assert not window.middle.stage.isVisible()
    assert not window.middle.tracks.isVisible()
    assert not window.middle.side.isVisible()
    # They catch up, and that can be seen.
    seen = set()
    page.comparison.changed.connect(lambda: seen.update(steps(page)))
    wait_until(lambda: page.drawn, timeout=FAST)
    assert steps(page) == [30, 30, 30]
    assert min(seen) < 30
    assert [column.chooser.name.text() for column in page.columns] == ["Elman", "LSTM", "GRU"]
    units = [model.model.hidden for model in page.comparison.models]
    assert units == [session.run.model.hidden] * 3
    for column, model in zip(page.columns, page.comparison.models, strict=True):
        words = column.description()
        assert f"{model.horizon} steps back" in words
        assert f"{model.parameter_count:,}".replace(",", "\u2009") in words
    # One cursor: arrows move it, a click on a letter too, and the flags follow.
    session.move_to(4)
    press(qtbot, app, Qt.Key.Key_Right)
    assert session.time_step == 5
    column = page.columns[2]
    place = column.geometry_of_parts
    qtbot.mouseClick(column, Qt.MouseButton.LeftButton, pos=QPoint(int(place.x_of(9)), int(place.chips.center().y())))
    assert session.time_step == 9
    share = page.scene.shares[2][8]
    assert np.isfinite(share)
    # A click on a row of any map chooses that loss in all of them.
    row = place.row(6).center()
    qtbot.mouseClick(column, Qt.MouseButton.LeftButton, pos=QPoint(int(place.left_of(2)), int(row.y())))
    assert session.loss_step == 6
    wait_until(lambda: page.drawn and page.scene.loss_step == 6)
    assert "step 6" in page.title()
    assert all(np.isneginf(model.log2[6:]).all() for model in page.comparison.models)
    # Train, pause, one step: all of them, as far as the one on show.
    press(qtbot, app, Qt.Key.Key_T)
    wait_until(lambda: session.training.step > 50, timeout=FAST)
    press(qtbot, app, Qt.Key.Key_T)
    wait_until(lambda: not session.training_now and page.drawn, timeout=FAST)
    reached = session.training.step
    assert steps(page) == [reached] * 3
    window.commands["train-one"].trigger()
    wait_until(lambda: session.training.step == reached + 1 and page.drawn, timeout=FAST)
    assert steps(page) == [reached + 1] * 3
    press(qtbot, app, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: steps(page) == [session.training.step] * 3 and session.training.step < reached, timeout=FAST)
    # Fair by equal parameters: the sizes are found, both counts are shown.
    page.equal.buttons["parameters"].click()
    wait_until(lambda: page.drawn and page.comparison.models[1].model.hidden < units[0], timeout=FAST)
    goal = page.comparison.models[0].parameter_count
    sizes = (len(session.task.input_tokens), len(session.task.output_labels))
    lstm = page.comparison.models[1]
    assert count_parameters(lstm.model, *sizes) == lstm.parameter_count
    assert abs(lstm.parameter_count - goal) < goal / 4
    assert not page.columns[1].chooser.actions[0].isEnabled()
    page.equal.buttons["units"].click()
    wait_until(lambda: page.drawn and page.comparison.models[1].model.hidden == units[0], timeout=FAST)
    # Three seeds: a band beside every curve, a range beside every horizon.
    page.seeds.buttons["3"].click()
    wait_until(lambda: page.drawn and all(page.scene.bands), timeout=FAST)
    assert [len(model.horizons) for model in page.comparison.models] == [3, 3, 3]
    assert "3 seeds" in page.caption()
    page.seeds.buttons["1"].click()
    wait_until(lambda: page.drawn and not any(page.scene.bands), timeout=FAST)
    assert "One seed" in page.caption()
    # Choose: the third becomes an Elman network with other first weights; its name says what sets it apart.
    chooser = page.columns[2].chooser
    menu_action(chooser.menu, "Elman").trigger()
    wait_until(lambda: page.drawn and page.comparison.models[2].model.cell == "elman", timeout=FAST)
    menu_action(menu_action(chooser.menu, "First weights").menu(), "orthogonal").trigger()
    wait_until(lambda: page.drawn and page.comparison.models[2].model.initialiser == "orthogonal", timeout=FAST)
    assert page.columns[2].chooser.name.text() == "Elman, orthogonal"
    # Text: every model reads the new one.
    window.commands["type"].trigger()
    page.text.clear()
    qtbot.keyClicks(page.text, "hell")
    wait_until(lambda: session.text == "hell" and page.drawn)
    assert page.scene.tokens == tuple("hell")
    assert {len(model.log2) for model in page.comparison.models} == {4}
    qtbot.keyClick(page.text, Qt.Key.Key_Escape)
    assert page.isVisible(), "Esc leaves the text first"
    # Take one away; then out, and the network is there again.
    page.columns[1].chooser.cross.click()
    wait_until(lambda: page.drawn and len(page.comparison.models) == 2)
    assert not page.columns[2].isVisible()
    press(qtbot, app, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert window.middle.stage.isVisible()
    assert not session.lab.wanted("compare")
    # Coming back, the same models are there, trained as far as before.
    press(qtbot, app, Qt.Key.Key_C)
    wait_until(lambda: page.drawn, timeout=FAST)
    assert [model.model.initialiser for model in page.comparison.models] == ["default", "orthogonal"]
    assert steps(page) == [session.training.step] * 2
    # The presenter shows the network; afterwards the comparison is there again.
    window.presenter.enter(1000, full_screen=False)
    assert not page.isVisible()
    assert window.commands["zoom-out"].isEnabled()
    window.presenter.leave()
    assert page.isVisible()
    assert not window.commands["zoom-out"].isEnabled()
    press(qtbot, app, Qt.Key.Key_C)
    assert not page.isVisible()
    assert window.commands["zoom-out"].isEnabled()


def test_the_comparison_is_kept_in_a_session_file(ready, qtbot, wait_until, tmp_path):
    app, session, window = ready, ready.session, ready.window
    press(qtbot, app, Qt.Key.Key_C)
    page = window.middle.comparison
    wait_until(lambda: page.drawn, timeout=FAST)
    page.comparison.change(0, hidden=5, clip=0.0)
    wait_until(lambda: page.drawn and page.comparison.models[1].model.hidden == 5, timeout=FAST)
    path = tmp_path / "three.rnnviz"
    window.documents.save_path(str(path))
    wait_until(lambda: session.path == path)
    press(qtbot, app, Qt.Key.Key_C)
    app.settings.update_view(rivals=[])
    session.open(path)
    wait_until(lambda: page.isVisible() and page.drawn, timeout=FAST)
    first = page.comparison.models[1]
    assert (first.model.hidden, first.training.clip) == (5, 0.0)
    assert first.training_step == session.training.step


def test_a_model_that_fails_says_so_and_the_others_go_on(ready, qtbot, wait_until):
    app, session, window = ready, ready.session, ready.window
    window.commands["reset"].trigger()
    wait_until(lambda: session.training.step == 0)
    press(qtbot, app, Qt.Key.Key_C)
    page = window.middle.comparison
    wait_until(lambda: page.drawn, timeout=FAST)
    page.comparison.change(0, cell="elman", activation="identity", optimiser="sgd", learning_rate=10.0, clip=0.0)
    session.train_steps(120)
    wait_until(lambda: session.training.step == 120 and not session.training_now and page.drawn, timeout=FAST)
    shown, failed, other = page.comparison.models
    assert "stopped at step" in failed.failure
    assert failed.training_step < 120
    assert (shown.training_step, other.training_step) == (120, 120)
    assert "stopped at step" in page.columns[1].description()
    assert failed.failure in page.columns[1].tip_at(30, 40)
