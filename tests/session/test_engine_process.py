"""The process itself: deaths, garbage, programs that do not stop."""

from __future__ import annotations

import sys
import textwrap

import psutil
import pytest

from rnnviz.service.messages import Ready, Unroll, Unrolled
from rnnviz.session import engine_process
from rnnviz.session.engine_process import EngineProcess


@pytest.fixture
def make_engine(qtbot):
    made = []

    def make(program=None):
        command = None if program is None else [sys.executable, "-c", textwrap.dedent(program)]
        made.append(EngineProcess(command=command))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def test_a_round_trip(make_engine, wait_until):
    engine, replies = make_engine(), []
    engine.received.connect(replies.append)
    assert not engine.send(Unroll(text="nobody there"))
    engine.start()
    engine.start()
    assert engine.send(Unroll(request=5, text="hello"))
    wait_until(lambda: any(isinstance(reply, Unrolled) for reply in replies))
    assert isinstance(replies[0], Ready)
    assert replies[0].process == engine.process_id
    assert str(engine.process_id) in engine.log_tail()


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("import sys; sys.exit(3)", "code 3"),
        ("import os; os.write(1, b'garbage' * 100); import time; time.sleep(60)", "no frame"),
        ("import os; os.write(1, b'RNV1' + b'\\xff' * 4); import time; time.sleep(60)", "limit"),
        ("import os; os.write(1, b'RNV1' + b'\\1\\0\\0\\0\\xc1'); import time; time.sleep(60)", "not understood"),
    ],
)
def test_an_engine_that_is_no_engine_is_given_up(make_engine, wait_until, monkeypatch, program, word):
    monkeypatch.setattr(engine_process, "BACK_OFF_MS", (0, 1))
    engine, deaths, given_up = make_engine(program), [], []
    engine.died.connect(deaths.append)
    engine.gave_up.connect(given_up.append)
    engine.start()
    wait_until(lambda: bool(given_up))
    assert len(deaths) == 2
    assert word in given_up[0]
    assert not engine.running


def test_a_program_that_is_not_there(qtbot, wait_until, monkeypatch):
    monkeypatch.setattr(engine_process, "BACK_OFF_MS", ())
    engine, given_up = EngineProcess(command=["/no/such/python"]), []
    engine.gave_up.connect(given_up.append)
    engine.start()
    wait_until(lambda: bool(given_up))
    assert "could not be started" in given_up[0]


def test_an_engine_that_does_not_listen_is_killed(make_engine, wait_until, monkeypatch):
    monkeypatch.setattr(engine_process, "STOP_MS", 100)
    engine = make_engine("import time, sys; print('up', file=sys.stderr, flush=True); time.sleep(600)")
    engine.start()
    wait_until(lambda: "up" in engine.log_tail())
    child = psutil.Process(engine.process_id)
    engine.close()
    assert not child.is_running()
    engine.start()
    assert not engine.running
