"""Faults and bad input, seen by the user: what the real window says and shows with its real engine."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import struct
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from rnnviz.engine import checkpoint
from rnnviz.engine.checkpoint import FIXED, MAGIC, from_bytes
from rnnviz.resources import resource_bytes
from rnnviz.view.stage import chips
from rnnviz.view.tracks import TRACKS

STEPPING = ("play", "back", "step", "first", "last", "inside-on", "inside-back", "pin")
START = resource_bytes("start/hello.rnnviz")


def full_view(app):
    app.window.resize(1600, 1000)
    app.window.first_use.show_full()
    app.settings.update_view(open_tracks=[entry.key for entry in TRACKS])


@pytest.mark.fault(1)
@pytest.mark.parametrize("text", ["", "     "])
def test_nothing_typed_is_a_friendly_state_in_which_no_control_raises(app, wait_until, text):
    # An exception in a slot or a paint event fails the test (pytest-qt).
    window, session = app.window, app.session
    full_view(app)
    session.set_text(text)
    wait_until(lambda: session.length == 0)
    assert not any(window.commands[key].isEnabled() for key in STEPPING)
    assert not window.transport.play.isEnabled()
    assert window.commands["step"].toolTip() or window.transport.play.toolTip()
    assert "Type" in window.middle.stage.accessibleDescription()
    for key, command in window.commands.commands.items():
        if key.startswith(("zoom-", "track-", "theme-")) or key in ("forward", "backward", "unfold", "simple"):
            command.trigger()
            window.grab()
    assert session.notice is None or session.notice.kind != "error"
    session.set_text("back")
    wait_until(lambda: session.length == 4)
    assert all(window.commands[key].isEnabled() for key in STEPPING)


@pytest.mark.fault(2)
def test_a_pasted_million_is_cut_and_the_window_says_so(app, wait_until):
    window, session = app.window, app.session
    window.focus_text()
    window.middle.stage.text_field.paste_text("x" * 1_000_000)
    assert len(session.text) == 5000
    assert window.notices.isVisible()
    assert "cut after" in window.notices.text
    wait_until(lambda: session.length == 5000)
    window.grab()


@pytest.mark.fault(3)
@pytest.mark.fault(4)
def test_any_text_is_one_step_a_grapheme_in_logical_order_and_unknown_ones_are_marked(app, wait_until):
    window, session = app.window, app.session
    text = "h👩‍👩‍👧e\u0301של\x00\ud800o"
    session.set_text(text)
    assert window.notices.text == "2 characters that cannot be text: replaced by U+FFFD."
    assert window.notices.isVisible()
    wait_until(lambda: session.length == 8)
    assert list(session.trace.tokens) == ["h", "👩‍👩‍👧", "e\u0301", "ש", "ל", "\ufffd", "\ufffd", "o"]
    frame = window.middle.stage.frame()
    assert [chips.is_unknown(frame, step) for step in range(1, 9)] == [False, *[True] * 6, False]
    session.move_to(2)
    assert window.transport._caption() == "step 2 of 8, 6 unknown"
    picture = window.middle.stage.grab().toImage()
    layout, ratio = frame.layout, picture.devicePixelRatio()

    def border(step):
        chip = layout.chip(frame.axis.x_of(step))
        return picture.pixelColor(round(chip.left() * ratio), round(chip.center().y() * ratio))

    wrong = frame.theme.err
    assert distance(border(3), wrong) < distance(border(1), wrong)
    session.set_text("hello")
    wait_until(lambda: session.length == 5)
    assert window.transport._caption().endswith("of 5")


def distance(first, second):
    return sum(abs(a - b) for a, b in zip(first.getRgb(), second.getRgb(), strict=True))


@pytest.mark.fault(5)
def test_a_loss_that_is_not_finite_pauses_names_tensor_and_step_and_its_buttons_help(ready, wait_until, train):
    window, session = ready.window, ready.session
    session.set_model(activation="identity", hidden=16)
    session.set_training(optimiser="sgd", learning_rate=10.0, clip=0.0)
    wait_until(lambda: not session._requests.is_open("run"))
    session.train()
    wait_until(lambda: session.notice is not None and session.notice.kind == "error" and not session.training_now)
    step = session.training.step + 1
    assert f"Training stopped at step {step}: " in window.notices.text
    assert "became infinite" in window.notices.text or "became NaN" in window.notices.text
    assert [button.text() for button in window.notices._buttons] == ["Undo 20 steps", "Clip gradients", "Lower rate"]
    wait_until(lambda: from_bytes(session._state.restore_point).trainer_state.step == step - 1)
    kept = from_bytes(session._state.restore_point)
    assert all(np.isfinite(array).all() for array in kept.weights.values())
    window.notices._buttons[1].click()
    assert session.run.training.clip == 1.0
    session.lower_rate()
    session.undo()
    back = max(step - 1 - 20, 0)
    wait_until(lambda: session.training.step == back and not session._requests.is_open("run"))
    train(session, 2)


@pytest.mark.fault(6)
@pytest.mark.parametrize(("factor", "words"), [(1e25, "= not a number"), (0.0, "= 0")])
def test_gradients_beyond_all_numbers_are_marked_and_the_axes_stay_finite(app, wait_until, tmp_path, factor, words):
    window, session = app.window, app.session
    full_view(app)
    session.set_model(activation="identity")
    wait_until(lambda: session.run.model.activation == "identity" and not session._requests.is_open("run"))
    wait_until(lambda: from_bytes(session._state.restore_point).run.model.activation == "identity")
    document = from_bytes(session._state.restore_point)
    document.weights["weight_hh_l0"] = document.weights["weight_hh_l0"] * np.float32(factor)
    path = tmp_path / "extreme.rnnviz"
    checkpoint.save(path, checkpoint.Document(document.run, "hello world", document.weights))
    session.open(path)
    wait_until(lambda: session.path == path and session.length == 11)
    track = window.middle.tracks.track("gradient")
    wait_until(lambda: track.flow() is not None and session.gradients.layers[0].log2_total.shape == (11,))
    wait_until(lambda: session.credit is not None and session.credit.length == 11)
    window.grab()
    said = [track.readout(step, 0.0) for step in range(1, 12)]
    assert any(words in line for line in said), said
    for values in (session.gradients.layers[0].log2_total, session.gradients.layers[0].log2_summed):
        scale = track.scale(track.body_rect(), track.log10(values))
        assert np.isfinite([scale.low, scale.high]).all()
        assert -12 <= scale.low < scale.high <= 12
    for key in [entry.key for entry in TRACKS]:
        assert window.middle.tracks.track(key).description()


class Bomb:
    def __reduce__(self):
        return os.system, ("touch EXECUTED",)


def with_digest(header, payload):
    digest = hashlib.sha256(struct.pack("<HQQ", 1, len(header), len(payload)) + header + payload).digest()
    return FIXED.pack(MAGIC, 1, len(header), len(payload), digest) + header + payload


def torch_file():
    """What torch.save writes: a zip archive with a pickle in it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Bomb()))
        archive.writestr("model/version", "3\n")
    return whole.getvalue()


