"""The stage of the warm session, in a window of its own."""

from __future__ import annotations

import pytest


@pytest.fixture
def make_stage(session, qtbot):
    """Make a stage with every control, of this size; ``view.test`` has session, settings, axis, look and window."""
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from rnnviz.session.playback import Playback
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage import StageView
    from rnnviz.view.time_axis import TimeAxis

    settings, windows = Settings(), []

    def make(width, height):
        settings.update_view(simple=False, reduced_motion=True)
        look, axis = Look(), TimeAxis()
        look.set_reduced_motion(True)
        window = QWidget()
        view = StageView(session=session, playback=Playback(session=session), settings=settings, axis=axis, look=look)
        box = QVBoxLayout(window)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(view)
        window.resize(width, height)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        windows.append(window)  # nobody else holds it
        view.test = (session, settings, axis, look, window)
        return view

    yield make
    settings.flush()
