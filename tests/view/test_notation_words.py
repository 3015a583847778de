"""Words of the view that stand in no formula of their own: tips, names and labels must follow the notation too."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QWidget

from rnnviz.view import math_text
from rnnviz.view.notation import KEYS, Notation
from rnnviz.view.notation.tips import told
from rnnviz.view.panels.embedding_table import TokenTable
from rnnviz.view.panels.movie import weight_name
from rnnviz.view.stage import handover
from rnnviz.view.stage.header import OF_SEVERAL, SENTENCE, sentence_of
from rnnviz.view.tracks.header import SegmentSwitch

CLOCK = {key: "({})" if key in {"dynamical", "uvw"} else "_{}" for key in KEYS}
"""How a notation writes the time step."""


pytestmark = pytest.mark.usefixtures("lecture_again")


@pytest.fixture
def lstm(app, wait_until):
    app.session.set_model(cell="lstm", hidden=6)
    wait_until(lambda: app.session.trace.layers[0].cell is not None and app.session.trace.layers[0].cell.shape[1] == 6)
    return app


def page(app, key):
    app.window.middle.show_page(key)
    return app.window.middle.side.panel(key)


@pytest.mark.parametrize("key", KEYS)
def test_the_chain_of_an_lstm_is_written_in_one_notation(lstm, wait_until, key):
    panel = page(lstm, "chain")
    wait_until(lambda: panel.chain() is not None and len(panel.chain().steps) > 1)
    lstm.settings.update_view(notation=key)
    at = CLOCK[key].format
    chain = panel.chain()
    tau, step = chain.loss_step, chain.time_step
    written = panel.equation.accessibleName()
    assert written.startswith(f"∂C{at(tau)} / ∂s{at(step)} = ∂C{at(tau)} / ∂s{at(tau)} · Π")
    assert written.endswith(f"∂s{at('k')} / ∂s{at('k−1')}")
    assert f"‖∂C{at(tau)}/∂s{at(step)}‖" in panel.readout.accessibleName()
    state = {"layer": "A"}.get(key, "h")
    assert panel.meaning.text().startswith(f"s = ({state}, c). An LSTM has no law")
    assert panel.strip.words_at(0).startswith(f"J{at(tau)} = ∂s{at(tau)} / ∂s{at(tau - 1)}, mean stretch")


@pytest.mark.parametrize("key", KEYS)
def test_a_factor_of_an_elman_cell_has_the_state_of_the_notation(app, wait_until, key):
    panel = page(app, "chain")
    wait_until(lambda: panel.chain() is not None)
    app.settings.update_view(notation=key)
    at, state = CLOCK[key].format, {"layer": "A", "abstract": "s"}.get(key, "h")
    tau = panel.chain().loss_step
    assert panel.strip.words_at(0).startswith(f"J{at(tau)} = ∂{state}{at(tau)} / ∂{state}{at(tau - 1)}, ")
    sentences = panel.plot.words_at(1)
    assert "_max" not in sentences
    assert "σₘₐₓ" in sentences
    weight = math_text.plain_name("W_{hh}")
    assert f"the eigenvalues of {weight} alone" in sentences


def test_a_chain_needs_a_second_line_where_the_panel_is_narrow(lstm, wait_until):
    panel = page(lstm, "chain")
    wait_until(lambda: panel.chain() is not None and len(panel.chain().steps) > 1)
    lstm.settings.update_view(notation="uvw")
    font = panel.look.font("maths_small")
    parts = [f"{part}" for part in panel.equation._parts]
    wide = sum(math_text.width(part, font) for part in parts) + panel.look.px(6)
    for width in (round(wide) + 20, round(wide) - 20):
        panel.equation.resize(width, panel.equation.height())
        lines = 1 if width > wide else 2
        assert panel.equation.sizeHint().height() == panel.look.ipx(25 * lines)


@pytest.mark.parametrize(("key", "letter"), [("lecture", "W"), ("dynamical", "θ"), ("uvw", "W")])
def test_the_update_is_that_of_the_notation_at_every_time(app, wait_until, key, letter):
    panel = page(app, "movie")
    wait_until(lambda: panel.film is not None)
    app.settings.update_view(notation=key)
    for _ in range(2):
        panel.refresh()
        assert panel.apply.toolTip().endswith(f"\n{letter} ← {letter} − η · ∂C/∂{letter}")
        QApplication.processEvents()
    labels = [widget.text() for widget in panel.findChildren(QWidget) if hasattr(widget, "text")]
    assert f"Update {letter} ← {letter} − η d{letter}" in labels


@pytest.mark.parametrize(
    ("key", "names"),
    [("lecture", ["W_hh", "W_xh", "W_hy", "b"]), ("dynamical", ["θ_hh", "θ_xh", "θ_hy", "θ"]),
     ("layer", ["W_A", "W_X", "W_y", "b"]), ("pytorch", ["W_hh", "W_ih", "W_out", "b"])],
)  # fmt: skip
def test_the_weights_of_the_film_have_short_names(qapp, key, names):
    math_text.use(Notation(key, "lstm", sizes={"W_{hh}": (8, 2), "W_{xh}": (8, 3), "W_{hy}": (3, 2), "b_h": (8,)}))
    assert [weight_name(name) for name in ("W_hh", "W_xh", "W_hy", "b")] == names


@pytest.mark.parametrize("key", KEYS)
def test_the_tip_of_the_table_multiplies_the_input_of_the_notation(qtbot, app, key):
    app.settings.update_view(notation=key)
    table = TokenTable(look=app.look)
    qtbot.addWidget(table)
    read = {"layer": "X_t", "dynamical": "x(t)", "uvw": "x(t)"}.get(key, "x_t")
    assert f"{read} · table = row k" in table.tip_at(QPointF(0, 0))


def test_no_tip_of_a_panel_keeps_the_lectures_matrix(app):
    app.settings.update_view(notation="dynamical")
    for key in ("remedies", "settings", "movie", "spectrum"):
        page(app, key)
    side = app.window.middle.side
    tips = [widget.toolTip() for widget in side.findChildren(QWidget) if widget.toolTip()]
    assert any("θ_hhᵀ · θ_hh = I" in tip for tip in tips)
    assert any("One-hot times θ_xh" in tip for tip in tips)
    assert not [tip for tip in tips if re.search(r"\bW\b|\bW_|ᵀW", tip)]


@pytest.mark.parametrize(("key", "names"), [("lecture", ("h, c", "h", "c")), ("layer", ("A, c", "A", "c"))])
def test_segments_are_named_for_screen_readers_as_they_are_shown(app, qtbot, key, names):
    app.settings.update_view(notation=key)
    parent = QWidget()
    qtbot.addWidget(parent)
    switch = SegmentSwitch(look=app.look, name="Gradient norm: which part", parent=parent)
    switch.set_choices((("joint", "h, c"), ("h", "h"), ("c", "c")), "h")
    segments = [child for child in switch.children() if hasattr(child, "text")]
    assert [segment.text() for segment in segments] == list(names)
    assert [segment.accessibleName() for segment in segments] == [
        f"Gradient norm: which part: {name}" for name in names
    ]


@pytest.mark.parametrize("key", KEYS)
def test_the_boundary_says_that_the_biases_differ_too(qapp, key):
    math_text.use(Notation(key, sizes={"W_{xh}": (4, 3), "b_h": (4,)}))
    pairs = [pair.split(" ≠ ") for pair in handover.tip().splitlines()[-1].split(", ")]
    assert len(pairs) == 3
    for ours, own in pairs:
        assert ours != own
        assert own.replace("'", "") == ours


def test_the_headline_is_true_of_several_chains(make_stage, wait_until):
    view = make_stage(1256, 600)
    session = view.test[0]
    assert sentence_of(view.frame()) == SENTENCE
    for model in ({"layers": 2}, {"layers": 1, "bidirectional": True}):
        session.set_model(**model)
        wait_until(lambda: len(session.trace.layers) == 2)
        assert sentence_of(view.frame()) == OF_SEVERAL
        session.set_model(layers=1, bidirectional=False)
        wait_until(lambda: len(session.trace.layers) == 1)
    labels = view.frame().labels
    assert labels.width("label", OF_SEVERAL) <= labels.width("label", SENTENCE)


# ---- words that only look like symbols --------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_names_of_files_and_of_torch_are_no_symbols(key):
    notation = Notation(key, "lstm")
    for words in ("the column x_train of a_file.csv", "h_tx", "c_in and y_out"):
        assert told(words, notation) == words
    assert "b_ii" not in told("b_ih = b, b_hh = 0: PyTorch has two forget biases, which add up.", notation)


def test_the_output_with_a_hat_has_its_time_as_well():
    assert Notation("uvw").translate("C_t = (y_t − ŷ_t)^2") == "C(t) = (y(t) − ŷ(t))^2"


def test_a_plain_index_of_two_digits_is_one_index():
    assert told("∂C_12/∂h_3", Notation("uvw")) == "∂C(12)/∂h(3)"
    assert told("∂C_12/∂h_3", Notation("layer")) == "∂C_12/∂A_3"
