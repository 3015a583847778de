"""In large type the top bar leaves out what More offers too, and nothing lies over anything else."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


@pytest.fixture
def shell(qtbot, tmp_path):
    from rnnviz.app import build

    app = build(None, tmp_path / "settings", start=False)
    app.settings.update_view(reduced_motion=True, theme="light", simple=False)
    app.window.show()
    yield app
    app.dispose()


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)])
@pytest.mark.parametrize("zoom", [1.0, 1.4, 1.8, 2.5])
def test_nothing_overlaps(shell, size, zoom):
    bar = shell.window.top_bar
    shell.window.resize(*size)
    shell.look.set_zoom(zoom)
    shown = bar.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    shown = [each for each in shown if each.isVisible()]
    assert {bar.train, bar.more, bar.task} <= set(shown)
    overlaps = [(a, b) for a, b in combinations(shown, 2) if a.geometry().intersects(b.geometry())]
    assert not overlaps
    assert all(bar.rect().contains(each.geometry()) for each in shown)


def test_what_was_left_out_comes_back(shell):
    bar = shell.window.top_bar
    shell.window.resize(1280, 720)
    shell.look.set_zoom(1.4)
    assert not bar.present.isVisible()
    shell.look.set_zoom(1.0)
    assert all(each.isVisible() for each in (bar.present, bar.step, bar.loss, bar.find))
