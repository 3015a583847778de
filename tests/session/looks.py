"""What the tests of the session look at."""

from __future__ import annotations

import numpy as np

from rnnviz.service.messages import EngineState


def hidden(session):
    return np.array(session.trace.layers[0].hidden)


def shows(session, text):
    return session.trace is not None and session.trace.text == text


def trained(session, wait_until, steps=30):
    session.train_steps(steps)
    wait_until(lambda: session.training.step >= steps and session.engine_state is EngineState.PAUSED)
