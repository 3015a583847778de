"""The Proof panel and the mark in the head of the stage, with the real engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.service.messages import Check, Proved
from rnnviz.session.settings import Settings
from rnnviz.view.controls.checked_mark import TIPS, CheckedMark
from rnnviz.view.look import Look
from rnnviz.view.panels.proof import ENTRY, ProofPanel, _headline, _note, differences, outcome
from rnnviz.view.time_axis import TimeAxis


@pytest.fixture
def shown(training_session, qtbot):
    session, settings, look = training_session, Settings(), Look()
    settings.update_view(simple=False)
    window = QWidget()
    window.panel = ProofPanel(entry=ENTRY, session=session, look=look, settings=settings)
    window.opened = []

    def open_page(key):
        window.opened.append(key)
        window.panel.show()

    head = QWidget()
    head.setFixedHeight(44)
    window.mark = CheckedMark(
        session=session, settings=settings, look=look, axis=TimeAxis(parent=window), stage=head, open_page=open_page
    )
    window.panel.hide()
    window.settings, window.look = settings, look
    box = QVBoxLayout(window)
    box.addWidget(head)
    box.addWidget(window.panel)
    window.resize(344, 800)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.panel.hide()
    yield window
    settings.flush()


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_click_on_the_mark_opens_the_proof_which_checks_at_once(shown, training_session, qtbot, wait_until):
    lab = training_session.lab
    assert shown.mark.isVisible()
    click(qtbot, shown.mark)
    assert shown.opened == ["proof"]
    wait_until(lambda: shown.mark.text() == "checked")
    assert lab.fits("evidence")
    assert shown.panel.headline.text() == "All 7 comparisons passed"
    assert "all 5 steps" in shown.panel.note.text()
    assert [check.title for check in shown.panel.list.checks] == [check.title for check in lab.value("evidence").checks]
    assert shown.panel.list.accessibleDescription().count("passed, largest") == 7
    assert shown.mark.icon_name == "check"
    assert shown.mark.accessibleName() == "Proof: checked"
    assert shown.panel.list.sizeHint().height() > 7 * 3 * 15


def test_checked_is_said_of_the_numbers_on_screen_only(shown, training_session, qtbot, wait_until):
    session = training_session
    click(qtbot, shown.mark)
    wait_until(lambda: shown.mark.text() == "checked")
    first = session.lab.value("evidence")
    # Another text: an earlier proof is of no use; its lines stay, but faint.
    session.set_text("hallo")
    wait_until(lambda: session.trace.text == "hallo")
    assert shown.mark.text() == "check"
    assert shown.panel.list.faint
    assert shown.panel.headline.text() == "Checked for an earlier network or text"
    # Back again: the very same numbers are still checked.
    session.set_text("hello")
    wait_until(lambda: session.trace.text == "hello" and shown.mark.text() == "checked")
    assert session.lab.value("evidence") is first
    # Training changes the weights; asked again, the new ones are checked.
    session.train_one_step()
    wait_until(lambda: shown.mark.text() == "check" and not session.training_now)
    click(qtbot, shown.panel.again)
    wait_until(lambda: shown.mark.text() == "checked")
    assert session.lab.value("evidence").training_step == first.training_step + 1


def test_an_answer_that_comes_late_is_not_said_of_the_newer_numbers(shown, training_session, wait_until, qtbot, train):
    session = training_session
    click(qtbot, shown.mark)
    wait_until(lambda: shown.mark.text() == "checked" and not session._requests.is_open("evidence"))
    late = session.lab.value("evidence")
    train(session, 1)
    session.lab.take(late)
    assert session.lab.value("evidence") is late
    assert not session.lab.fits("evidence")
    assert shown.mark.text() == "check"


def test_the_mark_checks_again_where_the_panel_is_open_already(shown, training_session, qtbot, wait_until):
    click(qtbot, shown.mark)
    wait_until(lambda: shown.mark.text() == "checked")
    first = training_session.lab.value("evidence")
    click(qtbot, shown.mark)
    wait_until(lambda: training_session.lab.value("evidence") is not first)


def test_a_text_typed_while_the_engine_checks_is_checked_in_its_place(shown, training_session, qtbot, wait_until):
    session = training_session
    session.set_text("hello " * 50)  # long enough for the engine to hear of the next text before it is through
    wait_until(lambda: session.length == 300)
    click(qtbot, shown.mark)
    assert shown.mark.text() == "checking"
    assert shown.panel.headline.text() == "Checking…"
    assert not shown.panel.again.isEnabled()
    session.set_text("hello world, hello")
    wait_until(lambda: session.trace.text == "hello world, hello" and shown.mark.text() == "checked")
    assert session.lab.value("evidence").text == "hello world, hello"


def test_without_a_text_the_panel_says_so(shown, training_session, qtbot, wait_until):
    training_session.set_text("")
    wait_until(lambda: training_session.length == 0)
    click(qtbot, shown.mark)
    wait_until(lambda: "no text to check" in shown.panel.note.text())
    assert shown.mark.text() == "check"
    assert shown.panel.headline.text() == "Not checked yet"
    assert shown.panel.again.isEnabled()


def test_the_question_waits_for_pytorch(own_session, qtbot, wait_until):
    """Opened before PyTorch is there, the panel says so and asks again by itself."""
    panel = ProofPanel(entry=ENTRY, session=own_session, look=Look(), settings=Settings())
    qtbot.addWidget(panel)
    panel.show()
    wait_until(lambda: own_session.lab.value("evidence") is not None)
    assert panel.headline.text() == "All 7 comparisons passed"


def test_the_mark_is_part_of_the_full_view(shown):
    shown.settings.update_view(simple=True)
    assert not shown.mark.isVisible()
    shown.settings.update_view(simple=False, zoom="inside")
    assert not shown.mark.isVisible()
    shown.settings.update_view(zoom="steps")
    assert shown.mark.isVisible()
    shown.look.set_presenter(720)
    assert not shown.mark.isVisible()
    shown.look.set_presenter(0)


def check(**changes):
    fields = {"title": "Gradient", "sentence": "one against the other", "difference": 1e-7, "allowed": 1e-4,
              "passed": True, "measure": "relative", "seconds": 0.1}  # fmt: skip
    return Check(**(fields | changes))


def proof(*checks, note=""):
    return Proved(
        checks=list(checks), text="hello", steps=5, length=9, note=note, seconds=0.25, training_step=3, checksum=7
    )  # fmt: skip


def test_a_failure_is_said_in_words(shown):
    found = proof(check(), check(passed=False, difference=0.5))
    assert _headline(found, fits=True, waiting=False) == "1 of 2 comparisons FAILED"
    assert outcome(found.checks[1]).startswith("FAILED")
    assert differences(found.checks[0]) == "largest 1.0×10⁻⁷ of the largest, allowed 1×10⁻⁴"
    assert _headline(found, fits=False, waiting=False) == "Checked for an earlier network or text"
    assert _headline(found, fits=True, waiting=True) == "Checking…"
    skipped = check(skipped="There is no loss.", passed=False)
    assert outcome(skipped) == "not checked, There is no loss."
    assert _headline(proof(check(), skipped), fits=True, waiting=False) == "All 1 comparisons passed"
    assert "the first 5 of 9" in _note(proof(check(), note="the first 5 of 9 steps"))
    shown.panel.list.show_checks(tuple(found.checks), faint=False)
    shown.panel.show()
    shown.panel.grab()


def test_every_word_of_the_mark_is_explained(shown):
    assert set(TIPS) == {"checked", "check", "checking", "failed"}
