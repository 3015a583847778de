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


@pytest.fixture(scope="module")
def one_program(qapp, tmp_path_factory):
    """One program for all tests of a file, in the full view."""
    from rnnviz.app import build

    made = build(None, tmp_path_factory.mktemp("settings"))
    made.settings.update_view(reduced_motion=True, simple=False)
    made.window.resize(1280, 720)
    made.window.show()
    yield made
    made.dispose()


@pytest.fixture
def at_rest(one_program, qtbot, wait_until):
    """That program with "hello" before the shipped network, whatever the test before has done."""
    del qtbot
    session = one_program.session
    wait_until(lambda: session.can_train and session.can_restore)
    session.set_feeding(own=False)
    session.new_session()
    wait_until(lambda: session.task.name == "next-char" and session.length == 5)
    wait_until(lambda: session.training.step > 0)
    return one_program
