"""Session files with the real engine process: saved, opened, refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.session.looks import hidden, shows


def test_save_open_and_continue(training_session, wait_until, tmp_path, train):
    session, path = training_session, tmp_path / "lecture.rnnviz"
    session.set_text("hello world")
    session.set_model(cell="gru")
    wait_until(lambda: shows(session, "hello world") and "r" in session.trace.layers[0].gates)
    train(session, 5)
    session.move_to(7)
    session.select(unit=3)
    saved = hidden(session)
    session.save(path, {"zoom": "inside"})
    wait_until(lambda: session.path == path)
    assert not session.dirty
    views = []
    session.opened.connect(views.append)
    session.new_session()
    wait_until(lambda: session.path is None and session.text == "hello" and shows(session, "hello"))
    session.open(path)
    wait_until(lambda: session.path == path and shows(session, "hello world"))
    np.testing.assert_array_equal(hidden(session), saved)
    assert views[-1] == {"zoom": "inside"}
    assert (session.time_step, session.unit, session.training.step) == (7, 3, 5)
    assert not session.dirty
    assert session._settings.recent[0] == path


@pytest.mark.fault(10)
@pytest.mark.parametrize("data", [b"", b"RNNVIZ", b"\x80\x04\x95cposix\nsystem\n", b"\x00" * 1000])
def test_a_bad_file_is_one_sentence_and_changes_nothing(session, wait_until, tmp_path, data):
    path = tmp_path / "bad.rnnviz"
    path.write_bytes(data)
    before = hidden(session)
    session.open(path)
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert "torch" not in session.notice.text
    assert path.read_bytes() == data
    np.testing.assert_array_equal(hidden(session), before)
    assert session.path is None


@pytest.mark.fault(11)
def test_a_failed_save_offers_another_place(session, wait_until, tmp_path):
    session.save(tmp_path / "gone" / "a.rnnviz", {})
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert "gone" in session.notice.text
    asked = []
    session.save_elsewhere_asked.connect(lambda: asked.append(True))
    getattr(session, session.notice.actions[0][1])()
    assert asked
