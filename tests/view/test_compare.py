"""A column of the comparison: geometry, words, and pixels that mean what the numbers say."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor

from rnnviz.engine.spec import ModelSpec, TrainingSpec
from rnnviz.service.messages import ComparedModel, RivalSpec
from rnnviz.view.compare.chooser import SETTINGS, Chooser, next_size
from rnnviz.view.compare.column import ModelColumn
from rnnviz.view.compare.curves import plot_scale
from rnnviz.view.compare.geometry import Geometry
from rnnviz.view.compare.scene import (
    HIGH,
    LOW,
    Scene,
    ShareScale,
    band_of,
    setting_words,
    share_text,
    share_words,
    shares_of,
    status_words,
    titles_of,
)
from rnnviz.view.look import Look

TOKENS = tuple("hello")  # the length of the session's own text: clicks go to it
STEPS = len(TOKENS)


def model(cell="elman", *, loss_step=STEPS, fall=1.0, **changes):
    """A model whose gradient loses ``fall`` decades a step."""
    rows = np.arange(1, STEPS + 1)
    back = rows[:, None] - rows[None, :]
    credit = np.where(back >= 0, -fall * back / np.log10(2.0), -np.inf).astype(np.float32)
    fields = {
        "model": ModelSpec(cell=cell, hidden=16),
        "training": TrainingSpec(),
        "parameter_count": 2627,
        "training_step": 3,
        "target_step": 3,
        "loss": 0.959,
        "steps": np.arange(1.0, 4.0),
        "losses": np.array([3.0, 2.0, 0.959]),
        "log2": credit[loss_step - 1],
        "horizon": 2,
        "rows": rows,
        "credit": credit,
    }
    return ComparedModel(**(fields | changes))


def scene(*models, loss_step=STEPS, threshold=0.01):
    shares = tuple(shares_of(each, loss_step) for each in models)
    low, high = ShareScale().fit("key", shares, growing=False)
    return Scene(models=models, titles=titles_of(models), shares=shares,
                 bands=tuple(band_of(each) for each in models), tokens=TOKENS, with_loss=(True,) * STEPS,
                 loss_step=loss_step, threshold=threshold, low=low, high=high, last_step=3, top_loss=3.0,
                 baseline=2.9, needed=0)  # fmt: skip


# ---------------------------------------------------------------------- geometry


def test_steps_and_pixels_agree_everywhere():
    geometry = Geometry(62.0, 478.0, 800.0, 18, 1.0)
    for step in range(1, 19):
        assert geometry.step_at(geometry.x_of(step)) == step
        assert geometry.row_of(geometry.row(step).center().y()) == step
    assert geometry.step_at(61.9) == 0
    assert geometry.step_at(62.0 + 478.0) == 0
    assert geometry.row_of(geometry.map.top() - 1) == 0


@pytest.mark.parametrize(("width", "height", "scale"), [(478, 810, 1), (378, 536, 1), (200, 270, 1), (900, 900, 2)])
def test_parts_follow_one_another_and_stay_inside(width, height, scale):
    geometry = Geometry(62.0, width, height, 18, scale)
    parts = [geometry.bar, geometry.plot, geometry.chips, geometry.map]
    for above, below in pairwise(parts):
        assert above.bottom() <= below.top()
    if height > 300:
        assert parts[-1].bottom() <= height
    assert geometry.map.contains(geometry.losses) or geometry.losses.isEmpty()
    assert geometry.map.contains(geometry.legend) or geometry.legend.isEmpty()


def test_training_curves_and_legend_keep_clear_of_the_triangle():
    geometry = Geometry(0.0, 478.0, 810.0, 18, 1.0)
    for corner in (geometry.losses.bottomLeft(), geometry.horizons.bottomLeft(), geometry.legend.bottomLeft()):
        step, row = geometry.step_at(corner.x()), geometry.row_of(corner.y() - 1)
        assert step > row


@pytest.mark.parametrize("steps", [2, 3, 5, 8, 18, 100])
@pytest.mark.parametrize(("width", "height"), [(378, 518), (478, 810), (700, 500)])
def test_curves_and_legend_keep_clear_of_a_coarse_triangle_too(steps, width, height):
    geometry = Geometry(0.0, width, height, steps, 1.0)
    boxes = [box for box in (geometry.losses, geometry.horizons, geometry.legend) if not box.isEmpty()]
    assert not geometry.losses.isEmpty()
    for box in boxes:
        rows = range(1, geometry.row_of(box.bottom() - 1) + 1)
        assert all(geometry.left_of(row + 1) <= box.left() for row in rows)


@pytest.mark.parametrize("steps", [2, 8, 18])
@pytest.mark.parametrize("way", ["right", "both"])
def test_curves_and_legend_keep_clear_of_the_map_of_a_chain_from_the_end_and_of_a_lower_layer(way, steps):
    geometry = Geometry(0.0, 478.0, 810.0, steps, 1.0, way)
    boxes = [box for box in (geometry.losses, geometry.horizons, geometry.legend) if not box.isEmpty()]
    assert boxes
    for row in range(1, steps + 1):
        reached = geometry.row(row)
        assert (reached.left(), reached.right()) == (
            0 if way == "both" else round(geometry.left_of(row)), round(geometry.left_of(steps + 1)))  # fmt: skip
        assert [geometry.reaches(row, step) for step in (1, row, steps)] == [way == "both" or row == 1, True, True]
        assert not any(box.intersects(reached) for box in boxes)
    assert all(geometry.lower.contains(box) for box in boxes)


# ---------------------------------------------------------------------- numbers and words


def test_shares_are_of_the_own_start():
    share = shares_of(model(fall=1.5), STEPS)
    np.testing.assert_allclose(share, [-6, -4.5, -3, -1.5, 0], atol=1e-5)
    assert np.isneginf(shares_of(model(), 0)).all()


def test_the_scale_grows_while_training_and_fits_at_rest():
    scale = ShareScale()
    deep, flat = (np.array([-5.2, 0.0]),), (np.array([-1.0, 0.0]),)
    assert scale.fit("a", flat, growing=True) == (LOW, HIGH)
    assert scale.fit("a", deep, growing=True) == (-6.0, HIGH)
    assert scale.fit("a", flat, growing=True) == (-6.0, HIGH)
    assert scale.fit("b", flat, growing=True) == (LOW, HIGH)
    scale.fit("b", deep, growing=True)
    assert scale.fit("b", flat, growing=False) == (LOW, HIGH)
    assert scale.fit("b", (np.array([-900.0, 700.0, np.nan, np.inf]),), growing=False) == (-12.0, 12.0)


def test_titles_say_what_sets_models_of_one_cell_apart():
    orthogonal = model(model=ModelSpec(initialiser="orthogonal", hidden=32))
    unclipped = model(training=TrainingSpec(clip=0.0))
    wide = model(model=ModelSpec(hidden=32))
    assert titles_of((model(), model("lstm"), model("gru"))) == ("Elman", "LSTM", "GRU")
    assert titles_of((model(), orthogonal, unclipped)) == ("Elman", "Elman, orthogonal", "Elman, no clipping")
    assert titles_of((model(), wide, model(training=TrainingSpec(seed=4)))) == ("Elman", "Elman, 32 units", "Elman")


def test_every_offered_setting_has_words_and_is_allowed():
    for setting in SETTINGS:
        owner = ModelSpec if setting.name in ModelSpec.__struct_fields__ else TrainingSpec
        words = [setting_words(setting.name, value) for value in setting.values]
        assert len(set(words)) == len(words)
        for value in setting.values:
            msgspec.structs.replace(owner(), **{setting.name: value})


@pytest.mark.parametrize(
    ("log10", "words"),
    [
        (0.0, "100\u2005%"),
        (-1.0, "10\u2005%"),
        (-8.0, "1.0×10⁻⁶\u2005%"),
        (7.0, "1.0×10⁹\u2005%"),
        (-np.inf, "nothing"),
    ],
)
def test_shares_in_words(log10, words):
    assert share_words(log10) == words


def test_ticks_keep_short_for_powers():
    assert [share_text(decade) for decade in (0, -3, -8, 6)] == [
        "100\u2005%",
        "0.1\u2005%",
        "10⁻⁶\u2005%",
        "10⁸\u2005%",
    ]


def test_status_says_loss_progress_or_failure():
    assert status_words(model()) == "loss 0.959"
    assert status_words(model(training_step=0, target_step=0, loss=None)) == "not trained yet"
    assert status_words(model(training_step=23, target_step=60)) == "step 23 of 60"
    assert "stopped at step 7" in status_words(model(training_step=7, target_step=60, failure="infinite: not finite"))


def test_the_next_size_stops_at_the_ends():
    assert next_size(16, 1) == 24
    assert next_size(16, -1) == 12
    assert next_size(1, -1) == 1
    assert next_size(1024, 1) == 1024


# ---------------------------------------------------------------------- a column on screen


@pytest.fixture
def look():
    return Look()


@pytest.fixture
def column(qtbot, session, look):
    made = ModelColumn(session=session, look=look, index=1, parent=None)
    qtbot.addWidget(made)
    made.resize(480, 800)
    made.set_place(0.0, last=True)
    made.show()
    qtbot.waitExposed(made)
    return made


def pixel(widget, point):
    return QColor(widget.grab().toImage().pixel(QPoint(round(point.x()), round(point.y()))))


def test_the_bar_covers_the_horizon_and_no_more(column, look):
    column.show_scene(scene(model(), model("lstm")), stale=False)
    place = column.geometry_of_parts
    y = place.bar.center().y()
    for step in (3, 4, 5):  # horizon 2: the loss step and two before it
        assert pixel(column, QPointF(place.x_of(step), y)) == look.theme.grad
    assert pixel(column, QPointF(place.x_of(2), y)) != look.theme.grad


def test_the_horizon_over_training_is_drawn_level_by_level(column, look, session):
    session.move_to(0)
    course = {"horizon_steps": [0, 1, 3], "horizon_course": [4, 1, 2]}
    column.show_scene(scene(model(), model("lstm", **course)), stale=False)
    area = column.geometry_of_parts.horizons
    plot = area.adjusted(0, look.px(17), 0, 0)
    image = column.grab().toImage()

    def level(step):
        """How high above the foot the line of this column stands at a training step, in steps back."""
        x = round(plot.left() + plot.width() * step / 3)
        rows = [y for y in range(round(plot.top()), round(plot.bottom())) if near(image.pixelColor(x, y))]
        return (plot.bottom() - 1 - np.mean(rows)) / plot.height() * 1.12 * 4

    def near(colour):
        grad = look.theme.grad
        return abs(colour.red() - grad.red()) + abs(colour.green() - grad.green()) < 60

    assert [round(level(step), 0) for step in (0.5, 2, 2.9)] == [4, 1, 1]
    assert column.geometry_of_parts.losses.bottom() <= area.top()


def test_the_map_is_a_triangle_from_full_to_nothing(column, look, session):
    session.move_to(0)
    column.show_scene(scene(model(), model("lstm", fall=4.0)), stale=False)
    place = column.geometry_of_parts
    row = place.row(3)
    assert pixel(column, QPointF(place.x_of(3), row.center().y())) == look.theme.grad
    assert pixel(column, QPointF(place.x_of(1), row.center().y())) == look.theme.panel  # below 0.1 % of its start
    assert pixel(column, QPointF(place.x_of(4), place.row(3).center().y())) in (look.theme.bg, look.theme.panel)
    assert pixel(column, QPointF(place.x_of(2), place.row(1).center().y())) == look.theme.bg


def test_a_row_without_a_loss_is_left_out(column, look, session):
    session.move_to(0)
    silent = model("gru")
    credit = silent.credit.copy()
    credit[1] = -np.inf
    column.show_scene(scene(model(), msgspec.structs.replace(silent, credit=credit)), stale=False)
    place = column.geometry_of_parts
    assert pixel(column, QPointF(place.x_of(1), place.row(2).center().y())) == look.theme.bg


def test_clicks_move_the_cursor_or_choose_the_loss(column, session, qtbot):
    column.show_scene(scene(model(), model("lstm")), stale=False)
    place = column.geometry_of_parts

    def click(x, y):
        qtbot.mouseClick(column, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))

    click(place.x_of(2), place.plot.center().y())
    assert session.time_step == 2
    click(place.x_of(4), place.chips.center().y())
    assert session.time_step == 4
    click(place.x_of(1), place.row(2).center().y())
    assert session.loss_step == 2
    click(place.x_of(4), place.row(3).center().y())  # outside the triangle: nothing
    assert (session.time_step, session.loss_step) == (4, 2)
    click(place.x_of(1), place.row(STEPS).center().y())  # the last letter has no target
    assert session.loss_step == 2
    session.choose_loss(0)


def test_tips_name_step_share_and_failure(column):
    column.show_scene(scene(model(), model("lstm", failure="Training stopped at step 3: not finite")), stale=False)
    place = column.geometry_of_parts
    tip = column.tip_at(place.x_of(4), place.plot.center().y())
    assert "Step 4" in tip
    assert "LSTM: 10\u2005%" in tip
    assert "t = 5 at step 3: 1\u2005%" in column.tip_at(place.x_of(3), place.row(5).center().y())
    assert column.tip_at(place.x_of(5), place.row(4).center().y()) == ""
    assert column.tip_at(5, 60) == "Training stopped at step 3: not finite"


def test_the_band_goes_from_the_smallest_to_the_largest_share(column, look, session):
    session.move_to(0)
    middle = model("lstm", fall=0.3).log2
    low, high = (np.float32(edge) * np.arange(-4, 1) for edge in (2.6, 0.2))
    banded = msgspec.structs.replace(model("lstm"), log2=middle, lowest=low, highest=high, horizons=[2, 4, 1])
    column.show_scene(scene(model(), banded), stale=False)
    place = column.geometry_of_parts
    scale = plot_scale(place, column.scene)
    y = [float(scale.y(np.log10(2.0) * edge[1])) for edge in (high, low)]
    inside, above = (y[0] * 0.35 + y[1] * 0.65), y[0] - 8
    assert pixel(column, QPointF(place.x_of(2) + 3, inside)) not in (look.theme.panel, look.theme.line)
    assert pixel(column, QPointF(place.x_of(2) + 3, above)) in (look.theme.panel, look.theme.line)
    assert "1 to 4 over 3 seeds" in column.description()


def test_moving_the_cursor_redraws_no_picture(column, session):
    column.show_scene(scene(model(), model("lstm")), stale=False)
    column.grab()
    kept = {name: image.cacheKey() for name, (_, image) in column._layers._kept.items()}
    session.move_to(2)
    column.set_hover(3)
    column.grab()
    assert {name: image.cacheKey() for name, (_, image) in column._layers._kept.items()} == kept
    assert set(kept) == {"head", "text", "grid", "curves", "map", "names"}


def test_new_numbers_are_drawn_half_by_half(column, qtbot):
    column.show_scene(scene(model(), model("lstm")), stale=False)
    column.grab()
    fresh = scene(model(), model("gru"))
    column.show_scene(fresh, stale=False)
    qtbot.waitUntil(lambda: column._layers._kept["head"][0][0].value is fresh)
    assert column.painted is not fresh
    column.show_map()
    qtbot.waitUntil(lambda: column.painted is fresh)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("step", [0, 1, 5])
def test_every_theme_draws_every_step(column, look, session, theme, step):
    look.set_theme(theme)
    session.move_to(step)
    column.show_scene(scene(model(), model("lstm", log2=np.full(STEPS, -np.inf, np.float32))), stale=True)
    picture = column.grab().toImage().copy(QRect(0, 0, 480, 800))
    assert picture.width() == 480


def test_a_long_text_and_no_room_are_drawn_too(column, session):
    long = scene(model(), model("lstm"))
    steps = 700
    credit = np.zeros((steps, steps), np.float32)
    models = tuple(
        msgspec.structs.replace(each, log2=credit[-1], credit=credit, rows=np.arange(1, steps + 1))
        for each in long.models
    )
    shares = tuple(shares_of(each, steps) for each in models)
    fields = {name: getattr(long, name) for name in long.__dataclass_fields__}
    fields |= {"models": models, "shares": shares, "bands": (None, None), "tokens": ("a",) * steps}
    fields |= {"with_loss": (True,) * steps, "loss_step": steps}
    column.show_scene(Scene(**fields), stale=False)
    session.move_to(4)
    for size in ((480, 800), (150, 220), (90, 120)):
        column.resize(*size)
        assert column.grab().toImage().width() == size[0]


# ---------------------------------------------------------------------- the head


@pytest.fixture
def chooser(qtbot, column):
    column.show_spec(RivalSpec(model=ModelSpec(cell="lstm", hidden=16)), "LSTM", 16, equal=False)
    return column.chooser


def names(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_the_menu_offers_what_the_cell_has(chooser):
    chooser.fill()
    assert names(chooser.menu)[:3] == ["Elman", "LSTM", "GRU"]
    assert "Forget bias" in names(chooser.menu)
    assert "Activation" not in names(chooser.menu)
    chooser.show_spec(RivalSpec(model=ModelSpec(activation="relu")), "Elman", 8, equal=True)
    chooser.fill()
    assert "Activation" in names(chooser.menu)
    assert "Units" not in names(chooser.menu), "with equal parameters the size is found"
    submenu = next(action.menu() for action in chooser.menu.actions() if action.text() == "Activation")
    assert [action.text() for action in submenu.actions() if action.isChecked()] == ["relu"]


def test_choices_are_sent_not_made(chooser, qtbot):
    chooser.fill()
    with qtbot.waitSignal(chooser.chosen) as chosen:
        next(action for action in chooser.menu.actions() if action.text() == "GRU").trigger()
    assert chosen.args == ["cell", "gru"]
    with qtbot.waitSignal(chooser.resized) as resized:
        chooser.units.more.click()
    assert resized.args == [1]
    with qtbot.waitSignal(chooser.removed):
        chooser.cross.click()
    assert chooser.name.text() == "LSTM"


def test_the_model_on_show_has_no_cross_and_no_training_of_its_own(qtbot, look, column):
    first = Chooser(look=look, parent=column, training_too=False)
    first.show_spec(RivalSpec(), "Elman", 8, equal=True)
    first.fill()
    assert first.cross.isHidden()
    assert not {"Clipping", "Learning rate", "Optimiser"} & set(names(first.menu))
    assert first.actions[0].isEnabled()


def test_a_long_name_is_cut_and_then_the_stepper_goes(chooser):
    chooser.show_spec(RivalSpec(), "Elman, orthogonal, no clipping, sgd, rate 10", 8, equal=False)
    chooser.place(0.0, 400.0)
    assert chooser.name.text().endswith("…")
    assert not chooser.units.isHidden()
    assert chooser.cross.geometry().right() <= 400
    chooser.place(0.0, 150.0)
    assert chooser.units.isHidden()
    assert "no clipping" in chooser.name.accessibleName()