def malicious():
    """Name and content of files that nobody should open."""
    header_size = FIXED.unpack(START[: FIXED.size])[2]
    header = START[FIXED.size : FIXED.size + header_size]
    claims = struct.pack("<Q", 120) + b'{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'
    return {
        "pickle": pickle.dumps(Bomb()),
        "checkpoint": torch_file(),
        "zip bomb": b"PK\x03\x04\x14\x00\x00\x00\x08\x00"
        + b"\x00" * 8
        + struct.pack("<II", 100, 2**32 - 1)
        + b"\x00" * 500,
        "wrong sha256": START[:-1] + bytes([START[-1] ^ 1]),
        "truncated": START[: len(START) // 2],
        "huge sizes": FIXED.pack(MAGIC, 1, 2**62, 2**62, bytes(32)),
        "huge tensor": with_digest(header, claims.ljust(128)),
        "pickle inside": with_digest(header, pickle.dumps(Bomb())),
    }


@pytest.mark.fault(10)
def test_malicious_files_are_one_sentence_and_nothing_of_them_happens(app, wait_until, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window, session = app.window, app.session
    before, run, engine = session.trace.layers[0].hidden.copy(), session.run, app.engine.process_id
    for name, data in malicious().items():
        session.dismiss_notice()
        path = tmp_path / f"{name}.rnnviz"
        path.write_bytes(data)
        window.documents.open_path(str(path))
        wait_until(lambda: session.notice is not None and session.notice.kind == "error")
        said = window.notices.text
        assert name in said
        assert said.endswith(".")
        assert "\n" not in said
        assert not {"torch", "pickle", "weights_only", "unsafe"} & set(
            said.removeprefix(f"{name}.rnnviz").lower().split()
        )
        assert path.read_bytes() == data
    session.set_text("hello!")
    wait_until(lambda: session.length == 6)
    np.testing.assert_array_equal(session.trace.layers[0].hidden[:5], before)
    assert (session.run, session.path, app.engine.process_id) == (run, None, engine)
    assert not (tmp_path / "EXECUTED").exists()


@pytest.mark.fault(22)
def test_scrubbing_resizing_and_themes_at_full_speed_leave_no_queue_and_the_newest_wins(ready, wait_until):
    window, session = ready.window, ready.session
    full_view(ready)
    wait_until(lambda: session.gradients is not None)
    session.train()
    wait_until(lambda: session.training_now)
    widgets = len(window.findChildren(QWidget))
    frames, started = [], session.training.step
    ready.engine.received.connect(lambda reply: frames.append(getattr(reply, "frame", 0)))
    for count in range(12):
        posted = session._requests._number
        for step in range(1, 6):
            session.move_to(step)
        session.choose_loss(1 + count % 4)
        window.resize(1300 + 5 * (count % 40), 760 + 4 * (count % 30))
        window.commands[("theme-dark", "theme-light")[count % 2]].trigger()
        QCoreApplication.processEvents()
        # One answer can release one waiting request in each of six slots, and each frame is acknowledged once.
        assert session._requests._number - posted <= 14
        assert ready.engine._process.bytesToWrite() < 4096
    session.move_to(2)
    session.choose_loss(3)
    wait_until(lambda: session.gradients.loss_step == 3 and not session._requests.is_open("gradients"))
    wait_until(lambda: session.training.step > started and max(frames, default=0) > 2)
    drawn = [frame for frame in frames if frame]
    assert drawn == list(range(drawn[0], drawn[0] + len(drawn)))  # one at a time: the engine waits for each
    session.pause()
    wait_until(lambda: not session.training_now and session.trace.training_step == session.training.step)
    assert ready.look.theme.name == "light"
    assert len(window.findChildren(QWidget)) <= widgets + 8  # a notice has a few buttons


CLOSED_WHILE_TRAINING = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
import rnnviz.app as program

def started(app):
    def look():
        if app.session.can_train and not app.session.training_now:
            app.session.train()
        if app.session.training_now and app.session.training.step > 45:
            timer.stop()
            print(app.engine.process_id, flush=True)
            app.window.documents.ask_first = lambda act: act()
            app.window.close_now()
    timer = QTimer(app.window)
    timer.timeout.connect(look)
    timer.start(5)

build = program.build
def build_and_watch(options):
    app = build(options)
    started(app)
    return app
program.build = build_and_watch
sys.exit(program.run_window())
"""


@pytest.mark.fault(9)
def test_closing_the_program_while_it_trains_ends_both_processes_with_code_zero(tmp_path):
    import psutil

    program = subprocess.Popen([sys.executable, "-c", textwrap.dedent(CLOSED_WHILE_TRAINING)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)  # fmt: skip
    with program:
        engine = psutil.Process(int(program.stdout.readline()))
        program.wait(timeout=10)
        _, alive = psutil.wait_procs([engine], timeout=2)
        assert not alive
        assert program.returncode == 0, program.stderr.read()
