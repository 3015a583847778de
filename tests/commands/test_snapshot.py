"""``rnnviz snapshot``: a picture of the real window, made without a display."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PIL import Image

from rnnviz.cli import main


def snapshot(*flags, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "rnnviz", "snapshot", *flags],
        capture_output=True,
        text=True,
        timeout=110,
        stdin=subprocess.DEVNULL,
        env=environment | {"OMP_NUM_THREADS": "1"} | variables,
    )


def colours(path):
    with Image.open(path) as picture:
        return picture.size, {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1 << 24)}


def test_the_window_is_rendered_in_the_wanted_size_and_theme(tmp_path):
    out = tmp_path / "shot.png"
    result = snapshot("--full", "--backward", "--step", "2", "--theme", "dark", "--size", "1500x900", "--out", str(out))
    assert result.returncode == 0, result.stderr
    size, found = colours(out)
    assert size == (1500, 900)
    assert (0x14, 0x18, 0x1E) in found  # the dark theme's panel
    assert (0xF0, 0x3C, 0xA4) in found  # the gradient's colour: the engine has answered
    assert len(found) > 200


def test_a_step_behind_the_end_is_refused(tmp_path):
    out = tmp_path / "shot.png"
    result = snapshot("--text", "hello", "--step", "6", "--out", str(out))
    assert result.returncode == 2
    assert "5 time steps" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--panel", "nonsense", "--out", "shot.png"], "nonsense"),
        (["--out", "/no/such/folder/shot.png"], "/no/such/folder"),
    ],
)
def test_what_cannot_be_done_is_refused_before_a_window_opens(flags, words, capsys):
    assert main(["snapshot", *flags]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.fault(19)
def test_a_machine_without_any_font_still_gets_its_picture(tmp_path):
    fonts, out = tmp_path / "fonts.conf", tmp_path / "shot.png"
    fonts.write_text(f'<?xml version="1.0"?><fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>')
    result = snapshot("--out", str(out), FONTCONFIG_FILE=str(fonts))
    assert result.returncode == 0, result.stderr
    assert len(colours(out)[1]) > 50


def test_the_comparison_waits_until_all_models_are_trained_as_far(tmp_path):
    out = tmp_path / "compare.png"
    flags = ("--compare", "elman,lstm", "--train", "5", "--step", "3", "--theme", "light", "--size", "1280x720")
    result = snapshot(*flags, "--out", str(out))
    assert result.returncode == 0, result.stderr
    size, found = colours(out)
    assert size == (1280, 720)
    assert (0xB8, 0x1F, 0x7C) in found  # the light theme's gradient


def test_cells_that_do_not_exist_are_refused_in_one_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["snapshot", "--compare", "elman,rnn", "--out", str(tmp_path / "no.png")])
    assert ended.value.code == 2
    assert "'elman,rnn' is not one to three of elman, lstm, gru" in capsys.readouterr().err
