"""What the tests of the session look at."""

from __future__ import annotations

import numpy as np


def hidden(session):
    return np.array(session.trace.layers[0].hidden)


def shows(session, text):
    return session.trace is not None and session.trace.text == text
