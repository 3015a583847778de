"""Late replies: ``pytest -p tests.late`` reads what the engine says up to ``RNNVIZ_LATE_MS`` (160) milliseconds late.

Whether a window or a test relies on an answer that merely tends to be there in time shows on a busy machine, now and
then; with this it shows at once.
"""

from __future__ import annotations

import os
import random

LATE_MS = int(os.environ.get("RNNVIZ_LATE_MS", "160"))
CHANCE = random.Random(int(os.environ.get("RNNVIZ_LATE_SEED", "1")))


def pytest_configure():
    """From now on every engine process is read late."""
    from PySide6.QtCore import QTimer

    from rnnviz.session.engine_process import EngineProcess

    read_now = EngineProcess._read

    def read_later(engine):
        if getattr(engine, "_late", None) is None:
            engine._late = QTimer(singleShot=True)  # no child of the session: the search for leaks knows those

            def read():
                engine._late = None
                read_now(engine)

            engine._late.timeout.connect(read)
            engine._late.start(CHANCE.randint(0, LATE_MS))

    EngineProcess._read = read_later
