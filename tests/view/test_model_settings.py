"""The Model tab's first weights: what they make, and when they count."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True, simple=False)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5 and made.session.can_restore)  # so that nothing is asked
    yield made
    made.dispose()


@pytest.fixture
def panel(app):
    app.window.middle.show_page("settings")
    return app.window.middle.side.panel("settings")


def choose(box, key):
    index = box.findData(key)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_an_orthogonal_network_is_made_from_the_list(app, panel, wait_until):
    session = app.session
    assert not panel.radius.isEnabled()
    choose(panel.initialiser, "orthogonal")
    wait_until(lambda: session.run.model.initialiser == "orthogonal" and session.trace.training_step == 0)
    recurrent = session.trace.thumbnails["W_hh"].astype(np.float64)
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(8), atol=1e-5)
    assert panel.radius.isEnabled()
    panel.radius.setValue(0.9)
    panel.radius.editingFinished.emit()
    wait_until(lambda: session.run.model.radius == 0.9)
    wait_until(lambda: abs(np.linalg.norm(session.trace.thumbnails["W_hh"], 2) - 0.9) < 1e-5)


def test_the_forget_bias_is_the_lstms_and_says_where_it_goes(app, panel, wait_until):
    session = app.session
    assert not panel.forget.isEnabled()
    assert not panel.two_biases.isVisible()
    session.set_model(cell="lstm")
    wait_until(lambda: panel.forget.isEnabled())
    choose(panel.forget, "3")
    wait_until(lambda: session.run.model.forget_bias == 3.0 and session.trace.layers[0].cell is not None)
    assert panel.two_biases.isVisible()
    assert "b_ih = b, b_hh = 0" in panel.two_biases.text()
    wait_until(lambda: session.trace.layers[0].gates["f"].min() > 0.8)
    choose(panel.forget, "")
    wait_until(lambda: session.run.model.forget_bias is None)


def test_a_value_from_elsewhere_has_its_line_and_other_fields_leave_it(app, panel, wait_until):
    session = app.session
    session.set_model(cell="lstm", forget_bias=-2.5, initialiser="scaled", radius=0.123456)
    wait_until(lambda: panel.forget.currentData() == "-2.5")
    panel.units.setValue(6)
    panel.units.editingFinished.emit()
    wait_until(lambda: session.run.model.hidden == 6)
    model = session.run.model
    assert (model.forget_bias, model.initialiser, model.radius) == (-2.5, "scaled", 0.123456)


def test_an_edit_before_the_devices_are_known_leaves_the_device(app, panel, wait_until):
    session = app.session
    assert panel.device.currentData() == session.run.training.device == "cpu"
    panel.rate.setValue(0.02)
    panel.rate.editingFinished.emit()
    wait_until(lambda: session.run.training.learning_rate == 0.02)
    assert session.run.training.device == "cpu"
