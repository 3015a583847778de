"""Files of every encoding, size and kind: the text comes out right, or one sentence says why not."""

from __future__ import annotations

import os

import pytest

from rnnviz.engine.data import read_source, source
from rnnviz.engine.errors import SpecError

TEXT = "naïve café, 10 €\nzweite Zeile 🙂\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_gives_the_same_text(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode(encoding))
    found = read_source(path)
    assert found.text == TEXT
    assert found.notes == ()
    assert found.complete


def test_another_encoding_is_read_and_said(tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes("plain\ncafé\n".encode("cp1252"))
    found = read_source(path)
    assert found.text == "plain\ncafé\n"
    assert found.notes == ("old.csv is no UTF-8 (line 2); it was read as Windows-1252. Save it as UTF-8 to be sure.",)


def test_half_a_character_at_the_end_of_utf_16_is_counted(tmp_path):
    path = tmp_path / "half.txt"
    path.write_bytes("ab".encode("utf-16") + b"\x61")
    assert "1 character could not be read" in read_source(path).notes[0]


def test_of_a_huge_file_whole_lines_are_read_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "SAMPLE_BYTES", 1000)
    path = tmp_path / "huge.txt"
    path.write_text("a line of é\n" * 1000, encoding="utf-8")
    found = read_source(path)
    assert not found.complete
    assert found.text == "a line of é\n" * (1000 // 13)
    assert "its first" in found.notes[-1]


def test_a_500_mb_file_costs_no_more_than_its_sample(tmp_path):
    path = tmp_path / "sparse.txt"
    with path.open("wb") as stream:
        stream.write(b"word\n" * 5_000_000)
        stream.truncate(500_000_000)
    found = read_source(path)
    assert len(found.text) == source.SAMPLE_BYTES
    assert found.notes == ("sparse.txt has 500 MB; its first 20 MB were read.",)


def test_each_line_is_read_in_its_own_encoding_and_line_ends_of_every_kind(tmp_path):
    path = tmp_path / "mixed.txt"
    path.write_bytes("naïve\r\n".encode() + "café\r".encode("cp1252") + "日本\n".encode() + b"\x81end")
    found = read_source(path)
    assert found.text == "naïve\ncafé\n日本\n\ufffdend"
    assert found.encoding == "utf-8 and windows-1252"
    assert found.notes == (
        "2 lines of mixed.txt are no UTF-8 (first line 2) and were read as Windows-1252. Save it as UTF-8 to be sure.",
        "1 byte is no text in either and became U+FFFD.",
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_understood_and_said(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes("plain text\nand more\n".encode(encoding))
    found = read_source(path)
    assert found.text == "plain text\nand more\n"
    assert found.notes == (f"a.txt has no byte order mark; it was read as {encoding.upper()}.",)


def test_folders_pipes_empty_and_forbidden_files_are_refused_in_one_sentence(tmp_path):
    empty, pipe, secret = tmp_path / "empty.txt", tmp_path / "pipe", tmp_path / "secret.txt"
    empty.write_text("\ufeff \n", encoding="utf-8")
    os.mkfifo(pipe)
    secret.write_text("text")
    secret.chmod(0)
    for path, words in ((tmp_path, "is a folder"), (pipe, "no file of data"), (empty, "is empty")):
        with pytest.raises(SpecError, match=words):
            read_source(path)
    if os.geteuid():
        with pytest.raises(SpecError, match="Permission denied"):
            read_source(secret)
    with pytest.raises(SpecError, match="zero byte"):
        read_source("a\0b")


@pytest.mark.parametrize(("content", "words"), [(b"\x89PNG\r\n\x1a\n\x00\x00", "no text"), (None, "could not be read")])
def test_what_is_no_text_is_refused(tmp_path, content, words):
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError, match=words):
        read_source(path)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1251", "Привет, мир"),
        ("shift_jis", "日本語"),
        ("koi8-r", "Да"),
        ("utf-16-be", "plain"),
        ("utf-8", "café"),
    ],
)
def test_the_user_can_know_the_encoding_better(tmp_path, encoding, text):
    path = tmp_path / "own.txt"
    path.write_bytes(f"{text}\r\n".encode(encoding))
    found = read_source(path, encoding)
    assert (found.text, found.encoding, found.notes) == (f"{text}\n", encoding, ())
    with pytest.raises(SpecError, match="choose one of utf-8"):
        read_source(path, "rot13")
