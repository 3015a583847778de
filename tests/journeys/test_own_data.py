"""Data of the user's own in a real window: looked at in the preview, learned, stepped through; bad files, too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from rnnviz.engine.tasks.names import TITLES

WORDS = ("soup", "cake", "film", "book", "song")
CSV = "stars,review\n" + "".join(f'{"5" if i % 2 else "1"},"The {WORDS[i % 5]}, it was {"fine" if i % 2 else "sad"}"\n'
                                 for i in range(20)) + "no columns\n"  # fmt: skip
TSV = "source\ttarget\n" + "".join(f"I see a {word} {i}\tVeo un {word} {i}\n" for i, word in enumerate(WORDS * 2))
KINDS = "label\ttext\n" + "".join(
    f"{'song' if i % 2 else 'news'}\t{'la la' if i % 2 else 'it rains'}\n" for i in range(12)
)
CONLLU = "".join(
    f"# text\n1\tI\t_\tPRON{_}\n2\tsaw\t_\tVERB{_}\n2.1\tx\t_\tX{_}\n3\t{word}\t_\tNOUN{_}\nbroken\n\n"
    for word in WORDS * 2
    for _ in ["\t_" * 6]
)
STRANDS = "".join(
    f">g{i} label={'yes' if i % 2 else 'no'}\nACGT{'TATAAA' if i % 2 else 'GGGGGG'}CC\n" for i in range(10)
)
GENOME = ">chromosome 1\n" + ("ACGGTCTATAAAGGCATTCNNNGGATCCATTAGC\n" * 12)
NUMBERS = "day;value\n" + "".join(f"mon;{i % 7},5\n" for i in range(60)) + "tue;none\n"
TEXT = "Der Bär läuft über die Brücke.\n" * 20

GOOD = [
    ("own.csv", CSV, "utf-8", "sentiment", "The soup, it was sad", 1),
    ("own.tsv", TSV, "utf-16", "translation", "I see a soup 0", 0),
    ("kinds.tsv", KINDS, "utf-8", "generate", "news: it rains", 0),
    ("own.conllu", CONLLU, "utf-8", "word-labels", "I saw soup", 10),
    ("strands.fasta", STRANDS, "ascii", "dna", "ACGTGGGGGGCC", 0),
    ("genome.fa", GENOME, "ascii", "dna", "ACGGTCTATAAAGGCATTC", 0),
    ("own.dat", NUMBERS, "cp1252", "series", None, 1),
    ("own.txt", TEXT, "utf-16", "next-char", "Der Bär läuft über die Brücke.", 0),
]


@pytest.fixture
def app(at_rest):
    at_rest.session.dismiss_notice()
    return at_rest


def drop(app, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    app.window.dropEvent(event)


def looked_at(app, wait_until, path):
    """The preview dialog of ``path`` with its first answer."""
    drop(app, path)
    dialog = app.window.documents.importing
    assert dialog is not None
    assert dialog.isVisible()
    wait_until(lambda: not app.session.own_data.waiting)
    return dialog


def choose(dialog, task):
    dialog.task.setCurrentIndex(dialog.task.findData(task))
    dialog.task.activated.emit(dialog.task.currentIndex())


@pytest.mark.parametrize(("name", "content", "encoding", "task", "example", "problems"), GOOD)
def test_a_file_of_every_kind_is_seen_learned_and_stepped(
    app, qtbot, wait_until, tmp_path, name, content, encoding, task, example, problems, train
):
    session, path = app.session, tmp_path / name
    path.write_text(content, encoding=encoding)
    dialog = looked_at(app, wait_until, path)
    if task == "generate":  # a label and a text can be learned both ways; which one is the user's choice
        assert dialog.task.currentData() == "sentiment"
        choose(dialog, task)
        wait_until(lambda: session.own_data.can_learn)
    assert dialog.task.currentData() == task
    preview = session.own_data.preview
    assert dialog.problems.rowCount() == problems == preview.problem_count
    assert dialog.first.rowCount() >= 1
    assert not dialog.grab().isNull()
    assert dialog.learn.isEnabled()
    assert dialog.learn.hasFocus() or task == "generate"
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    wait_until(lambda: session.run.task.source == name and session.task.name == task)
    assert app.window.documents.importing is None
    wait_until(lambda: session.trace.text == session.text == (example or session.text))
    assert session.trace.known.all()
    assert TITLES[task] in session.notice.text
    assert name in session.notice.text
    train(session, 3)
    session.move_to(1)
    app.window.commands["step"].trigger()
    assert session.time_step == 2
    app.window.grab()


@pytest.mark.fault(10)
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00", "is no text"),
        ("gone.csv", None, "could not be read"),
        ("one-label.csv", b"sentence,label\na b,x\nc d,x\n", "1 different label"),
        ("no-motif.fa", b">a\nACGTACGTACGT\n>b\nGGGGCCCC\n", "stands nowhere"),
        ("one.csv", b"some words,x\n", "1 row"),
    ],
)
def test_a_bad_file_says_one_sentence_and_nothing_changes(app, wait_until, tmp_path, name, content, words):
    session, path = app.session, tmp_path / name
    if content is not None:
        path.write_bytes(content)
    run, step = session.run, session.training.step
    dialog = looked_at(app, wait_until, path)
    assert words in dialog.refusal.text()
    assert dialog.refusal.isVisible()
    assert not dialog.learn.isEnabled()
    dialog.on_learn()
    assert dialog.isVisible()
    dialog.cancel.click()
    assert app.window.documents.importing is None
    assert (session.run, session.training.step, session.text) == (run, step, "hello")


def test_another_task_another_column_and_the_first_row_change_the_preview(app, wait_until, tmp_path):
    session, path = app.session, tmp_path / "own.csv"
    path.write_text("id,first,second\n1,red soup,x\n2,old cake,y\n3,red cake,x\n4,old soup,y\n5,a b,x\n")
    dialog = looked_at(app, wait_until, path)
    assert dialog.header.isChecked()
    assert dialog.first.head() == ["Line", "Sentence", "Label"]
    assert dialog.first.cells(0) == ["2", "red soup", "x"]
    dialog.header.click()
    wait_until(lambda: not session.own_data.waiting)
    assert dialog.first.rowCount() == 6
    dialog.header.click()
    wait_until(lambda: not session.own_data.waiting)
    dialog.columns["label"].setCurrentIndex(1)
    dialog.columns["label"].activated.emit(1)
    wait_until(lambda: not session.own_data.waiting)
    assert dialog.first.cells(0) == ["2", "x", "red soup"]
    choose(dialog, "translation")
    wait_until(lambda: not session.own_data.waiting)
    assert dialog.first.head() == ["Line", "Source", "Target"]
    assert tuple(dialog.columns) == ("source", "target")
    for key in ("next-word", "series", "next-char", "sentiment"):  # faster than the engine answers: the newest wins
        choose(dialog, key)
    wait_until(lambda: not session.own_data.waiting)
    assert session.own_data.preview.task == "sentiment"
    dialog.reject()


def test_a_file_that_vanishes_before_it_is_learned_leaves_everything_as_it_is(app, wait_until, tmp_path):
    session, path = app.session, tmp_path / "own.csv"
    path.write_text(CSV)
    dialog = looked_at(app, wait_until, path)
    path.unlink()
    run = session.run
    dialog.on_learn()
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert session.notice.text == "own.csv could not be read: No such file or directory."
    assert (session.run, session.text) == (run, "hello")


def test_typing_while_the_file_is_read_does_not_lose_the_preview(app, wait_until, tmp_path):
    session, path = app.session, tmp_path / "own.csv"
    path.write_text(CSV * 300)
    drop(app, path)
    for text in ("h", "ha", "hal", "halo"):
        session.set_text(text)
    wait_until(lambda: not session.own_data.waiting)
    assert session.own_data.preview.counts.examples > 6000
    app.window.documents.importing.reject()


def test_an_engine_that_dies_while_it_reads_is_asked_again(make_app, wait_until, tmp_path):
    app = make_app()
    wait_until(lambda: app.session.length == 5)
    path = tmp_path / "own.csv"
    path.write_text(CSV)
    drop(app, path)
    app.session._engine._process.kill()
    wait_until(lambda: app.session.own_data.can_learn)
    assert app.session.own_data.preview.task == "sentiment"
    app.window.documents.importing.reject()


def test_the_network_before_comes_back_with_its_text(app, wait_until, tmp_path):
    session, path = app.session, tmp_path / "own.csv"
    path.write_text(CSV)
    steps = session.training.step
    looked_at(app, wait_until, path).on_learn()
    wait_until(lambda: session.task.name == "sentiment" and session.trace.text == session.text)
    assert f"on own.csv; {steps} training steps were set aside" in session.notice.text
    session.restore_previous()
    wait_until(lambda: session.task.name == "next-char" and session.trace.text == "hello")
    assert session.training.step == steps


def test_a_session_on_own_data_is_saved_and_opened(app, wait_until, tmp_path):
    session, path, kept = app.session, tmp_path / "own.csv", tmp_path / "kept.rnnviz"
    path.write_text(CSV)
    looked_at(app, wait_until, path).on_learn()
    wait_until(lambda: session.task.name == "sentiment" and session.trace.text == session.text)
    app.window.documents.save_path(str(kept))
    wait_until(lambda: session.path == kept)
    path.unlink()
    session.new_session()
    wait_until(lambda: session.task.name == "next-char")
    session.open(kept)
    wait_until(lambda: session.task.name == "sentiment" and session.trace.text == session.text)
    assert session.run.task.source == "own.csv"
    assert session.task.output_labels == ["1", "5"]


def test_the_dialog_is_reached_by_its_key_and_left_by_esc(app, qtbot, wait_until, tmp_path):
    commands, documents = app.window.commands, app.window.documents
    assert commands["open-data"].shortcut().toString() == "Ctrl+D"
    path = tmp_path / "own.txt"
    path.write_text(TEXT, encoding="utf-8")
    for key in ("open-data", "open-text"):
        commands[key].trigger()
        chooser = documents._dialog
        assert chooser.isVisible()
        chooser.fileSelected.emit(str(path))
        chooser.close()
        wait_until(lambda: app.session.own_data.can_learn)
        dialog = documents.importing
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert documents.importing is None
