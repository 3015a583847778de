"""``--data FILE`` in the real window and in its picture: the network of the user's own data, and its text."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from rnnviz.cli import main

WORDS = ("soup", "cake", "film", "book", "song")
OPINIONS = "stars,review\n" + "".join(
    f'{"5" if i % 2 else "1"},"The {WORDS[i % 5]}, it was {"fine" if i % 2 else "sad"}"\n' for i in range(20)
)

OBSERVED = """
import json, os, signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from rnnviz.app import application
from rnnviz.cli import main

application()
wanted, *flags = sys.argv[1:]

def look():
    for window in QApplication.topLevelWidgets():
        session = getattr(window, "session", None)
        if session is None or session.trace is None or session.text != wanted or session.trace.text != wanted:
            continue
        if "--data" in flags and session.run.task.text is None:
            continue
        timer.stop()
        run = session.run
        found = {"task": run.task.name, "source": run.task.source, "own": (run.task.text or "")[:40],
                 "cell": run.model.cell, "radius": run.model.radius, "seed": run.training.seed,
                 "tokens": list(session.trace.tokens), "notice": session.notice and session.notice.kind}
        print(json.dumps(found), flush=True)
        os.kill(os.getpid(), signal.SIGINT)

timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
sys.exit(main(flags))
"""

SIGINT = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")


def opened(wanted, *flags):
    """What the window of ``rnnviz FLAGS`` holds when it shows the text ``wanted``; Ctrl+C then ends it."""
    result = subprocess.run(
        [sys.executable, "-c", OBSERVED, wanted, *flags],
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ | {"OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"},
    )
    assert result.returncode == 130, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OPINIONS, encoding="utf-8")
    return str(path)


@SIGINT
def test_the_window_learns_the_file_by_the_task_that_suits_it(data):
    found = opened("The soup, it was sad", "--data", data)
    assert (found["task"], found["source"], found["cell"]) == ("sentiment", "own.csv", "lstm")
    assert found["own"].startswith("sentence\tlabel\nThe soup, it was sad\t1")
    assert found["tokens"] == ["The", "soup", ",", "it", "was", "sad"]
    assert found["notice"] != "error"


@SIGINT
def test_flags_and_text_of_the_window_win(data):
    text = "the film was fine"
    flags = ("--cell", "elman", "--initialiser", "orthogonal", "--radius", "0.5", "--seed", "7", "--text", text)
    found = opened(text, "--task", "next-word", "--data", data, *flags)
    assert (found["task"], found["source"]) == ("next-word", "own.csv")
    assert (found["cell"], found["radius"], found["seed"]) == ("elman", 0.5, 7)


@SIGINT
def test_a_session_is_opened_with_another_text(data, tmp_path, capsys):
    run = tmp_path / "run.rnnviz"
    assert main(["train", "--task", "sentiment", "--data", data, "--steps", "1", "--out", str(run)]) == 0
    found = opened("a sad film", "--open", str(run), "--text", "a sad film")
    assert (found["task"], found["source"]) == ("sentiment", "own.csv")


@SIGINT
def test_a_series_of_the_programs_own_is_chosen_by_its_name():
    found = opened("1 2 3", "--task", "series", "--data", "mackey-glass 17", "--cell", "elman", "--text", "1 2 3")
    assert (found["task"], found["own"], found["cell"]) == ("series", "mackey-glass 17", "elman")


def test_the_picture_of_the_users_own_data_with_layers_and_directions(data, tmp_path, capsys, monkeypatch):
    from rnnviz.offscreen import Offscreen

    seen, grab = {}, Offscreen.grab

    def note(self):
        seen.update(run=self.session.run, text=self.session.text, layers=list(self.session.trace.layers))
        seen["notice"] = self.session.notice
        return grab(self)

    monkeypatch.setattr(Offscreen, "grab", note)
    out = tmp_path / "own.png"
    flags = ["--hidden", "6", "--layers", "2", "--bidirectional", "--size", "1280x720"]
    assert main(["snapshot", "--data", data, *flags, "--out", str(out)]) == 0, capsys.readouterr().err
    assert (seen["run"].task.name, seen["run"].task.source) == ("sentiment", "own.csv")
    assert (seen["run"].model.hidden, seen["run"].model.layers, seen["run"].model.bidirectional) == (6, 2, True)
    assert seen["text"] == "The soup, it was sad"
    assert len(seen["layers"]) == 4
    assert seen["notice"] is None
    with Image.open(out) as picture:
        assert picture.size == (1280, 720)
