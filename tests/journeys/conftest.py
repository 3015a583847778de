"""The whole program in an offscreen window with its real engine process."""

from __future__ import annotations

import pytest


@pytest.fixture
def make_app(qtbot, tmp_path):
    """Programs with their own settings folder; all are closed and deleted at the end of the test."""
    from rnnviz.app import build

    made = []

    def make(options=None, folder=None):
        app = build(options, folder or tmp_path / "settings")
        app.settings.update_view(reduced_motion=True)
        app.window.show()
        made.append(app)
        return app

    yield make
    for app in made:
        app.dispose()


@pytest.fixture
def app(make_app, wait_until):
    """The program at its first start, with its first picture."""
    made = make_app()
    wait_until(lambda: made.session.length == 5)
    return made


@pytest.fixture
def ready(app, wait_until):
    """The program once torch is loaded."""
    wait_until(lambda: app.session.can_train)
    return app
