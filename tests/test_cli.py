"""The command line as a user meets it: real processes, their exit codes and what they print."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import rnnviz


def rnnviz_command(*arguments, **environment):
    """Run the command in a process of its own, without a display unless one is given."""
    known = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    known.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "rnnviz", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env=known | {"OMP_NUM_THREADS": "1"} | environment,
    )


def assert_one_sentence(result, *words):
    assert result.returncode == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].endswith(".")
    for word in words:
        assert word in lines[0]


def test_version_and_help_load_no_numpy_torch_or_qt():
    program = (
        "import sys\n"
        "from rnnviz.cli import main\n"
        "for flag in ('--version', '--help'):\n"
        "    try:\n"
        "        main([flag])\n"
        "    except SystemExit as end:\n"
        "        assert not end.code\n"
        "heavy = {'numpy', 'torch', 'PySide6', 'pyqtgraph', 'msgspec'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert f"rnnviz {rnnviz.__version__}" in result.stdout
    for command in ("trace", "gradients", "train", "snapshot", "bench"):
        assert command in result.stdout


@pytest.mark.parametrize("command", ["trace", "gradients", "train", "snapshot", "bench"])
def test_every_command_has_help_and_a_seed(command):
    result = rnnviz_command(command, "--help")
    assert result.returncode == 0
    assert "--seed" in result.stdout


@pytest.mark.fault(19)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a display")
def test_without_a_display_the_window_says_what_to_do_instead():
    assert_one_sentence(rnnviz_command(), "display", "rnnviz snapshot")


@pytest.mark.fault(19)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a display")
def test_a_display_that_does_not_answer_is_no_abort():
    assert_one_sentence(rnnviz_command(DISPLAY=":9753"), ":9753", "rnnviz snapshot")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nonsense",), ("--nonsense", "--help")),
        (("trace", "hello"), ("--out",)),
        (("trace", "hello", "--hidden", "many", "--out", "x.npz"), ("'many'", "1", "1024")),
        (("trace", "hello", "--cell", "cnn", "--out", "x.npz"), ("cnn", "lstm")),
        (("snapshot", "--size", "big", "--out", "x.png"), ("'big'", "1600x1000")),
    ],
)
def test_a_wrong_flag_is_one_sentence(arguments, words):
    assert_one_sentence(rnnviz_command(*arguments), *words)


def test_a_missing_file_is_one_sentence(tmp_path):
    missing = tmp_path / "missing.rnnviz"
    assert_one_sentence(rnnviz_command("trace", "hi", "--open", str(missing), "--out", "x.npz"), str(missing))


def test_module_and_script_are_the_same_program():
    assert rnnviz_command("--version").stdout.strip() == f"rnnviz {rnnviz.__version__}"
