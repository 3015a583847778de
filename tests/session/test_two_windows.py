"""Two windows of the program at once, each a real process: their settings merge."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.session.settings import LOCK_NAME, Settings, settings_folder
from rnnviz.session.view_state import ViewState
from tests.session.two_windows import another_window, answered, do, switch, tell


@pytest.mark.fault(13)
def test_what_two_windows_change_is_all_kept(qtbot):
    ours = Settings()
    ours.update_view(theme="dark", ui_scale=1.25)
    ours.flush()
    with another_window() as theirs:
        ours.update_view(pitch=33.0)
        ours.add_recent(Path("ours.rnnviz"))
        do(theirs, "settings.update_view(notation='pytorch', ui_scale=1.5)")
        do(theirs, "settings.add_recent(Path('theirs.rnnviz')); settings.set_geometry(b'there'); settings.flush()")
        ours.flush()
        do(theirs, "settings.update_view(shapes=True); settings.flush()")
    found = Settings()
    view = found.view
    assert (view.theme, view.pitch, view.notation, view.ui_scale, view.shapes) == ("dark", 33.0, "pytorch", 1.5, True)
    assert [path.name for path in found.recent] == ["ours.rnnviz", "theirs.rnnviz"]
    assert found.geometry == b"there"
    assert (ours.view.notation, ours.view.ui_scale) == ("lecture", 1.25), "no window changes its look by itself"


@pytest.mark.fault(13)
def test_three_writing_all_the_time_lose_nothing(qtbot):
    """What a window has written it never writes again by itself: whatever another one ran over would stay lost."""
    switches = [name for name, value in msgspec.to_builtins(ViewState()).items() if isinstance(value, bool)]
    line = "switch(settings, {!r})"
    ours = Settings()
    with another_window() as first, another_window() as second:
        tell(first, line.format(switches[0::3]))
        tell(second, line.format(switches[1::3]))
        switch(ours, switches[2::3])
        answered(first)
        answered(second)
    view = msgspec.to_builtins(Settings().view)
    assert {name: view[name] for name in switches} == {name: not getattr(ViewState(), name) for name in switches}


@pytest.mark.fault(13)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_window_that_was_killed_while_writing_stops_no_other(qtbot):
    with another_window() as theirs:
        do(theirs, f"lock = QLockFile(str(settings.folder / {LOCK_NAME!r})); settings.folder.mkdir(); lock.tryLock(0)")
        theirs.kill()
        theirs.wait(timeout=30)
    assert (settings_folder() / LOCK_NAME).exists()
    ours = Settings()
    ours.update_view(theme="dark")
    ours.flush()
    assert Settings().view.theme == "dark"
    assert not (settings_folder() / LOCK_NAME).exists()


def test_forgotten_files_stay_forgotten_and_the_other_windows_new_ones_stay(qtbot):
    ours, theirs = Settings(), Settings()
    ours.add_recent(Path("old.rnnviz"))
    ours.flush()
    ours.clear_recent()
    ours.add_recent(Path("new.rnnviz"))
    ours.flush()
    assert [path.name for path in Settings().recent] == ["new.rnnviz"]
    theirs.add_recent(Path("theirs.rnnviz"))
    theirs.flush()
    assert [path.name for path in Settings().recent] == ["theirs.rnnviz", "new.rnnviz"]


def test_the_last_window_to_close_is_the_next_start(qtbot):
    ours, theirs = Settings(), Settings()
    theirs.remember("theirs", RunSpec(model=ModelSpec(cell="gru")))
    ours.remember("ours", RunSpec())
    theirs.flush()
    ours.flush()
    found = Settings()
    assert (found.last_text, found.last_run.model.cell) == ("ours", "elman")
