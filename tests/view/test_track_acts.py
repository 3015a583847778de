"""What the hand does on the tracks: breakpoints, ranges, heights; and what the tracks show when numbers explode."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rnnviz.engine import checkpoint
from rnnviz.engine.network import weight_shapes
from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.engine.tasks import make_task
from rnnviz.session.playback import Playback
from rnnviz.session.settings import Settings
from rnnviz.view.look import Look, number
from rnnviz.view.time_axis import TimeAxis
from rnnviz.view.tracks import TRACKS
from rnnviz.view.tracks.stack import TrackStack

ALL = [entry.key for entry in TRACKS]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make_stack(qtbot, session):
    """Stacks on screen over the text "hello"; their settings are written at the end, so that no timer runs on."""
    made = []

    def make(keys, height=700):
        settings, axis = Settings(), TimeAxis()
        settings.update_view(open_tracks=list(keys), simple=False)
        axis.configure(gutter=221, width=1000, length=session.length)
        session.trace_changed.connect(lambda: axis.configure(length=session.length))
        stack = TrackStack(session=session, axis=axis, look=Look(), settings=settings)
        qtbot.addWidget(stack)
        stack.resize(1000, height)
        stack.show()
        qtbot.waitExposed(stack)
        made.append((stack, settings))
        stack.axis, stack.settings = axis, settings
        return stack

    yield make
    for _, settings in made:
        settings.flush()


def saved_network(path, *, gain, model, text):
    """A session file of a network whose recurrent matrices are ``gain`` times a rotation."""
    run = RunSpec(model=model)
    task, random = make_task(run.task), np.random.default_rng(0)
    shapes = weight_shapes(model, task.input_size, task.output_size)
    weights = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    for name in weights:
        if name.startswith("weight_hh"):
            rotation, _ = np.linalg.qr(random.normal(size=(model.hidden, model.hidden)))
            weights[name] = np.tile(gain * rotation, (shapes[name][0] // model.hidden, 1)).astype(np.float32)
    checkpoint.save(path, checkpoint.Document(run=run, text=text, weights=weights))
    return path


def drag(track, axis, first, last):
    start, end = (QPoint(round(axis.x_of(step)), 20) for step in (first, last))
    QTest.mousePress(track, LEFT, pos=start)
    QTest.mouseMove(track, QPoint(round(axis.x_of(last)) - 3, 20))
    QTest.mouseMove(track, end)
    QTest.mouseRelease(track, LEFT, pos=end)


def test_the_dot_left_of_a_title_sets_and_removes_a_breakpoint(session, make_stack):
    stack, playback = make_stack(["hidden", "loss", "credit"]), Playback(session=session)
    assert stack.track("loss").dot.isHidden(), "without a playback there is nothing to stop"
    stack.set_playback(playback)
    dot = stack.track("loss").dot
    assert not dot.isHidden()
    assert stack.track("credit").dot.isHidden()
    QTest.mouseClick(dot, LEFT)
    (condition,) = playback.breakpoints
    assert (condition.kind, condition.operator) == ("loss", ">")
    assert condition.value == pytest.approx(session.task.baseline, rel=0.01)
    assert dot.isChecked()
    assert str(condition) in dot.toolTip()
    QTest.mouseClick(dot, LEFT)
    assert playback.breakpoints == ()
    assert not dot.isChecked()


def test_a_breakpoint_set_elsewhere_shows_at_its_track(session, make_stack):
    from rnnviz.session.breakpoints import Breakpoint

    stack, playback = make_stack(["hidden"]), Playback(session=session)
    stack.set_playback(playback)
    session.select(unit=2)
    playback.add_breakpoint(Breakpoint("unit", ">", 0.2, 2))
    playback.add_breakpoint(Breakpoint("unit", ">", 0.2, 5))
    assert stack.track("hidden").dot.isChecked()
    stack.track("hidden").dot.click()
    assert [known.unit for known in playback.breakpoints] == [5]


def test_dragging_selects_a_range_and_the_readout_says_its_mean(session, make_stack):
    stack = make_stack(["hidden", "loss"])
    track, axis, before = stack.track("loss"), stack.axis, session.time_step
    drag(track, axis, 4, 2)
    assert axis.selection == (2, 4)
    assert session.time_step == before, "a drag is no click"
    mean = number(float(np.nanmean(session.trace.loss[1:4])), 3)
    assert track.range_words(3, 10.0) == f"mean over t = 2 to 4: {mean}"
    assert track.range_words(5, 10.0) == ""
    hidden = stack.track("hidden")
    y = hidden.body_rect().top() + 1
    unit = hidden.unit_at(y)
    expected = number(float(session.trace.layers[0].hidden[1:4, unit].mean()), 3)
    assert hidden.range_words(2, y).endswith(expected)
    QTest.mouseClick(track, LEFT, pos=QPoint(round(axis.x_of(5)), 20))
    assert axis.selection is None
    assert session.time_step == 5


def test_a_range_is_tinted_in_every_track(session, make_stack):
    stack = make_stack(["hidden", "loss"])
    axis = stack.axis
    places = {key: QPoint(round(axis.left_of(5)) + 4, stack.track(key).height() - 2) for key in ("hidden", "loss")}
    plain = {key: stack.track(key).grab().toImage().pixel(place) for key, place in places.items()}
    axis.select(4, 5)
    for key, place in places.items():
        assert stack.track(key).grab().toImage().pixel(place) != plain[key]
    axis.configure(length=3)
    assert axis.selection is None, "the range is gone with its steps"


def test_a_low_window_makes_tracks_compact_but_keeps_chosen_heights_and_its_wish(session, make_stack):
    keys = ["hidden", "gradient", "loss"]
    stack = make_stack(keys, height=600)
    tall = {key: stack.track(key).height() for key in keys}
    wish = stack.widget().sizeHint().height()
    stack.resize(1000, 230)
    low = {key: stack.track(key).height() for key in keys}
    assert all(low[key] < tall[key] for key in keys)
    assert low["hidden"] + low["gradient"] <= 230
    assert stack.widget().sizeHint().height() == wish
    stack._drag("hidden", 60.0)
    stack._keep_heights("hidden")
    chosen = stack.track("hidden").height()
    assert chosen == low["hidden"] + 60
    stack.resize(1000, 600)
    assert stack.track("hidden").height() == chosen
    assert stack.track("loss").height() == tall["loss"]


def test_only_the_data_are_redrawn_while_playing(session, make_stack, wait_until):
    stack = make_stack(["hidden"])
    track = stack.track("hidden")
    area = track.data_area()
    assert area.left() > track.title.geometry().right()
    assert area.right() == track.rect().right()
    track.grab()
    header = track.layers.image("header", track.layers._kept["header"][0], track.body_rect(), 1.0, lambda *_: None)
    session.move_to(2)
    track.grab()
    assert track.layers._kept["header"][1] is header
    session.select(unit=1)
    wait_until(lambda: "unit 2 selected" in str(track._header_key))


@pytest.mark.parametrize("length", [40, 300])
def test_exploding_numbers_give_finite_axes_and_marked_gaps(session, make_stack, wait_until, tmp_path, length):
    model = ModelSpec(cell="elman", hidden=8, activation="identity")
    text = ("hello world, " * 40)[:length]
    session.open(saved_network(tmp_path / "boom.rnnviz", gain=3.0, model=model, text=text))
    wait_until(lambda: session.length == length)
    stack = make_stack(ALL)
    wait_until(lambda: stack.track("gradient").flow() is not None and stack.track("credit").credit() is not None)
    track = stack.track("gradient")
    flow = track.flow()
    series = [track.log10(values) for values in (track.total(flow), track.summed(flow), flow.log2_direct)]
    scale = track.scale(track.body_rect(), *series)
    assert -12 <= scale.low < scale.high <= 12
    assert np.isfinite(stack.track("loss").top())
    assert stack.track("hidden").levels().high <= 100
    overflown = not np.isfinite(session.trace.loss[track.loss_step - 1])
    assert overflown == (length == 300), "3**300 is beyond single precision"
    for pitch in (1.0, 54.0):
        stack.axis.set_pitch(pitch)
        for key in ALL:
            shown = stack.track(key)
            assert not shown.grab().isNull()
            assert shown.description()
            assert shown.readout(length // 2, 20.0)
    words = track.readout(5, 0.0).splitlines()[0]
    assert words.endswith("not a number") == overflown


def test_a_right_to_left_layer_is_swept_to_the_right(session, make_stack, wait_until, tmp_path):
    from rnnviz.session.values import Direction

    model = ModelSpec(cell="lstm", hidden=4, layers=2, bidirectional=True)
    session.open(saved_network(tmp_path / "both.rnnviz", gain=0.8, model=model, text="hello world"))
    wait_until(lambda: session.length == 11)
    stack = make_stack(ALL)
    session.select(layer="l1r")
    session.choose_loss(4)
    session.set_direction(Direction.BACKWARD)
    session.move_to(2)
    track = stack.track("gradient")
    wait_until(lambda: track.flow() is not None and track.flow().name == "l1r" and session.gradients.loss_step == 4)
    wait_until(lambda: stack.track("credit").credit() is not None and session.credit.layer == "l1r")
    assert not track.leftward
    assert track.reached == 6, "two steps left in one direction, two to the right in the other"
    left, right = track._swept()
    assert left == stack.axis.gutter
    assert stack.axis.x_of(6) <= right < stack.axis.left_of(7)
    assert list(np.flatnonzero(track.beyond(11))) == [0, 1, 2]
    assert "ahead" in track.horizon_words(track.flow())
    assert "t+1" in stack.track("factors").factor_symbol()
    assert all(not stack.track(key).grab().isNull() for key in ALL)
