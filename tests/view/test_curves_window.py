"""The window that examines the training curves: the numbers of the record, in the plots, the table and the file."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from rnnviz.view.curves_window import CurvesWindow, nearest
from rnnviz.view.look import Look


@pytest.fixture
def trained(training_session, wait_until, train):
    session = training_session
    session.set_task("parity")
    wait_until(lambda: session.task.name == "parity")
    assert train(session, 12) == 12
    return session


@pytest.fixture
def window(trained, qtbot):
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    made = CurvesWindow(session=trained, look=Look(), parent=parent)
    made.show()
    yield made
    made.close()


def test_the_curves_hold_the_record(window, trained):
    for plot, values in ((window.loss, trained.training.losses), (window.accuracy, trained.training.accuracies)):
        steps, shown = plot.curve.getOriginalDataset()
        np.testing.assert_array_equal(steps, trained.training.steps)
        np.testing.assert_array_equal(shown, values)
    assert window.guess.value() == trained.training.baseline
    assert window.accuracy.isVisible()


def test_new_points_come_in_while_it_is_open(window, trained, wait_until):
    trained.train_steps(5)
    wait_until(lambda: len(window.loss.curve.getOriginalDataset()[0]) == 17)


def test_the_readout_names_the_step_under_the_pointer(window, trained):
    box = window.loss.vb.sceneBoundingRect()
    window.on_mouse_moved(QPointF(box.right() - 1, box.center().y()))
    assert window.readout.text().startswith("step 12, loss ")
    window.on_mouse_moved(QPointF(-5, -5))
    assert "wheel zooms" in window.readout.text()


def test_the_table_shows_the_same_numbers(window, trained, qtbot):
    qtbot.mouseClick(window.as_table, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.table
    assert window.table.rowCount() == 12
    assert window.table.item(11, 0).text() == "12"
    assert float(window.table.item(11, 1).text()) == pytest.approx(trained.training.loss, rel=1e-3)


def test_the_file_holds_every_point_exactly(window, trained, tmp_path):
    path = tmp_path / "curves.csv"
    window.save_csv(str(path))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["training_step"]) for row in rows] == list(range(1, 13))
    assert [float(row["loss"]) for row in rows] == trained.training.losses.tolist()
    window.save_csv(str(tmp_path / "nowhere" / "curves.csv"))
    assert "could not be written" in trained.notice.text


def test_zooming_is_undone_by_everything(window):
    window.on_zoomed()
    window.loss.setXRange(3, 4, padding=0)
    window.refresh()
    assert window.norm.viewRange()[0] == pytest.approx([3, 4])
    window.show_everything()
    low, high = window.loss.viewRange()[0]
    assert low <= 1
    assert high >= 12


@pytest.mark.parametrize(("at", "index"), [(-3, 0), (1.4, 0), (1.6, 1), (9, 2), (100, 2)])
def test_the_nearest_training_step(at, index):
    assert nearest(np.array([1.0, 2.0, 10.0]), at) == index
    assert nearest(np.array([5.0]), at) == 0
