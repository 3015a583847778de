"""Saving with the real engine process on disks that fail, through kills, and while everything moves."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from rnnviz.engine.checkpoint import from_bytes, load
from rnnviz.engine.network import initialise
from rnnviz.engine.tasks import make_task
from rnnviz.service.messages import EngineState
from rnnviz.session.settings import Settings

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of another process")


def shows(session, text):
    return session.trace is not None and session.trace.text == text


def saved(session, wait_until, path):
    session.set_text("before")
    wait_until(lambda: shows(session, "before"))
    session.save(path, {})
    wait_until(lambda: session.path == path and not session.dirty)
    data = path.read_bytes()
    session.set_text("after")
    wait_until(lambda: shows(session, "after"))
    return data


def failed_to_save(session, wait_until, path):
    session.save(path, {})
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert str(path) in session.notice.text
    assert session.notice.actions == (("Save elsewhere", "save_elsewhere"),)
    assert session.dirty
    return session.notice.text


@LINUX
@pytest.mark.fault(11)
def test_a_disk_that_is_full_leaves_the_old_file_and_the_next_place_takes_it(own_session, wait_until, tmp_path):
    session, path, folder = own_session, tmp_path / "lecture.rnnviz", tmp_path / "elsewhere"
    folder.mkdir()
    data = saved(session, wait_until, path)
    engine = psutil.Process(session._engine.process_id)
    # The system refuses to write more than half of the file, as a full disk does.
    engine.rlimit(psutil.RLIMIT_FSIZE, (len(data) // 2, -1))
    assert "File too large" in failed_to_save(session, wait_until, path)
    assert path.read_bytes() == data
    assert sorted(item.name for item in tmp_path.iterdir() if item.name != "config") == ["elsewhere", "lecture.rnnviz"]
    engine.rlimit(psutil.RLIMIT_FSIZE, (-1, -1))
    session.save(folder / "kept.rnnviz", {})
    wait_until(lambda: session.path == folder / "kept.rnnviz")
    assert load(folder / "kept.rnnviz").text == "after"


@pytest.mark.fault(11)
def test_a_folder_that_is_gone_or_takes_no_files_is_named_with_its_reason(own_session, wait_until, tmp_path):
    session, folder = own_session, tmp_path / "stick"
    folder.mkdir()
    saved(session, wait_until, folder / "a.rnnviz")
    os.rename(folder, tmp_path / "pulled out")
    assert "No such file" in failed_to_save(session, wait_until, folder / "a.rnnviz")
    session.dismiss_notice()
    folder.write_text("a file in the place of the folder")
    assert "Not a directory" in failed_to_save(session, wait_until, folder / "a.rnnviz")
    assert load(tmp_path / "pulled out" / "a.rnnviz").text == "before"


@LINUX
@pytest.mark.fault(11)
@pytest.mark.skipif(not os.path.isdir("/proc/sys"), reason="a place that nobody may write to")
def test_a_read_only_place_is_named_with_its_reason(session, wait_until):
    session.set_text("unsaved")
    wait_until(lambda: shows(session, "unsaved"))
    assert "not saved" in failed_to_save(session, wait_until, Path("/proc/sys/a.rnnviz"))


KILLED_WHILE_SAVING = """
import os, signal
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
from rnnviz.service.__main__ import main
main()
"""


@pytest.mark.fault(12)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_in_mid_save_the_old_file_is_whole_and_the_next_start_sweeps(make_session, wait_until, tmp_path):
    folder = tmp_path / "talks"
    folder.mkdir()
    path = folder / "talk.rnnviz"
    first = make_session()
    wait_until(lambda: first.trace is not None)
    data = saved(first, wait_until, path)
    first.close()
    second = make_session(command=[sys.executable, "-P", "-c", KILLED_WHILE_SAVING])
    wait_until(lambda: second.trace is not None)
    at_death = []
    second._engine.died.connect(lambda _: at_death.append((path.read_bytes(), len(list(folder.iterdir())))))
    second.save(path, {})
    wait_until(lambda: bool(at_death))
    assert at_death == [(data, 2)]
    wait_until(lambda: [item.name for item in folder.iterdir()] == ["talk.rnnviz"])
    second.close()
    left = [place / f".rnnviz-{_ended_process()}-x.tmp" for place in (folder, Settings().folder)]
    for item in left:
        item.write_bytes(b"half of a file")
    third = make_session()
    wait_until(lambda: third.trace is not None)
    assert not any(item.exists() for item in left)
    assert load(path).text == "before"


def _ended_process():
    """The id of a process that has been and gone."""
    process = psutil.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def weights_after(run, steps):
    """The weights that ``steps`` undisturbed training steps make."""
    from rnnviz.engine.training import Trainer

    task = make_task(run.task)
    trainer = Trainer(initialise(run.model, task.input_size, task.output_size, run.training.seed), task, run.training)
    while trainer.steps_done < steps:
        trainer.step()
    return trainer.network().weights


@pytest.mark.fault(21)
def test_what_is_saved_while_training_and_typing_is_one_whole_step(training_session, wait_until, tmp_path):
    session = training_session
    session.set_model(cell="gru", hidden=24)
    wait_until(lambda: session.training.step == 0 and session.trace.layers[0].hidden.shape[1] == 24)
    files = [tmp_path / f"{count}.rnnviz" for count in range(4)]
    session.train()
    for count, path in enumerate(files):
        reached = session.training.step
        wait_until(lambda reached=reached: session.training.step > reached)
        if count % 2:
            session.set_text(f"typed {count}")  # pauses
        session.save(path, {})
        session.train()
        wait_until(lambda path=path: session.path == path)
    wait_until(lambda: from_bytes(session._state.restore_point).trainer_state is not None)
    session.pause()
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    wait_until(lambda: from_bytes(session._state.restore_point).text == "typed 3")  # one comes after every pause
    documents = [*(load(path) for path in files), from_bytes(session._state.restore_point)]
    steps = [document.trainer_state.step for document in documents]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1]
    for document in documents:
        expected = weights_after(document.run, document.trainer_state.step)
        for name, array in document.weights.items():
            np.testing.assert_array_equal(array, expected[name], err_msg=name)
    assert [document.text for document in documents] == ["hello", "typed 1", "typed 1", "typed 3", "typed 3"]
