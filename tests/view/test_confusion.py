"""The Confusion panel with the real engine: tables, list of pairs, sequences, and one of them put into the text."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from rnnviz.engine.spec import ModelSpec
from rnnviz.service.messages import ConfusionCounted, ConfusionCounts, ConfusionExample
from rnnviz.session.settings import Settings
from rnnviz.view.look import Look
from rnnviz.view.panels import confusion
from rnnviz.view.panels.confusion_list import around, counts_words
from rnnviz.view.panels.confusion_table import ConfusionTable, ordered, shares_of


@pytest.fixture
def shown(training_session, qtbot):
    panel = confusion.ENTRY.factory(entry=confusion.ENTRY, session=training_session, look=Look(), settings=Settings())
    panel.resize(344, 1400)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.hide()


def counts_of(table, pairs=()):
    table = np.asarray(table)
    return ConfusionCounts(
        sequences=int(table.sum()), answers=int(table.sum()), right=int(np.trace(table)),
        most=int(table.sum(axis=1).max()), table=table,
        pairs=np.array([table[pair] for pair in pairs], int),
        pair_totals=np.array([table[pair[0]].sum() for pair in pairs], int),
    )  # fmt: skip


def reply(held_out, training, *, fresh=False, cell=(-1, -1)):
    pairs = [(0, 1), (1, 0)]
    return ConfusionCounted(
        labels=["bad", "good"], wanted=np.array([0, 1]), answered=np.array([1, 0]),
        held_out=None if held_out is None else counts_of(held_out, pairs), training=counts_of(training, pairs),
        fresh=fresh, cell=cell, cell_training=False, examples=[], task="sentiment", model=ModelSpec(), training_step=7,
    )  # fmt: skip


def test_two_labels_side_by_side_and_a_sequence_tried(shown, training_session, qtbot, wait_until):
    panel, session = shown, training_session
    session.set_task("sentiment")
    wait_until(lambda: panel.answer() is not None and panel.answer().task == "sentiment")
    wait_until(lambda: panel.held_out.y() == panel.training.y())  # the layout moves them in a later turn
    assert panel.sort.isHidden()
    assert panel.examples.isHidden()
    found = panel.answer()
    wanted, answered = int(found.wanted[0]), int(found.answered[0])
    place = panel.held_out.cell_rect(wanted, answered).center().toPoint()
    qtbot.mouseClick(panel.held_out, Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: panel.answer().cell == (wanted, answered))
    assert panel.held_out.cell == (wanted, answered)
    assert panel.training.cell == (-1, -1)
    assert panel.examples.count > 1
    panel.examples.setFocus()
    qtbot.keyClick(panel.examples, Qt.Key.Key_Down)
    assert panel.examples.current == 1
    example = panel.examples.examples[1]
    qtbot.mouseClick(panel.try_it, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.trace.text == example.text and session.time_step == example.time_step)
    assert session.length == example.time_step
    assert session.trace.target_labels[-1] == found.labels[wanted]
    assert session.trace.top_labels[-1][0] == found.labels[answered]
    for theme in ("dark", "contrast", "light"):
        panel.look.set_theme(theme)
        assert not panel.grab().isNull()


def test_eight_labels_one_table_above_the_other(shown, training_session, qtbot, wait_until):
    panel, session = shown, training_session
    session.set_task("word-labels")
    wait_until(lambda: panel.answer() is not None and panel.answer().task == "word-labels")
    assert panel.training.y() > panel.held_out.y()
    panel.sort.setCurrentIndex(1)
    panel.sort.activated.emit(1)
    table = panel.answer().held_out.table
    mistakes = table.sum(axis=1) - np.diag(table)
    assert mistakes[panel.held_out.order[0]] == mistakes.max()
    assert panel.training.order.tolist() == panel.held_out.order.tolist()
    panel.training.setFocus()
    qtbot.keyClick(panel.training, Qt.Key.Key_Right)
    first, second = panel.held_out.order[:2].tolist()
    wait_until(lambda: panel.answer().cell == (first, second) and panel.answer().cell_training)
    assert panel.training.cell == (first, second)
    before = session.training.step
    session.train_steps(120)
    wait_until(lambda: session.training.step >= before + 120 and panel.answer().training_step == session.training.step)
    assert panel.answer().held_out.right > table.trace()


def test_many_labels_are_a_list_and_numbers_say_why_not(shown, training_session, qtbot, wait_until):
    panel, session = shown, training_session
    session.set_task("next-word")
    wait_until(lambda: panel.answer() is not None and panel.answer().task == "next-word")
    assert panel.held_out.isHidden()
    assert panel.training.isHidden()
    assert panel.pairs.count == 30
    qtbot.mouseClick(panel.pairs, Qt.MouseButton.LeftButton, pos=panel.pairs.row_rect(2).center().toPoint())
    pair = panel.pairs.pair(2)
    wait_until(lambda: panel.answer().cell == pair)
    assert panel.pairs.pair(panel.pairs.current) == pair
    assert panel.examples.count > 0
    assert not panel.grab().isNull()
    session.set_task("parity")
    wait_until(lambda: panel.answer() is not None and panel.answer().task == "parity")
    assert max(panel.answer().cell) < 2
    session.set_task("adding")
    wait_until(lambda: "numbers, not labels" in panel.meaning.text())
    assert panel.pairs.isHidden()
    assert panel.try_it.isHidden()


def test_what_is_said():
    found = reply([[6, 4], [1, 9]], [[99, 1], [0, 100]])
    assert confusion.meaning(found) == (
        "Held out: 75 % right, training: 100 % right. Always the commonest label would give 50 %. "
        "Most often “good” is answered where “bad” is wanted, 4 of 10 times."
    ).replace(" %", "\u2005%")
    assert "20 sequences held out from training, and 200 sequences learned from." in confusion.explained(found)
    fresh = confusion.explained(reply([[1, 0], [0, 1]], [[1, 0], [0, 1]], fresh=True))
    assert "2 sequences drawn afresh, of which training may have shown a short one too, and the first 2" in fresh
    assert "never" not in fresh
    assert "Nothing is confused." in confusion.meaning(reply([[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    alone = reply(None, [[2, 1], [0, 1]])
    assert confusion.meaning(alone).startswith("Training: 75")
    assert "none are held out" in confusion.explained(alone)
    assert counts_words(found.held_out, 0) == "4, 40\u2005%"
    nothing = counts_of([[0, 0], [1, 1]], [(0, 1)])
    assert counts_words(nothing, 0) == "–"
    assert confusion.cell_title(reply([[6, 4], [1, 9]], [[1, 1], [1, 1]], cell=(0, 1))).endswith("held out: none")


def test_orders_and_shares():
    table = np.array([[5, 1, 0], [0, 0, 0], [4, 0, 40]])
    assert ordered(table, "listed").tolist() == [0, 1, 2]
    assert ordered(table, "mistakes").tolist() == [2, 0, 1]
    assert ordered(table, "frequent").tolist() == [2, 0, 1]
    shares = shares_of(table)
    np.testing.assert_allclose(shares.sum(axis=1), [1, 0, 1])
    assert shares[2, 0] == 4 / 44


def test_the_tip_tells_the_cell_under_the_pointer(qtbot, monkeypatch):
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: said.append(text))
    table = ConfusionTable(look=Look(), title="held out")
    qtbot.addWidget(table)
    table.resize(150, 200)
    table.show_counts(["bad", "good"], counts_of([[6, 4], [0, 9]]), np.array([1, 0]), (0, 1))
    assert table.accessibleDescription().endswith("“bad” wanted, “good” answered: 4 of 10 (40\u2005%)")
    for place in (table.cell_rect(1, 0).center(), QPointF(2, 2)):
        QApplication.sendEvent(table, QHelpEvent(QEvent.Type.ToolTip, place.toPoint(), QPoint(0, 0)))
    assert said[0] == "“good” wanted, “bad” answered: 0 of 9 (0\u2005%)"
    assert "Each row is a label" in said[1]
    assert table.cell_at(table.cell_rect(0, 1).center()) == (0, 1)


def test_a_long_sequence_is_cut_about_its_step(qapp):
    metrics = QFontMetricsF(Look().font("label"))
    tokens = [f"word{index}" for index in range(60)]
    example = ConfusionExample(text=" ".join(tokens), tokens=tokens, time_step=31)
    before, here, after = around(example, metrics, 300, " ")
    assert here == "word30"
    assert before.startswith("… ")
    assert before.endswith("word29 ")
    assert after.startswith(" word31")
    assert after.endswith(" …")
    assert 200 < metrics.horizontalAdvance(before + here + after) <= 300
    short = ConfusionExample(text="Fine.", tokens=["Fine", "."], time_step=2)
    assert around(short, metrics, 300, " ") == ("Fine", ".", "")
