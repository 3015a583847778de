from __future__ import annotations

import pytest

from rnnviz.engine.spec import RunSpec
from rnnviz.service.messages import Acknowledge, Pause, RunChanged, SetRun, Subscribe, Unroll
from tests.service.engine_pipe import EnginePipe


@pytest.fixture(scope="package")
def shared_engine():
    pipe = EnginePipe()
    yield pipe
    pipe.close()


@pytest.fixture
def engine(shared_engine):
    """One engine for all tests (torch is loaded once), brought back to its first state for each."""
    shared_engine.send(Pause(), Acknowledge(frame=1 << 30), Subscribe(topics=[]), Unroll(text=""))
    shared_engine.send(SetRun(request=-1, run=RunSpec()))
    shared_engine.wait(RunChanged, lambda reply: reply.request == -1)
    return shared_engine


@pytest.fixture
def own_engine():
    """An engine that the test may end."""
    pipe = EnginePipe()
    yield pipe
    pipe.close()
