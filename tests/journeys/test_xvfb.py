"""The installed program under a real X server, driven by real keys; nothing here touches its objects."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from rnnviz.engine import checkpoint

PATIENCE_S = 30
CLOSE_S = 8

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed (apt-get install xvfb)"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed (apt-get install xdotool)"),
]


def until(holds, what):
    """Look again and again until ``holds()`` is true; its value."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


@pytest.fixture
def display():
    """An X server of our own on a free number."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)


class Program:
    """The running program: its keys, its files, its processes."""

    def __init__(self, display, folder, *flags):
        self.folder, self.config, self.output = folder, folder / "config", folder / "output.txt"
        self._environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "OMP_NUM_THREADS": "1",
                             "RNNVIZ_CONFIG_DIR": str(self.config)}  # fmt: skip
        self._environment.pop("WAYLAND_DISPLAY", None)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([sys.executable, "-m", "rnnviz", *flags], env=self._environment,
                                        stdout=output, stderr=output, stdin=subprocess.DEVNULL)  # fmt: skip
        try:
            self.window = until(self._find, "a window")
            self.engine = until(self._engine, "the engine")
        except BaseException:
            self.process.kill()
            self.process.wait(timeout=CLOSE_S)
            raise

    def _xdotool(self, *words):
        done = subprocess.run(["xdotool", *words], env=self._environment, capture_output=True, text=True, timeout=20)
        return done.stdout.split()

    def _find(self):
        assert self.process.poll() is None, self.said()
        found = self._xdotool("search", "--onlyvisible", "--name", "kept.rnnviz")
        return found[0] if found else None

    def _engine(self):
        found = [
            child
            for child in psutil.Process(self.process.pid).children()
            if "rnnviz.service" in " ".join(child.cmdline())
        ]
        return found[0] if found else None

    def said(self):
        return self.output.read_text()

    def keys(self, *names):
        """Press keys one after the other, as a keyboard does."""
        self._xdotool("windowfocus", "--sync", self.window)
        self._xdotool("key", "--delay", "40", *names)

    def press(self, key, window):
        """One key in another window of the program."""
        self._xdotool("windowfocus", "--sync", window)
        self._xdotool("key", key)

    def windows(self):
        """All windows of the program that can be seen."""
        return self._xdotool("search", "--onlyvisible", "--pid", str(self.process.pid))

    def type(self, text):
        self._xdotool("type", "--delay", "40", text)

    def saved(self, path):
        """The session in the file at ``path``, once it is whole."""
        with contextlib.suppress(OSError):
            return checkpoint.load(path)
        return None

    def save(self):
        """Ctrl+S, and what the file then holds."""
        path = self.folder / "kept.rnnviz"
        before = path.stat().st_mtime_ns
        self.keys("ctrl+s")
        until(lambda: path.stat().st_mtime_ns != before, "the saved file")
        return checkpoint.load(path)

    def view(self):
        path = self.config / "settings.json"
        return json.loads(path.read_text())["view"] if path.exists() else {}

    def ended(self):
        """The exit code, once window and engine are gone."""
        code = self.process.wait(timeout=CLOSE_S)
        _, alive = psutil.wait_procs([self.engine], timeout=CLOSE_S)
        assert not alive, f"the engine outlived the window by {CLOSE_S} s"
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=CLOSE_S)
        with contextlib.suppress(psutil.Error):
            self.engine.kill()


@pytest.fixture
def session_file(tmp_path):
    """A session to open, so that Ctrl+S asks for no name: an untrained Elman network on "hello"."""
    path = tmp_path / "kept.rnnviz"
    flags = ["--cell", "elman", "--hidden", "8", "--steps", "1", "--text", "hello", "--out", str(path)]
    command = [sys.executable, "-m", "rnnviz", "train", *flags]
    subprocess.run(command, check=True, timeout=PATIENCE_S, capture_output=True)
    return path


@pytest.fixture
def program(display, tmp_path, session_file):
    running = Program(display, tmp_path, "--open", str(session_file))
    yield running
    running.kill()


def saved_until(program, holds, what):
    """Save again and again until the saved session ``holds``; that session."""

    def look():
        document = program.save()
        return document if holds(document) else None

    return until(look, what)


def train(program, goal):
    """T until the network trains (it does nothing while PyTorch is being loaded); the session after ``goal`` steps."""
    first = steps(program.save())

    def started():
        program.keys("t")
        return any(steps(program.save()) > first for _ in range(10))

    until(started, "the first training step")
    return saved_until(program, lambda document: steps(document) > first + goal, "training")


def steps(document):
    return document.trainer_state.step if document.trainer_state is not None else 0


def place(document):
    return document.view["place"]


def test_a_lesson_by_keyboard_alone(program):
    first = saved_until(program, lambda document: document.text == "hello", "the opened session")
    # Type behind the text. Single letters are text meanwhile, not commands.
    program.keys("ctrl+l")
    program.type(" world, rt2")
    program.keys("Escape")
    typed = saved_until(program, lambda document: document.text == "hello world, rt2", "the typed text")
    assert typed.run.model.cell == "elman"
    assert steps(typed) == steps(first)
    # To the start, two steps on; play to the end.
    program.keys("Home", "Right", "Right")
    saved_until(program, lambda document: place(document)["time_step"] == 2, "the second step")
    program.keys("space")
    saved_until(program, lambda document: place(document)["time_step"] > 3, "the cursor to run")
    program.keys("space")
    # Train and pause.
    trained = train(program, 20)
    program.keys("t")
    until(lambda: steps(program.save()) == steps(program.save()), "the pause")
    paused = program.save()
    assert steps(paused) >= steps(trained)
    # Backward, then another cell.
    program.keys("r")
    saved_until(program, lambda document: place(document)["direction"] == "backward", "the gradient")
    program.keys("2")
    lstm = saved_until(program, lambda document: document.run.model.cell == "lstm", "the LSTM")
    assert steps(lstm) == 0
    program.keys("ctrl+shift+z")
    back = saved_until(program, lambda document: document.run.model.cell == "elman", "the network of before")
    assert steps(back) == steps(paused)
    # Presenter mode in and out: the remote's keys move only inside it.
    program.keys("End", "F11")  # the right end: the loss, where the sweep starts
    before = place(program.save())["time_step"]
    program.keys("Next")
    saved_until(program, lambda document: place(document)["time_step"] != before, "the next stop")
    program.keys("Escape")
    program.keys("f")
    saved_until(program, lambda document: place(document)["direction"] == "forward", "single keys after the lecture")
    program.keys("ctrl+q")
    assert program.ended() == 0, program.said()
    assert (program.config / "settings.json").exists()
    assert program.view()["presenter"] is False


@pytest.mark.fault(9)
def test_closing_while_training_leaves_no_process(program):
    train(program, 20)
    program.keys("ctrl+q")
    # What was trained since the last save is asked about (there may be nothing); "Discard" has the letter D.
    until(lambda: program.process.poll() is not None or question(program), "the question or the end")
    if dialog := question(program):
        program.press("alt+d", dialog)
    assert program.ended() == 0, program.said()


def question(program):
    """The window of the question about unsaved changes."""
    return next((window for window in program.windows() if window != program.window), None)


@pytest.mark.fault(9)
def test_kill_of_the_window_takes_the_engine_along(program):
    train(program, 20)
    program.process.kill()
    program.process.wait(timeout=CLOSE_S)
    psutil.wait_procs([program.engine], timeout=CLOSE_S)
    assert not program.engine.is_running()
