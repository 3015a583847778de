"""Health: bars of the engine's shares, dead units, the first bad value; a click chooses the unit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from rnnviz.service.messages.health import FirstBad, GateReport, HealthReport
from rnnviz.view.look import Look
from rnnviz.view.panels.health import bad_words
from rnnviz.view.panels.health_chart import HealthChart, columns, dead_words


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    yield made
    made.dispose()


def test_panel_follows_cell_layers_and_text(app, qtbot, wait_until):
    session = app.session
    app.window.middle.show_page("health")
    panel = app.window.middle.side.panel("health")
    wait_until(lambda: len(panel.charts) == 1 and panel.answer() is not None)
    hidden = session.trace.layers[0].hidden
    gate = panel.charts[0].report.gates[0]
    assert np.allclose(gate.high, (hidden > 0.95).mean(axis=0))
    assert np.allclose(gate.low, (hidden < -0.95).mean(axis=0))
    assert "No NaN" in panel.bad.text
    assert "0.95" in panel.limits.text()
    session.set_model(cell="lstm", layers=2, hidden=6)
    wait_until(lambda: len(panel.charts) == 2 and len(panel.charts[1].report.gates) == 5)
    assert [chart.report.name for chart in panel.charts] == ["l0", "l1"]
    assert "0.1" in panel.limits.text()
    chart = panel.charts[1]
    wait_until(lambda: chart.isVisible() and chart.width() > 100)
    rect = chart.bars(2)
    place = QPointF(rect.left() + rect.width() * 4.5 / 6, rect.center().y())
    assert "unit 5 of layer 2" in chart.tip_at(place)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert (session.unit, session.layer) == (4, "l1")
    session.set_text("")
    wait_until(lambda: "Type a text" in panel.reason.text())
    assert not panel.charts


def test_bad_value_is_told_with_its_place(qtbot):
    bad = FirstBad(
        training_step=212, tensor="the hidden state of layer l0", kind="NaN", layer="l0", time_step=7, unit=2
    )
    words = bad_words(bad)
    assert words.startswith("First NaN at training step 212: the hidden state of layer l0 at time step 7, unit 3.")
    assert "Inf" in bad_words(FirstBad(training_step=1, tensor="weight_hh_l0", kind="infinite"))


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("units", [1, 16, 1024])
def test_chart_paints_any_number_of_units(qtbot, theme, units):
    look = Look()
    look.set_theme(theme)
    parent = QWidget()
    qtbot.addWidget(parent)
    chart = HealthChart(look=look)
    chart.setParent(parent)
    chart.resize(300, 140)
    chart.grab()
    shares = np.zeros(units)
    shares[-1] = 1.0
    dead = np.zeros(units, np.bool_)
    dead[0] = True
    gates = [GateReport(name="i", kind="sigmoid", low=np.zeros(units), high=shares)]
    chart.show_report(HealthReport(name="l0", gates=gates, dead=dead), units - 1)
    image = chart.grab().toImage()
    rect = chart.bars(0)
    at = image.pixelColor(int(rect.right()) - 3 if units < 100 else int(rect.right()) - 1, int(rect.center().y()) - 5)
    assert at.name() in (look.theme.prob.name(), look.theme.ink.name())
    assert dead_words(chart.report) == "1 dead unit: 1"


def test_many_units_share_a_bar_and_the_tallest_shows():
    shares = np.zeros(1000)
    shares[[3, 997]] = 0.5, 1.0
    edges, heights = columns(shares, 100)
    assert len(heights) == 100
    assert (heights[0], heights[-1]) == (0.5, 1.0)
    assert heights[1:-1].max() == 0
    assert edges[-1] == 1000
