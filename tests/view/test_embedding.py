"""The Tokens panel with the real engine: follows the cursor, clicks choose, the picture is the table."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from rnnviz.session.settings import Settings
from rnnviz.view.look import Look
from rnnviz.view.panels.embedding import ENTRY, NONE, TokensPanel
from rnnviz.view.panels.embedding_parts import fitting, one_hot


@pytest.fixture
def panel(session, qtbot, wait_until):
    made = TokensPanel(entry=ENTRY, session=session, look=Look(), settings=Settings())
    made.resize(344, 900)
    qtbot.addWidget(made)
    made.show()
    wait_until(lambda: token(made) == "l")
    yield made
    made.hide()


def token(panel):
    found = panel.found()
    return found.tokens[found.token] if found is not None and found.token >= 0 else ""


def test_it_follows_the_cursor_and_a_click_chooses(panel, session, qtbot, wait_until):
    assert panel.found().row.tolist() == panel.found().table[panel.found().token].tolist()
    assert "“l”" in panel.line.text()
    session.move_to(2)
    wait_until(lambda: token(panel) == "e")
    place = panel.table.row_rect(7).center().toPoint()
    qtbot.mouseClick(panel.table, Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: panel.found().token == 7)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    wait_until(lambda: panel.found().token == 8)
    near = int(panel.found().nearest[1])
    middle = panel.nearest.row_rect(1).center().toPoint()
    qtbot.mouseClick(panel.nearest, Qt.MouseButton.LeftButton, pos=QPoint(40, middle.y()))
    wait_until(lambda: panel.found().token == near)
    session.move_to(0)
    wait_until(lambda: panel.line.text() == NONE)
    assert not panel.strip.isVisible()
    assert panel.table.isVisible()


def test_an_embedding_and_the_gates(panel, session, wait_until):
    session.set_model(cell="lstm", hidden=6)
    wait_until(lambda: panel.found() is not None and panel.found().parts == list("ifgo"))
    assert panel.strip.parts == ("i", "f", "g", "o")
    rect = panel.table.heat_rect()
    tip = panel.table.tip_at(QPointF(rect.left() + rect.width() * 7.5 / 24, panel.table.row_rect(3).center().y()))
    assert "row 4 of 19" in tip
    assert "f, unit 2" in tip
    session.set_model(embedding=3)
    wait_until(lambda: panel.found() is not None and panel.found().embedded)
    assert panel.found().table.shape == (19, 3)
    assert "embedding" in panel.line.text()
    assert panel.strip.parts == ("",)


def test_numbers_have_no_tokens(panel, session, wait_until):
    session.set_task(name="series")
    wait_until(lambda: "reads numbers" in panel.line.text())
    assert not panel.table.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_colours_are_the_signed_map(panel, qtbot, theme):
    panel.look.set_theme(theme)
    table, found = panel.table, panel.found()
    image = table.grab().toImage()
    colours = np.asarray(panel.look.lut("signed"))
    rect = table.heat_rect()
    for row, column in ((0, 0), (5, 3), (18, 7)):
        x = int(rect.left() + (column + 0.5) * rect.width() / found.table.shape[1])
        got = image.pixelColor(x, int(table.row_rect(row).center().y()))
        share = np.clip((found.table[row, column] / found.limit + 1) / 2, 0, 1)
        assert got.rgb() == colours[round(float(share) * 254)]


def test_the_input_is_written_as_the_vector_that_it_is(panel):
    found = panel.found()
    tokens = len(found.tokens)
    written = {place: one_hot(msgspec.structs.replace(found, token=place)) for place in (0, 2, 9, tokens - 1)}
    assert written[0] == f"x_t = (1, 0, …, 0), the 1 at place 1 of {tokens}"
    assert written[2].startswith("x_t = (0, 0, 1, 0, …, 0)")
    assert written[9].startswith("x_t = (0, …, 0, 1, 0, …, 0)")
    assert written[tokens - 1].startswith("x_t = (0, …, 0, 1), ")


def test_the_numbers_stand_in_their_cells_or_below(panel, session, wait_until):
    wide = panel.strip.sizeHint().height()
    assert panel.strip.height_px() == pytest.approx(32 + 20 + 21 + 2)  # eight cells have room
    session.set_model(hidden=20)
    wait_until(lambda: panel.found() is not None and len(panel.found().row) == 20)
    assert panel.strip.sizeHint().height() == wide + 15
    assert not panel.strip.grab().isNull()
    assert panel.strip.words().startswith(f"W_xh x_t = row {panel.found().token + 1} of W_xh^T: ")
    assert fitting(["+1", "-2", "+3", "+4"], len, 100) == "+1  -2  +3  +4"
    assert fitting(["+1", "-2", "+3", "+4"], len, 13) == "+1  -2  …  +4"
    assert fitting(["+1", "-2", "+3", "+4"], len, 9) == "+1  …  +4"
