"""The tracks with the real session and engine: what they draw, say and do."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest

from rnnviz.session.settings import Settings
from rnnviz.view.look import Look, number
from rnnviz.view.scales import norm_text
from rnnviz.view.time_axis import TimeAxis
from rnnviz.view.tracks import TRACKS
from rnnviz.view.tracks.stack import TrackStack

TEXT = "hello world"
ALL = [entry.key for entry in TRACKS]


class Bench:
    """A stack on screen, its axis, look and settings."""

    def __init__(self, session, qtbot, keys):
        self.session, self.axis, self.look, self.settings = session, TimeAxis(), Look(), Settings()
        self.settings.update_view(open_tracks=list(keys), simple=False)
        self.axis.configure(gutter=221, width=1000, length=session.length)
        session.trace_changed.connect(self.follow)
        self.stack = TrackStack(session=session, axis=self.axis, look=self.look, settings=self.settings)
        qtbot.addWidget(self.stack)
        self.stack.resize(1000, 700)
        self.stack.show()
        qtbot.waitExposed(self.stack)

    def follow(self):
        self.axis.configure(length=self.session.length)

    def track(self, key):
        return self.stack.track(key)

    def picture(self, key):
        return self.track(key).grab().toImage()


@pytest.fixture
def lstm(session, wait_until):
    """An LSTM of 4 units over a short text, with gradients and credit on their way when asked for."""
    session.set_model(cell="lstm", hidden=4)
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT) and session.trace.layers[0].cell is not None)
    session.move_to(6)
    return session


@pytest.fixture
def make_bench(qtbot):
    """Stacks on screen; their settings are written at the end, so that no timer runs on."""
    made = []

    def make(session, keys):
        made.append(Bench(session, qtbot, keys))
        return made[-1]

    yield make
    for bench in made:
        bench.settings.flush()


@pytest.fixture
def bench(lstm, make_bench, wait_until):
    made = make_bench(lstm, ALL)
    wait_until(lambda: lstm.credit is not None and lstm.credit.length == len(TEXT) and lstm.gradients is not None)
    wait_until(lambda: made.track("gradient").flow() is not None)
    return made


def in_row(track, unit, count):
    body = track.body_rect()
    return body.top() + (unit + 0.5) * body.height() / count


def test_the_hidden_track_shows_reads_and_selects_the_numbers_of_the_trace(bench):
    track, session = bench.track("hidden"), bench.session
    layer = session.trace.layers[0]
    y = in_row(track, 2, 4)
    assert number(float(layer.hidden[4, 2]), 3) in track.readout(5, y)
    assert "unit 3" in track.readout(5, y)
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(round(bench.axis.x_of(5)), round(y)))
    assert (session.unit, session.time_step) == (2, 5)
    track.switch.chosen.emit("c")
    assert number(float(layer.cell[4, 2]), 3) in track.readout(5, y)
    titles, rows = track.table()
    assert titles[2:] == [f"c unit {unit}" for unit in range(1, 5)]
    assert rows[4][2:] == [number(value, 4) for value in layer.cell[4].tolist()]


def test_the_picture_has_the_colour_of_the_value_and_pales_after_the_cursor(bench):
    session, axis = bench.session, bench.axis
    session.select(unit=-1)
    image, layer = bench.picture("hidden"), session.trace.layers[0]
    table = bench.look.lut("signed")
    for step, unit in ((2, 0), (3, 3)):
        wanted = QColor.fromRgb(int(table[round((float(layer.hidden[step - 1, unit]) + 1) / 2 * 254)]))
        shown = image.pixelColor(round(axis.x_of(step)), round(in_row(bench.track("hidden"), unit, 4)))
        assert max(abs(shown.red() - wanted.red()), abs(shown.blue() - wanted.blue())) <= 2
    strongest = int(np.abs(layer.hidden[8]).argmax())
    place = (round(axis.x_of(9)), round(in_row(bench.track("hidden"), strongest, 4)))
    before = image.pixelColor(*place)
    session.move_to(session.length)
    after = bench.picture("hidden").pixelColor(*place)
    assert after.saturation() > before.saturation()


def test_gates_come_in_the_cell_s_order_with_the_cell_state_last(bench):
    track = bench.track("gates")
    assert [gate.letter for gate in track.gates()] == [*bench.session.trace.layers[0].gates, "c"]
    assert track.levels(track.gates()[0]).kind == "unit"
    assert track.levels(track.gates()[-1]).low == -track.levels(track.gates()[-1]).high
    bench.stack.toggle_collapsed("gates")
    assert track.height() < 120
    assert "of unit" in track.description()
    assert len(track.table()[0]) == 2 + 5


def test_the_gradient_track_says_the_session_s_norms_and_the_horizon_with_its_threshold(bench, wait_until):
    track, session = bench.track("gradient"), bench.session
    flow = session.gradients.layers[0]
    titles, rows = track.table()
    assert titles[2] == "‖∂C_10 / ∂(h_t, c_t)‖"
    assert [row[2] for row in rows] == [norm_text(float(x)) for x in flow.log2_total]
    words = track.horizon_words(flow)
    assert f"{flow.horizons['joint']} step" in words
    assert "at least 1\u2005% left" in words
    track.switch.chosen.emit("h")
    wait_until(lambda: session.part == "h")
    assert track.table()[0][2] == "‖∂C_10 / ∂h_t‖"
    assert [row[2] for row in track.table()[1]] == [norm_text(float(x)) for x in flow.log2_hidden]


def test_a_click_on_a_credit_row_picks_its_loss(bench, wait_until):
    track, session = bench.track("credit"), bench.session
    y = in_row(track, 3, session.length)
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(round(bench.axis.x_of(2)), round(y)))
    wait_until(lambda: session.gradients.loss_step == 4)
    assert "at step 2" in track.readout(2, y)
    assert "cannot depend" in track.readout(8, y)


def test_every_track_draws_describes_and_tabulates_in_all_themes(bench):
    for theme in ("light", "dark", "contrast"):
        bench.look.set_theme(theme)
        for key in ALL:
            image, track = bench.picture(key), bench.track(key)
            body = track.body_rect().toRect()
            colours = {
                image.pixel(x, y) for x in range(body.left(), body.right(), 9) for y in range(4, body.bottom(), 3)
            }
            assert len(colours) > 2, f"{key} is empty in {theme}"
    for key in ALL:
        titles, rows = bench.track(key).table()
        assert rows
        assert all(len(row) == len(titles) for row in rows)
        assert bench.track(key).description()
        assert bench.track(key).readout(3, 20.0)


def test_numbers_are_copied_as_a_table(bench):
    bench.track("loss").copy_numbers()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["t", "token", "loss"]
    assert len(lines) == 1 + bench.session.length
    assert [action.text() for action in bench.track("loss").context_menu().actions() if action.text()] == [
        "Show as table", "Copy numbers", "Collapse", "Close"]  # fmt: skip


def test_the_stack_opens_closes_collapses_resizes_and_remembers(session, make_bench):
    bench = make_bench(session, ["hidden", "loss"])
    stack, view = bench.stack, lambda: bench.settings.view
    stack.open_track("gradient")
    assert view().open_tracks == ["hidden", "gradient", "loss"]
    default = stack.track("gradient").height()
    stack._drag("gradient", 40.0)
    stack._keep_heights("gradient")
    assert view().track_heights["gradient"] == default + 40
    stack._reset_height("gradient")
    assert stack.track("gradient").height() == default
    stack.track("hidden").title.click()
    assert view().collapsed == ["hidden"]
    assert stack.track("hidden").height() < 40
    stack.close_track("hidden")
    assert stack.open_keys == ("gradient", "loss")
    stack.show_only("gradient")
    assert stack.is_open("gradient")
    assert not stack.is_open("loss")
    stack.show_only(None)
    assert stack.is_open("loss")
    stack.open_for("backward")
    assert stack.open_keys == ("gradient", "loss")


def test_a_track_out_of_sight_asks_for_nothing(session, make_bench, wait_until):
    bench = make_bench(session, ["gradient"])
    wait_until(lambda: bench.track("gradient").flow() is not None)
    bench.stack.hide()
    newest = session.gradients
    session.set_text("other text")
    wait_until(lambda: session.text == "other text" and session.length == 10)
    wait_until(lambda: not session.trace_stale)
    assert session.gradients is newest or session.gradients is None
    bench.stack.show()
    wait_until(lambda: bench.track("gradient").flow() is not None)


def test_a_text_without_loss_says_so(session, make_bench, wait_until):
    session.set_task("parity")
    session.set_text("10x")
    wait_until(lambda: session.length == 3 and not np.isfinite(session.trace.loss).any())
    bench = make_bench(session, ["loss", "credit", "gradient"])
    assert "no loss" in bench.track("loss").empty_reason()
    assert "no loss" in bench.track("credit").empty_reason()
    wait_until(lambda: session.credit is not None)  # the answer is a map without a single credit: still no picture
    assert "no loss" in bench.track("credit").empty_reason()
    bench.picture("loss")


def test_a_long_text_is_drawn_at_every_zoom(session, make_bench, wait_until):
    session.set_text("the quick brown fox " * 60)
    wait_until(lambda: session.length == 1200)
    bench = make_bench(session, ALL)
    wait_until(lambda: bench.track("gradient").flow() is not None and bench.track("credit").credit() is not None)
    for pitch in (0.5, 2.0, 7.0, 54.0):
        bench.axis.set_pitch(pitch)
        bench.axis.set_scroll(300 * pitch)
        for key in ALL:
            image, body = bench.picture(key), bench.track(key).body_rect().toRect()
            row = [image.pixel(x, y) for x in range(body.left(), body.right(), 3) for y in range(4, body.bottom(), 2)]
            assert len(set(row)) > 1, f"{key} is empty at {pitch} px a step"


@pytest.mark.fault(6)
def test_overflow_is_a_marked_gap_and_nothing_is_a_mark_on_the_floor(bench, monkeypatch):
    import msgspec

    track, session = bench.track("gradient"), bench.session
    clean = bench.picture("gradient")
    flow = session.gradients.layers[0]
    broken = flow.log2_total.copy()
    broken[2], broken[4] = np.inf, -np.inf
    monkeypatch.setattr(track, "flow", lambda: msgspec.structs.replace(flow, log2_total=broken))
    shown = bench.picture("gradient")
    body = track.body_rect()

    def differs(step):
        column = round(bench.axis.left_of(step)) + 3
        return any(shown.pixel(column + dx, y) != clean.pixel(column + dx, y)
                   for dx in range(0, 40, 3) for y in range(int(body.top()), int(body.bottom())))  # fmt: skip

    assert differs(3)
    assert differs(5)
    assert not differs(1)
    assert "overflow" in track.readout(3, 0.0)
    assert track.readout(5, 0.0).splitlines()[0].endswith("= 0")


def test_the_scale_of_the_loss_rises_at_once_and_falls_when_losses_stay_small(bench, monkeypatch):
    track = bench.track("loss")

    def tops(*sizes):
        found = []
        for size in sizes:
            losses = np.full(12, size, np.float32)
            monkeypatch.setattr(track, "losses", lambda losses=losses: losses)
            found.append(track.top())
        return found

    (least,) = tops(0.1)
    assert least == pytest.approx(1.25 * track.baseline())
    high = 16 * least
    assert tops(20 * least, *[0.1] * 20) == [high] * 21
    assert tops(*[0.1] * 5) == [least] * 5
    # One that is not small in between, and the scale stays.
    assert tops(20 * least, *[0.1] * 15, 0.3 * high, *[0.1] * 15) == [high] * 32


def test_hovering_moves_the_shared_crosshair(bench):
    track = bench.track("loss")
    point = QPointF(bench.axis.x_of(7), 20)
    QTest.mouseMove(track, point.toPoint())
    assert bench.axis.hover == 7
    assert "C at t = 7" in track.readout(7, 20)
