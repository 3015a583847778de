"""The whole program in the full view; the stage of the warm session, in a window of its own."""

from __future__ import annotations

import pytest


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    """The program in the full view, 1600 x 1000, with its first picture."""
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True, simple=False)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    yield made
    made.dispose()


@pytest.fixture
def lecture_again():
    """The notation belongs to the program: the next test finds the default."""
    from rnnviz.view import math_text
    from rnnviz.view.notation import Notation

    yield
    math_text.use(Notation())


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
