"""The four usage patterns on the stage: what is drawn, what is fed back, what can be edited; with the real engine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from rnnviz.session.values import Direction
from rnnviz.view.controls.pattern_feeding import FeedingSwitch
from rnnviz.view.stage import feedback, handover, tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.hit import hit_at
from rnnviz.view.stage.wiring import START

PET = "Do you have a pet? → ¿Tienes una mascota?"
SOURCE, TARGET = ("Do", "you", "have", "a", "pet", "?"), ("¿", "Tienes", "una", "mascota", "?")


@pytest.fixture
def stage(make_stage, wait_until):
    view = make_stage(1256, 446)
    session, *_ = view.test = view.test[:4]
    yield view
    session.set_feeding(own=False, temperature=0.0, count=20)
    wait_until(lambda: not session._requests.is_open("unroll"))


def choose(stage, wait_until, task, text=None, **feeding):
    session = stage.test[0]
    session.set_task(task)
    wait_until(lambda: session.task.name == task and session.trace.text == session.text)
    if feeding:
        session.set_feeding(**feeding)
    if text is not None:
        session.set_text(text)
    wait_until(lambda: session.trace.text == session.text and not session._requests.is_open("unroll"))
    return stage.frame()


def column_colours(stage, frame, step, top, bottom):
    """The different colours of a column between two heights."""
    image = stage.grab().toImage()
    x = range(round(frame.x(step) - 12), round(frame.x(step) + 12), 2)
    return {image.pixel(column, row) for column in x for row in range(round(top), round(bottom), 2)}


# ---- what exists ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "text", "answering", "fed"),
    [
        ("parity", "10110", [5], []),
        ("next-char", "hello", [1, 2, 3, 4, 5], []),
        ("generate", "song: I stay", [1, 2, 3, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7]),
        ("translation", PET, [7, 8, 9, 10, 11, 12], [8, 9, 10, 11, 12]),
    ],
)
def test_only_what_exists_is_drawn(stage, wait_until, task, text, answering, fed):
    frame = choose(stage, wait_until, task, text)
    session, *_ = stage.test
    session.move_to(session.length)
    frame = stage.frame()
    steps = range(1, frame.length + 1)
    assert [step for step in steps if frame.answers(step)] == answering
    assert [step for step in steps if frame.wiring.fed(step)] == fed
    assert not frame.wiring.own
    empty = [step for step in steps if step not in answering and frame.x(step) < 1200]
    layout = frame.layout
    background = {stage.grab().toImage().pixel(round(layout.width) - 4, round(layout.output_bottom) - 4)}
    for step in empty:
        far = layout.output_width / 2 + layout.px(4)
        if all(abs(frame.x(step) - frame.x(other)) > far + 12 for other in answering):
            assert len(column_colours(stage, frame, step, layout.output_top + 2, layout.output_bottom - 2)
                       - background) <= 1  # fmt: skip
            place = QPointF(frame.x(step), (layout.output_top + layout.output_bottom) / 2)
            assert hit_at(frame, place).kind == "column"
    for step in [step for step in answering if frame.x(step) < 1200]:
        assert len(column_colours(stage, frame, step, layout.output_top + 2, layout.output_bottom - 2)) > 2
        place = QPointF(frame.x(step), (layout.output_top + layout.output_bottom) / 2)
        assert hit_at(frame, place).kind == "output"


def test_the_decoder_has_weights_of_its_own_and_says_so(stage, wait_until):
    frame = choose(stage, wait_until, "translation", PET)
    session, *_ = stage.test
    assert frame.wiring.switch == 6
    assert handover.boundary(frame) == round(frame.axis.left_of(7))
    y = frame.layout.wxh
    first, second = (hit_at(frame, QPointF(frame.x(step) + 8, y)) for step in (3, 9))
    assert (first.name, second.name) == ("W_xh", "W_xh")
    before, after = (tips.tip(frame, hit, session.parameters) for hit in (first, second))
    assert "used 6 times" in before
    assert "used 6 times" in after
    assert "decoder’s own" in after.replace("'s", "’s")
    rows, columns = session.parameters["weight_ih_l0_decoder"]
    assert f"{rows} × {columns} numbers" in after
    assert "used 6 times" in tips.tip(frame, Hit("weight", step=9, name="W_hy"), session.parameters)
    line = QPointF(handover.boundary(frame), frame.layout.output_top + 4)
    assert hit_at(frame, line).kind == "boundary"
    assert "other weights" in tips.tip(frame, hit_at(frame, line), {})


# ---- outputs fed back -----------------------------------------------------------------------


def test_own_outputs_are_arrows_from_y_round_to_x(stage, wait_until):
    frame = choose(stage, wait_until, "next-char", "hello", own=True, count=6)
    session, *_ = stage.test
    session.move_to(session.length)
    frame = stage.frame()
    assert (frame.length, frame.wiring.written) == (11, 5)
    assert [step for step in range(1, 12) if frame.wiring.drawn(step)] == list(range(6, 12))
    best = [session.trace.top_labels[step - 2][0] for step in range(6, 12)]
    assert [session.trace.tokens[step - 1] for step in range(6, 12)] == best, "temperature 0"
    for step in range(6, 12):
        place = feedback.route(frame, step)
        assert frame.x(step - 1) < place.start.x() < place.gap < place.end.x() < frame.x(step)
        hit = hit_at(frame, QPointF(place.gap, (place.top + place.bottom) / 2 - 20))
        assert (hit.kind, hit.step) == ("feedback", step)
        words = tips.tip(frame, hit, {})
        assert "itself has answered" in words
        assert "no gradient" in words
    assert hit_at(frame, QPointF(frame.axis.left_of(3) + 3, 220)).kind != "feedback"


def test_teacher_forcing_is_another_picture_than_own_outputs(stage, wait_until):
    choose(stage, wait_until, "generate", "song: I stay")
    session, *_ = stage.test
    session.move_to(6)
    frame = stage.frame()
    place = feedback.route(frame, 5)
    x = round(place.gap)

    def inked():
        image = stage.grab().toImage()
        rows = range(round(place.top) + 4, round(place.top) + 64)
        return sum(max(image.pixelColor(x + side, row).lightness() < 110 for side in (-1, 0, 1)) for row in rows)

    forced = inked()
    assert "Teacher forcing" in feedback.words(frame, 5)
    assert frame.wiring.written == frame.length, "the wanted text is typed and can be edited"
    session.set_feeding(own=True)
    wait_until(lambda: session.trace.own and session.trace.text == session.text)
    assert session.length >= session.time_step == 6
    own = inked()
    assert forced < 0.8 * own, "dashed against solid"
    assert own > 50


def test_a_click_on_a_drawn_token_moves_there_and_leaves_the_text_alone(stage, qtbot, wait_until):
    frame = choose(stage, wait_until, "next-char", "hello", own=True, count=6)
    session, _, axis, _ = stage.test
    middle = (frame.layout.chip_top + frame.layout.chip_bottom) / 2
    qtbot.mouseClick(stage, Qt.MouseButton.LeftButton, pos=QPoint(round(axis.x_of(8)), round(middle)))
    assert session.time_step == 8
    assert not stage.frame().focused
    assert session.text == "hello"
    stage.edit_text()
    assert stage.frame().caret == 5
    qtbot.keyClick(stage.text_field, Qt.Key.Key_Right)
    assert stage.frame().caret == 5


@pytest.mark.parametrize(
    ("task", "text", "keys", "typed"),
    [
        ("next-char", "hello", " w", tuple("hello w")),
        ("generate", "song", "s", ("songs",)),
        ("translation", "we sing", " now", ("we", "sing", "now", START)),
    ],
)
def test_typing_shows_at_once_and_nothing_jumps(stage, qtbot, wait_until, task, text, keys, typed):
    choose(stage, wait_until, task, text, own=True, count=6)
    session, *_ = stage.test
    before = stage.frame()
    outputs = before.tokens[before.wiring.written :]
    stage.edit_text()
    for key in keys:
        qtbot.keyClick(stage.text_field, key)
        frame = stage.frame()
        assert frame.tokens[len(frame.tokens) - len(outputs) + (START in outputs) :] == tuple(
            token for token in outputs if token != START
        ), "the outputs stay till new ones come"
    assert stage.frame().tokens[: len(typed)] == typed
    assert stage.frame().caret == stage.frame().wiring.written
    wait_until(lambda: session.trace.text == session.text)
    assert stage.frame().tokens == tuple(session.trace.tokens)
    assert stage.frame().tokens[: len(typed)] == typed
    for _ in keys:
        qtbot.keyClick(stage.text_field, Qt.Key.Key_Backspace)
    assert session.text == text
    wait_until(lambda: session.trace.text == text)
    stage.text_field.selectAll()
    qtbot.keyClick(stage.text_field, Qt.Key.Key_Delete)
    assert stage.frame().tokens == ()
    wait_until(lambda: session.length == 0)
    qtbot.keyClicks(stage.text_field, "no")
    wait_until(lambda: session.trace.text == "no")
    assert stage.frame().wiring.written == session.trace.written if task != "translation" else 1


def test_the_caret_walks_through_a_sentence_its_arrow_and_its_translation(stage, qtbot, wait_until):
    frame = choose(stage, wait_until, "translation", PET)
    session, *_ = stage.test
    assert frame.tokens == (*SOURCE, START, *TARGET)
    assert frame.wiring.written == 12
    stage.edit_text()
    qtbot.keyClick(stage.text_field, Qt.Key.Key_Home)
    seen = [stage.frame().caret]
    for _ in PET:
        qtbot.keyClick(stage.text_field, Qt.Key.Key_Right)
        seen.append(stage.frame().caret)
    assert seen == sorted(seen)
    assert set(seen) == set(range(13))
    qtbot.keyClicks(stage.text_field, " x")
    assert stage.frame().tokens == (*SOURCE, START, *TARGET, "x")
    assert stage.frame().wiring.fed(13)
    assert not stage.frame().wiring.own
    wait_until(lambda: session.trace.text == session.text)
    assert stage.frame().tokens == (*SOURCE, START, *TARGET, "x")


def test_a_sentence_of_the_data_shows_its_translation_which_nobody_typed(stage, wait_until):
    frame = choose(stage, wait_until, "translation", "Do you have a pet?")
    assert frame.tokens == (*SOURCE, START, *TARGET)
    assert frame.wiring.written == 6
    assert not frame.wiring.own
    place = QPointF(frame.x(9), (frame.layout.chip_top + frame.layout.chip_bottom) / 2)
    assert hit_at(frame, place).kind == "drawn"
    assert "Teacher forcing" in tips.tip(frame, hit_at(frame, place), {})
    start = QPointF(frame.x(7), place.y())
    assert "no part of the text" in tips.tip(frame, hit_at(frame, start), {})


def test_a_token_travels_only_where_an_output_is_read(stage, wait_until):
    choose(stage, wait_until, "next-char", "hello", own=True, count=3)
    session, _, _, look = stage.test
    look.set_reduced_motion(False)
    session.move_to(4)
    session.move_to(5)
    assert stage._motion.is_running("step")
    assert not stage._motion.is_running("feed")
    session.move_to(6)
    assert stage._motion.is_running("feed")
    assert stage.frame().arriving(6)
    stage.grab()
    stage._motion.finish()
    assert not stage.frame().arriving(6)
    session.move_sub_step(1)
    assert (session.time_step, session.sub_step) == (7, 0)
    assert stage._motion.is_running("feed")
    assert feedback.is_lit(stage.frame(), 7)
    stage._motion.finish()
    look.set_reduced_motion(True)
    session.move_to(7)
    session.move_to(8)
    assert not stage._motion.active


def test_backward_crosses_the_boundary_and_no_choice(stage, wait_until):
    choose(stage, wait_until, "translation", PET, own=True)
    session, *_ = stage.test
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step >= 7)
    session.move_to(5)
    frame = stage.frame()
    assert frame.crossed("l0", 6), "the state handed over carries the gradient"
    before = stage.grab().toImage()
    assert not before.isNull()
    colour = frame.theme.grad.rgb()
    gap = frame.layout.top_row.hh
    assert any(before.pixel(round(frame.axis.left_of(7)) + side, round(gap)) == colour for side in range(-6, 7))
    for step in range(8, frame.length + 1):
        place = feedback.route(frame, step)
        if place.end.x() > 1200:
            break
        near = {before.pixel(round(place.end.x()) + side, round(place.end.y()) - 4) for side in (-3, 0, 3)}
        assert colour not in near
    session.set_direction(Direction.FORWARD)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("task", ["generate", "translation"])
def test_all_looks_and_zooms_draw_without_a_word_on_stderr(stage, wait_until, theme, task, capfd):
    choose(stage, wait_until, task, own=True)
    session, settings, axis, look = stage.test
    look.set_theme(theme)
    session.move_to(min(8, session.length))
    for pitch in (54.0, 24.0, 12.0, 4.0):
        axis.set_pitch(pitch)
        stage.grab()
    settings.update_view(zoom="far")
    stage.grab()
    settings.update_view(zoom="steps")
    look.set_presenter(720)
    stage.grab()
    look.set_presenter(0)
    settings.update_view(simple=True)
    stage.grab()
    assert ("coder" in stage.accessibleDescription()) is (task == "translation")
    assert "QPainter" not in capfd.readouterr().err


def test_far_out_a_line_marks_what_was_fed_back(stage, wait_until):
    frame = choose(stage, wait_until, "next-char", "hello " * 8, own=True, count=20)
    _, settings, axis, _ = stage.test
    settings.update_view(zoom="far")
    axis.set_pitch(10.0)
    frame = stage.frame()
    image, y = stage.grab().toImage(), round(frame.layout.chip_top - frame.layout.px(6))
    ink = frame.theme.ink.rgb()
    assert image.pixel(round(frame.axis.x_of(60)), y) == ink
    assert image.pixel(round(frame.axis.x_of(20)), y) != ink
    settings.update_view(zoom="steps")


# ---- switches -------------------------------------------------------------------------------


def test_the_switch_stands_only_where_outputs_can_be_inputs(stage, qtbot, wait_until):
    session, settings, axis, look = stage.test
    switch = FeedingSwitch(session=session, settings=settings, look=look, axis=axis, stage=stage)
    choose(stage, wait_until, "generate", "song: I stay")
    assert switch.isVisible()
    assert [button.isChecked() for button in switch.buttons.values()] == [True, False]
    qtbot.mouseClick(switch.buttons[True], Qt.MouseButton.LeftButton)
    wait_until(lambda: session.feeding.own and session.trace.own)
    assert switch.buttons[True].isChecked()
    qtbot.mouseClick(switch.buttons[False], Qt.MouseButton.LeftButton)
    wait_until(lambda: not session.trace.own)
    session.set_text("song")
    wait_until(lambda: session.trace.text == "song")
    assert switch.buttons[True].isChecked(), "the text wants nothing"
    assert not switch.buttons[False].isEnabled()
    assert "wants no output" in switch.buttons[False].toolTip()
    rect = switch.geometry()
    stage.window().resize(936, 446)
    narrow = switch.geometry()
    from rnnviz.view.stage.header import zoom_rects

    assert narrow.right() < zoom_rects(stage.frame())["far"].left()
    assert rect.width() >= narrow.width() > 150
    choose(stage, wait_until, "parity")
    assert not switch.isVisible()
    settings.update_view(simple=True)
    choose(stage, wait_until, "next-char")
    assert not switch.isVisible()
    switch.deleteLater()


@pytest.mark.parametrize("task", ["next-char", "generate", "translation", "next-word"])
def test_no_edit_breaks_text_caret_or_picture(stage, qtbot, wait_until, task):
    choose(stage, wait_until, task)
    session, *_ = stage.test
    rng, field = np.random.default_rng(5), stage.text_field
    stage.edit_text()
    pieces = ["a", "song", ":", " ", "→", "->", "=>", "\t", "é", "😀", "<start>", "we sing", "  ", "\n"]
    keys = [Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Backspace, Qt.Key.Key_Delete]
    for turn in range(120):
        act = rng.integers(10)
        if act < 4:
            field.paste_text(pieces[rng.integers(len(pieces))])
        elif act < 8:
            qtbot.keyClick(field, keys[rng.integers(len(keys))])
        elif act == 8:
            session.set_feeding(own=bool(rng.integers(2)), count=int(rng.integers(1, 9)))
        else:
            field.selectAll()
            qtbot.keyClick(field, Qt.Key.Key_Delete)
        frame = stage.frame()
        assert 0 <= frame.caret <= max(0, frame.wiring.written) <= frame.length
        assert field.text() == session.text
        if turn % 8 == 0:
            stage.grab()
        if turn % 15 == 0:
            wait_until(lambda: session.trace.text == session.text and not session._requests.is_open("unroll"))
            assert stage.frame().tokens == tuple(session.trace.tokens)
            assert stage.frame().valid == session.length
            if session.length:
                session.move_to(int(rng.integers(1, session.length + 1)))
