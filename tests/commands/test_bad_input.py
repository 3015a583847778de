"""What is wrong with what was given: one sentence on stderr, exit code 2, nothing written, no work done before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from rnnviz.cli import main
from rnnviz.commands.output import READER_GONE

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full and closed pipes as Linux has them")

WITH_MODEL = [["trace", "hello"], ["gradients", "hello"], ["train", "--steps", "1"]]


def refused(flags, capsys, *words):
    """The one sentence that ``flags`` end with."""
    assert main(flags) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("rnnviz: ")
    assert lines[0].endswith(".")
    assert all(word in lines[0] for word in words), lines[0]


def test_a_series_that_cannot_be_made_is_refused_before_a_window_opens(capsys):
    for command in ([], ["snapshot", "--out", "shot.png"], ["train"]):
        refused([*command, "--task", "series", "--data", "mackey-glass 500"], capsys, "'500'", "give 5 to 60")


@pytest.fixture
def run_file(tmp_path, capsys):
    """A session that was trained for one step."""
    path = tmp_path / "run.rnnviz"
    assert main(["train", "--steps", "1", "--hidden", "2", "--out", str(path)]) == 0
    capsys.readouterr()
    return str(path)


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    "command", [["trace", "hello"], ["gradients", "hello"], ["train", "--steps", "1"], ["snapshot"]]
)
def test_a_result_that_cannot_be_written_is_refused_before_the_work(command, tmp_path, capsys):
    refused([*command, "--out", ""], capsys, "--out has no name of a file")
    refused([*command, "--out", str(tmp_path)], capsys, "is a folder")
    missing = tmp_path / "missing" / "result"
    refused([*command, "--out", str(missing)], capsys, str(missing), "does not exist")
    refused([*command, "--out", "a\0b"], capsys, "zero byte")
    assert list(tmp_path.iterdir()) == []


@LINUX
@pytest.mark.fault(11)
def test_a_folder_that_takes_no_file_is_refused_before_the_training(capsys):
    """Nobody, not even root, can put a file into /proc."""
    refused(["train", "--steps", "10000000", "--out", "/proc/run.rnnviz"], capsys, "/proc", "choose another place")


@pytest.mark.fault(10)
@pytest.mark.parametrize("command", WITH_MODEL)
def test_a_session_that_is_none_is_refused(command, tmp_path, capsys):
    out = ["--out", str(tmp_path / "result")]
    for content in (b"", b"a text, no session\n" * 30):
        (tmp_path / "own.txt").write_bytes(content)
        refused([*command, "--open", str(tmp_path / "own.txt"), *out], capsys, "not an rnnviz session")
    refused([*command, "--open", str(tmp_path), *out], capsys, str(tmp_path), "directory")
    refused([*command, "--open", "", *out], capsys, "could not be read")
    assert not (tmp_path / "result").exists()


@pytest.mark.fault(1)
@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
@pytest.mark.parametrize("command", ["trace", "gradients"])
def test_a_text_without_tokens_has_no_arrays(command, text, tmp_path, capsys):
    out = tmp_path / "a.npz"
    refused([command, text, "--out", str(out)], capsys, "text")
    assert not out.exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--cell", "lstm", "--activation", "relu"], ("--activation",)),
        (["--cell", "gru", "--forget-bias", "1"], ("--forget-bias",)),
        (["--radius", "0.5"], ("--radius", "--initialiser")),
        (["--task", "series", "--embedding", "4"], ("numbers", "embedding")),
        (["--task", "translation", "--bidirectional"], ("decoder", "one direction")),
        (["--columns", "a=b"], ("--columns", "--data")),
        (["--data", ""], ("--data", "no name")),
    ],
)
@pytest.mark.parametrize("command", [["trace", "hello"], ["train", "--steps", "1"]])
def test_flags_that_contradict_each_other_are_refused(command, flags, words, tmp_path, capsys):
    refused([*command, *flags, "--out", str(tmp_path / "result")], capsys, *words)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--compare", "elman,lstm", "--cell", "gru"], ("--compare", "--cell")),
        (["--initialiser", "xavier", "--radius", "1"], ("--radius",)),
        (["--cell", "gru", "--forget-bias", "1"], ("--forget-bias",)),
        (["--header", "no"], ("--header", "--data")),
        (["--data", "no-such-file.csv"], ("no-such-file.csv", "could not be read")),
    ],
)
def test_the_picture_refuses_the_same(flags, words, tmp_path, capsys):
    refused(["snapshot", *flags, "--out", str(tmp_path / "no.png")], capsys, *words)


@pytest.mark.parametrize(
    "flags", [["--task", "parity"], ["--cell", "gru"], ["--seed", "3"], ["--layers", "2"], ["--data", "own.csv"]]
)
def test_a_session_brings_its_own_model_and_task_to_the_picture_too(flags, run_file, tmp_path, capsys):
    out = ["--out", str(tmp_path / "no.png")]
    refused(["snapshot", "--open", run_file, *flags, *out], capsys, "--open brings its own", flags[0])


@pytest.mark.parametrize("flags", [["--open", ""], ["--open", "a.rnnviz", "--task", "parity"], ["--data", ""]])
def test_the_window_refuses_its_flags_before_it_opens(flags, capsys, monkeypatch):
    monkeypatch.setattr("rnnviz.app.run_window", lambda _: pytest.fail("the window was opened"))
    refused(flags, capsys, flags[0])


def test_the_log_never_takes_the_place_of_a_session(run_file, tmp_path, capsys):
    with open(run_file, "rb") as file:
        before = file.read()
    refused(["train", "--open", run_file, "--log", run_file, "--steps", "1"], capsys, "--log", "--open")
    refused(["train", "--out", run_file, "--log", run_file, "--steps", "1"], capsys, "--log", "--out")
    refused(["train", "--log", "", "--steps", "1"], capsys, "--log has no name")
    refused(["train", "--log", str(tmp_path), "--steps", "1"], capsys, "is a folder")
    with open(run_file, "rb") as file:
        assert file.read() == before


@pytest.mark.parametrize("minutes", ["nan", "-1", "soon"])
def test_minutes_are_a_number(minutes, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--minutes", minutes, "list"])
    assert ended.value.code == 2
    assert f"'{minutes}' is not a number from 0 to 1440" in capsys.readouterr().err


# ---------------------------------------------------------------------- pipes, full disks, Ctrl+C


def command(*flags, **streams):
    return subprocess.run(
        [sys.executable, "-m", "rnnviz", *flags],
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        **streams,
    )


@LINUX
def test_a_reader_that_has_gone_ends_without_a_word(tmp_path):
    """As in ``rnnviz train | head -0``: the run is saved all the same."""
    run = tmp_path / "run.rnnviz"
    for flags in (["bench", "list"], ["train", "--hidden", "2", "--steps", "2", "--out", str(run)]):
        reader, writer = os.pipe()
        os.close(reader)
        result = command(*flags, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        assert result.returncode == READER_GONE
        assert "rror" not in result.stderr
        assert "pipe" not in result.stderr
    assert run.exists()


@LINUX
@pytest.mark.fault(11)
def test_a_result_that_cannot_be_printed_is_one_sentence():
    with open("/dev/full", "w") as full:
        result = command("bench", "list", stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 2
    assert result.stderr == "rnnviz: The result could not be printed: No space left on device.\n"


@LINUX
@pytest.mark.fault(11)
def test_progress_that_nobody_can_read_does_not_end_the_training():
    with open("/dev/full", "w") as full:
        result = command("train", "--hidden", "2", "--steps", "20", stdout=subprocess.PIPE, stderr=full)
    assert result.returncode == 0
    assert json.loads(result.stdout)["steps"] == 20


@LINUX
def test_without_stderr_the_notes_do_not_get_into_the_result(tmp_path):
    data = tmp_path / "own.tsv"
    data.write_text("a b\tyes\nc d\tno\nonly one\n" * 4, encoding="utf-8")
    flags = "train --task sentiment --hidden 2 --steps 2"
    result = subprocess.run(
        ["sh", "-c", f'"$0" -m rnnviz {flags} --data "$1" 2>&-', sys.executable, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert result.returncode == 0
    assert json.loads(result.stdout)["steps"] == 2


INTERRUPTED_PICTURE = """
import os, signal, sys
from rnnviz.cli import main
from rnnviz.offscreen import Offscreen

settle = Offscreen.settle

def interrupted(self):
    os.kill(os.getpid(), signal.SIGINT)
    settle(self)

Offscreen.settle = interrupted
sys.exit(main(sys.argv[1:]))
"""

IDLE_LOOP = """
from PySide6.QtCore import QCoreApplication
from rnnviz.commands.interrupt import ExitOnInterrupt

application = QCoreApplication([])
with ExitOnInterrupt() as interrupt:
    print("ready", flush=True)
    code = application.exec()
print(code, interrupt.asked)
"""


@LINUX
def test_ctrl_c_ends_the_picture_with_130_and_leaves_nothing(tmp_path):
    out, temporary = tmp_path / "shot.png", tmp_path / "tmp"
    temporary.mkdir()
    result = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_PICTURE, "snapshot", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)},
    )
    assert (result.returncode, result.stderr) == (130, "")
    assert not out.exists()
    assert list(temporary.iterdir()) == []


@LINUX
def test_ctrl_c_wakes_an_event_loop_in_which_no_python_runs():
    """Whether the signal comes just before the loop or while it sleeps."""
    with subprocess.Popen([sys.executable, "-c", IDLE_LOOP], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "130 True\n"
        finally:
            process.kill()
