"""The context menu of the stage: by mouse about what lies there, by key about the cursor."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from rnnviz.view.panels.watch_list import Pin
from rnnviz.view.stage.frame import Hit


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    yield made
    made.dispose()


def test_a_right_click_on_a_square_pins_it(app, qtbot):
    stage, menu, watch = app.window.middle.stage, app.window.stage_menu, app.window.panel_actions.watch
    frame = stage.frame()
    x = frame.axis.x_of(2)
    point = next(QPointF(x, y) for y in range(stage.height()) if menu.hit(QPointF(x, y)).kind == "square")
    hit = menu.hit(point)
    place = point.toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, stage.mapToGlobal(place))
    QApplication.sendEvent(stage, event)
    assert menu.menu.isVisible()
    pin = menu.menu.actions()[0]
    assert pin.text() == f"Pin unit {hit.unit + 1} of step 2"
    pin.trigger()
    menu.menu.hide()
    assert watch.pins == (Pin("l0", hit.unit, 2),)
    menu.fill(hit)
    assert menu.menu.actions()[0].text().startswith("Unpin")
    menu.menu.actions()[3].trigger()
    assert app.session.effective_loss_step == 2
    menu.menu.actions()[2].trigger()
    assert app.settings.view.zoom == "inside"


def test_the_menu_key_is_about_the_cursor(app):
    stage, menu = app.window.middle.stage, app.window.stage_menu
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), stage.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(stage, event)
    assert menu.menu.actions()[1].text() == "Go to step 3"
    menu.menu.hide()
    app.session.set_text("")
    menu.fill(Hit())
    assert menu.menu.isEmpty()
