"""Fixtures for every layer: the real engine process, and a check that nothing outlives its test."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
# As in the engine process: a bit-for-bit comparison needs the same order of sums on both sides.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import sys
import threading

import psutil
import pytest

TIMEOUT_MS = 30_000
TRAINING_MS = 60_000
SHIPPED_STEP = 40
"""Training steps behind the network that is shipped."""


def pytest_collection_finish():
    """What the collection has made stays to the end: no search for leaks through all objects looks at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    """No test reads or writes the user's settings."""
    monkeypatch.setenv("RNNVIZ_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture(autouse=True)
def no_leaks(request):
    """Fail a test that leaves an engine process, a running timer of the session or a thread of ours behind."""
    if "qtbot" not in request.fixturenames and "service" not in request.node.nodeid:
        yield
        return
    threads_before = {thread.ident for thread in threading.enumerate()}
    engines_before, timers_before = _engines(), {id(timer) for timer in _session_timers()}
    yield
    engines = _engines() - engines_before
    threads = [t.name for t in threading.enumerate() if t.ident not in threads_before and t.name.startswith("rnnviz")]
    timers = [type(t.parent()).__name__ for t in _session_timers() if t.isActive() and id(t) not in timers_before]
    assert not engines, f"{request.node.name} left the engine processes {engines}"
    assert not threads, f"{request.node.name} left the threads {threads}"
    assert not timers, f"{request.node.name} left running timers of {timers}"


def _engines():
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if "rnnviz.service" in " ".join(_command_line(child))}


def _command_line(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _session_timers():
    """The QTimers that belong to objects of the session."""
    if "PySide6.QtCore" not in sys.modules:
        return []
    from PySide6.QtCore import QTimer
    from shiboken6 import isValid

    timers = [found for found in gc.get_objects() if type(found) is QTimer and isValid(found)]
    return [timer for timer in timers if type(timer.parent()).__module__.startswith("rnnviz.session")]


@pytest.fixture
def wait_until(qtbot):
    """Run Qt's event loop until a condition holds: ``wait_until(lambda: session.length == 5)``."""

    def wait(condition, timeout=TIMEOUT_MS):
        qtbot.waitUntil(condition, timeout=timeout)

    return wait


@pytest.fixture
def train(wait_until):
    """Train a session some steps further, to rest and to the last one's trace: ``train(session, 40)``.

    "At rest" alone also holds before the first step, so the goal is one step number and no other.
    """

    def run(session, steps):
        goal = session.training.step + steps
        session.train_steps(steps)
        wait_until(lambda: session.training.step == goal and not session.training_now, timeout=TRAINING_MS)
        wait_until(lambda: session.trace.training_step == goal)
        return goal

    return run


@pytest.fixture
def make_session(qtbot):
    """Sessions with a real engine process each; all are closed at the end of the test."""
    from rnnviz.session.engine_process import EngineProcess
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings

    made = []

    def make(*, start=True, command=None):
        session = Session(engine=EngineProcess(command=command), settings=Settings())
        made.append(session)
        if start:
            session.start()
        return session

    yield make
    for session in made:
        session.close()
        session.deleteLater()


@pytest.fixture
def own_session(make_session, wait_until):
    """A session of its own, at its very first start (the test may end or break its engine)."""
    made = make_session()
    wait_until(lambda: made.trace is not None)
    return made


@pytest.fixture
def own_training_session(own_session, wait_until):
    """A session of its own whose engine has loaded torch."""
    wait_until(lambda: own_session.can_train)
    return own_session


@pytest.fixture(scope="session")
def warm_session(qapp, tmp_path_factory):
    """One session for many tests: the engine is started, and torch loaded, once."""
    from rnnviz.session.engine_process import EngineProcess
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings

    made = Session(engine=EngineProcess(), settings=Settings(folder=tmp_path_factory.mktemp("config")))
    made.start()
    yield made
    made.close()


@pytest.fixture
def session(warm_session, qtbot, wait_until):
    """The warm session as after File > New: "hello" at step 3, the shipped network, nothing wanted."""
    from rnnviz.session.derived import TOPICS
    from rnnviz.session.lab import EXPERIMENTS

    wait_until(lambda: warm_session.trace is not None)
    before = warm_session.trace
    with qtbot.waitSignal(warm_session.opened, timeout=TIMEOUT_MS):
        warm_session.new_session()
    # What the test before has left, on show or on its way, may be of that text and step too but of another network.
    wait_until(lambda: warm_session.trace is not before and not warm_session._requests.is_open("unroll"))
    wait_until(lambda: (warm_session.trace.text, warm_session.trace.training_step) == ("hello", SHIPPED_STEP))
    wait_until(lambda: (warm_session.time_step, warm_session.training.step) == (3, SHIPPED_STEP))
    warm_session.set_threshold(0.01)
    warm_session.dismiss_notice()
    yield warm_session
    for topic in (*TOPICS, *EXPERIMENTS):
        warm_session.unwant(topic, "test")
    warm_session.pause()
    wait_until(lambda: not warm_session.training_now)


@pytest.fixture
def training_session(session, wait_until):
    """The warm session once its engine has loaded torch."""
    wait_until(lambda: session.can_train)
    return session
