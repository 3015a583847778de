"""One session file in two windows, each a real process: the first has it, the second reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rnnviz.engine.checkpoint import load
from rnnviz.session.file_lock import FileLock
from rnnviz.session.settings import Settings
from tests.session.looks import shows
from tests.session.two_windows import another_window, do

TAKE = "from rnnviz.session.file_lock import FileLock; lock = FileLock(settings.folder); assert lock.take(Path({!r}))"


@pytest.fixture
def path(own_session, wait_until, tmp_path):
    """A saved session that no window has any more."""
    found = tmp_path / "talk.rnnviz"
    own_session.save(found, {})
    wait_until(lambda: own_session.path == found)
    own_session.new_session()
    wait_until(lambda: own_session.path is None)
    return found


@pytest.mark.fault(13)
def test_the_second_window_opens_a_file_but_saves_elsewhere(own_session, path, wait_until, tmp_path):
    session, data = own_session, path.read_bytes()
    with another_window() as theirs:
        do(theirs, TAKE.format(str(path)))
        session.open(path)
        wait_until(lambda: session.path == path)
        assert "open in another window" in session.notice.text
        session.set_text("changed here")
        wait_until(lambda: shows(session, "changed here"))
        session.save(path, {})
        assert session.notice.kind == "error"
        assert session.notice.actions == (("Save elsewhere", "save_elsewhere"),)
        assert session.dirty
        session.save(tmp_path / "mine.rnnviz", {})
        wait_until(lambda: session.path == tmp_path / "mine.rnnviz")
        do(theirs, "assert not lock.is_free(Path({!r}))".format(str(tmp_path / "mine.rnnviz")))
        assert path.read_bytes() == data
    assert load(tmp_path / "mine.rnnviz").text == "changed here"
    session.save(path, {})  # the other window has gone
    wait_until(lambda: session.path == path)
    assert load(path).text == "changed here"


@pytest.mark.fault(13)
def test_the_first_window_keeps_its_file_until_it_has_another(own_session, path, wait_until):
    session = own_session
    session.open(path)
    wait_until(lambda: session.path == path)
    with another_window() as theirs:
        do(theirs, "from rnnviz.session.file_lock import FileLock; lock = FileLock(settings.folder)")
        do(theirs, f"assert not lock.take(Path({str(path)!r}))")
        session.new_session()
        wait_until(lambda: session.path is None)
        do(theirs, f"assert lock.take(Path({str(path)!r}))")


@pytest.mark.fault(13)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_killed_window_has_no_file_any_more(qtbot, tmp_path):
    with another_window() as theirs:
        do(theirs, TAKE.format(str(tmp_path / "a.rnnviz")))
        lock = FileLock(Settings().folder)
        assert not lock.is_free(tmp_path / "a.rnnviz")
        theirs.kill()
        theirs.wait(timeout=30)
    assert lock.take(tmp_path / "a.rnnviz")
    lock.release()


def test_a_folder_that_takes_no_locks_is_no_reason_not_to_save(tmp_path):
    (tmp_path / "file").write_text("in the way")
    lock = FileLock(tmp_path / "file")
    assert lock.take(tmp_path / "a.rnnviz")
    assert lock.is_free(tmp_path / "a.rnnviz")


def test_two_names_of_one_file_are_one_lock(qtbot, tmp_path):
    (tmp_path / "a.rnnviz").write_bytes(b"")
    (tmp_path / "b.rnnviz").symlink_to(tmp_path / "a.rnnviz")
    with another_window() as theirs:
        do(theirs, TAKE.format(str(tmp_path / "b.rnnviz")))
        assert not FileLock(Settings().folder).is_free(Path(tmp_path / "a.rnnviz"))
