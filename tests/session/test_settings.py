from __future__ import annotations

import json
import os

import msgspec
import pytest

from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.session.settings import Settings, settings_folder, write_atomically
from rnnviz.session.view_state import ViewState, view_from_json


@pytest.fixture
def settings(qtbot):
    made = Settings()
    yield made
    made.flush()


def test_everything_comes_back(settings, tmp_path):
    run = RunSpec(model=ModelSpec(cell="gru"))
    settings.update_view(theme="dark", pitch=33.0, open_tracks=["hidden"])
    settings.add_recent(tmp_path / "a.rnnviz")
    settings.remember("hello", run)
    settings.set_geometry(b"\x00\x01\xff")
    settings.flush()
    again = Settings()
    assert again.view == ViewState(theme="dark", pitch=33.0, open_tracks=["hidden"])
    assert again.recent == (tmp_path / "a.rnnviz",)
    assert (again.last_text, again.last_run, again.geometry) == ("hello", run, b"\x00\x01\xff")
    assert again.note == ""


def test_a_change_is_written_a_moment_later(settings, qtbot):
    path = settings_folder() / "settings.json"
    settings.update_view(theme="light")
    assert not path.exists()
    qtbot.waitUntil(path.exists, timeout=10_000)
    assert json.loads(path.read_bytes())["view"]["theme"] == "light"


def test_signals_tell_only_of_differences(settings, qtbot, tmp_path):
    with qtbot.assertNotEmitted(settings.view_changed):
        settings.update_view(theme=settings.view.theme)
    with qtbot.waitSignal(settings.view_changed):
        settings.update_view(presenter=True)
    with qtbot.waitSignal(settings.recent_changed):
        settings.add_recent(tmp_path / "a")


def test_recent_files_are_ten_and_the_newest_is_first(settings, tmp_path):
    for number in [*range(12), 5]:
        settings.add_recent(tmp_path / f"{number}.rnnviz")
    assert [path.stem for path in settings.recent] == ["5", "11", "10", "9", "8", "7", "6", "4", "3", "2"]


@pytest.mark.parametrize("data", [b"{", b"\x00\xff", b"[]", b'{"view": {"pitch": "wide"}}', b""])
def test_a_damaged_file_is_set_aside(qtbot, data):
    path = settings_folder() / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    settings = Settings()
    assert settings.view == ViewState()
    assert "settings.bad" in settings.note
    assert path.with_suffix(".bad").read_bytes() == data
    assert not path.exists()


def test_a_newer_file_is_set_aside(qtbot):
    path = settings_folder() / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 99, "view": {}}')
    assert "newer version" in Settings().note


def test_a_second_window_does_not_lose_the_first_ones_files(qtbot, tmp_path):
    first, second = Settings(), Settings()
    first.add_recent(tmp_path / "one")
    first.flush()
    second.add_recent(tmp_path / "two")
    second.flush()
    assert set(Settings().recent) == {tmp_path / "one", tmp_path / "two"}


def test_a_corpus_is_not_kept_in_the_settings(settings):
    settings.remember("a" * 200_000, RunSpec(task=TaskSpec(text="secret", source="x.txt")))
    assert settings.last_run.task == TaskSpec()
    assert len(settings.last_text) == 100_000


def test_a_folder_that_cannot_be_written_is_told(qtbot, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings = Settings(folder=tmp_path / "file" / "folder")
    settings.update_view(theme="dark")
    settings.flush()
    assert "could not be saved" in settings.note
    assert settings.view.theme == "dark"


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_view_from_a_file_is_checked():
    view = ViewState(theme="dark", track_heights={"hidden": 80.0})
    assert view_from_json(msgspec.to_builtins(view)) == view
    assert view_from_json({"theme": 3}) is None
    assert view_from_json("nonsense") is None
    assert view_from_json({"field of the future": 1}) == ViewState()
