"""The session with engine processes that really break: garbage on either side of the link, lost devices, no memory."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import psutil
import pytest

from rnnviz.engine.checkpoint import from_bytes
from rnnviz.service.messages import EngineState, StateChanged
from rnnviz.service.wire import HEADER, MAGIC, MAX_FRAME

REAL_ENGINE = """
from rnnviz.service.__main__ import main
main()
"""


def once(tmp_path, misdeed):
    """A command that does ``misdeed`` the first time and is the real engine from then on."""
    flag = tmp_path / "done"
    program = f"import os, sys, time\nfirst = not os.path.exists({str(flag)!r})\nopen({str(flag)!r}, 'w').close()\n"
    program += "if first:\n" + textwrap.indent(textwrap.dedent(misdeed).strip(), "    ") + "\n"
    return [sys.executable, "-P", "-c", program + REAL_ENGINE]


def shows(session, text):
    return session.trace is not None and session.trace.text == text


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    "misdeed",
    [
        "os.write(1, b'GET / HTTP/1.1'); time.sleep(60)",
        f"os.write(1, {HEADER.pack(MAGIC, MAX_FRAME + 1)!r}); time.sleep(60)",
        f"os.write(1, {HEADER.pack(MAGIC, 1000) + b'half'!r}); sys.exit(1)",
        f"os.write(1, {HEADER.pack(MAGIC, 3)!r} + b'\\xc1ab'); time.sleep(60)",
    ],
    ids=["garbage", "oversized", "half a frame", "no message"],
)
def test_an_engine_that_sends_nonsense_is_replaced_by_one_that_works(make_session, wait_until, tmp_path, misdeed):
    session, deaths = make_session(start=False, command=once(tmp_path, misdeed)), []
    session._engine.died.connect(deaths.append)
    session.set_text("typed before")
    session.start()
    wait_until(lambda: shows(session, "typed before") and session.engine_state is not EngineState.STARTING)
    assert len(deaths) == 1
    assert session.notice is None or session.notice.kind != "error"


@pytest.mark.fault(20)
@pytest.mark.fault(8)
@pytest.mark.parametrize("nonsense", [bytes(4096), HEADER.pack(MAGIC, 2**32 - 1)], ids=["zeros", "oversized"])
def test_nonsense_to_the_engine_ends_it_and_the_session_starts_the_next_one(own_session, wait_until, nonsense):
    session = own_session
    session.set_text("kept text")
    wait_until(lambda: shows(session, "kept text"))
    weights, first = np.array(session.trace.layers[0].hidden), session._engine.process_id
    session.move_to(4)
    session._engine._process.write(nonsense)
    wait_until(lambda: session._engine.process_id not in (0, first) and not session._requests.is_open("unroll"))
    wait_until(lambda: session.engine_state is not EngineState.STARTING and session.notice.kind == "info")
    wait_until(lambda: np.array_equal(session.trace.layers[0].hidden, weights))
    assert (session.text, session.time_step) == ("kept text", 4)


@pytest.mark.fault(20)
def test_a_frame_that_is_no_message_costs_only_itself(session, wait_until):
    process = session._engine.process_id
    session._engine._process.write(HEADER.pack(MAGIC, 3) + b"\xc1ab")
    wait_until(lambda: session.notice is not None and "not understood" in session.notice.text)
    session.set_text("goes on")
    wait_until(lambda: shows(session, "goes on"))
    assert session._engine.process_id == process


DEVICE_LOST = """
import rnnviz.engine.training as training
from itertools import count
steps, real = count(), training.Trainer._report
def lost(self, *rest):
    if next(steps) == 40:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")
    return real(self, *rest)
training.Trainer._report = lost
"""


@pytest.mark.fault(8)
def test_a_lost_device_restarts_the_engine_with_weights_and_place(make_session, wait_until, tmp_path):
    session, deaths = make_session(command=once(tmp_path, DEVICE_LOST)), []
    session._engine.died.connect(deaths.append)
    wait_until(lambda: session.can_train and session.length == 5)
    session.move_to(4)
    session.train()
    wait_until(lambda: bool(deaths))
    assert "code 3" in deaths[0]
    assert session.notice.text == "The engine stopped; starting it again."
    document = from_bytes(session._state.restore_point)
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    wait_until(lambda: session.training.step == session.trace.training_step == document.trainer_state.step)
    assert (session.text, session.time_step) == ("hello", 4)
    assert "was started again" in session.notice.text
    assert all(np.isfinite(array).all() for array in document.weights.values())


@pytest.mark.fault(7)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the memory of another process")
def test_too_little_memory_pauses_offers_a_smaller_batch_and_ends_nothing(training_session, wait_until):
    session = training_session
    session.set_model(cell="lstm", hidden=128)
    session.set_training(batch_size=1024)
    wait_until(lambda: session.trace is not None and session.trace.layers[0].hidden.shape[1] == 128)
    engine = psutil.Process(session._engine.process_id)
    # One array of this batch has 100 MB.
    engine.rlimit(psutil.RLIMIT_AS, (engine.memory_info().vms + 32 * 2**20, -1))
    try:
        session.train()
        wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    finally:
        engine.rlimit(psutil.RLIMIT_AS, (-1, -1))
    assert "ran out of memory at batch size 1024; choose a smaller batch" in session.notice.text
    assert session.notice.actions == (("Smaller batch", "smaller_batch"),)
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    session.smaller_batch()
    wait_until(lambda: session.run.training.batch_size == 512 and not session._requests.is_open("run"))
    goal = session.training.step + 1
    session.train_one_step()
    wait_until(lambda: session.training.step == goal)
    assert session._engine.process_id == engine.pid


@pytest.mark.fault(7)
def test_on_a_gpu_the_cpu_is_offered_too(make_session):
    session = make_session(start=False)
    session.set_training(device="cuda")
    full = StateChanged(
        state=EngineState.PAUSED, training_step=3, reason="The GPU ran out of memory.", out_of_memory=True
    )
    session._on_received(full)
    assert [label for label, _ in session.notice.actions] == ["Smaller batch", "Use the CPU"]
    for _, verb in session.notice.actions:
        getattr(session, verb)()
    assert (session.run.training.device, session.run.training.batch_size) == ("cpu", 16)
