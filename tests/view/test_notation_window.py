"""The notation in the real window: the key N, the list in the finder, shapes, the composed line, session files."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from rnnviz.session.view_state import ViewState, view_from_json
from rnnviz.view import math_text
from rnnviz.view.notation import KEYS, Notation
from rnnviz.view.notation.control import sizes_of
from rnnviz.view.notation.tips import told
from rnnviz.view.panels import form
from rnnviz.view.panels.operation_rows import Row, tight, without_form


@pytest.fixture(autouse=True)
def lecture_again():
    """The notation belongs to the program: the next test finds the default."""
    yield
    math_text.use(Notation())


@pytest.fixture
def make(qtbot, tmp_path):
    from rnnviz.app import build

    made = []

    def build_app(*, start):
        app = build(None, tmp_path / "settings", start=start)
        app.settings.update_view(reduced_motion=True, theme="light", simple=False)
        app.window.resize(1600, 1000)
        app.window.show()
        made.append(app)
        return app

    yield build_app
    for app in made:
        app.dispose()


@pytest.fixture
def shell(make):
    return make(start=False)


@pytest.fixture
def app(make, wait_until):
    made = make(start=True)
    wait_until(lambda: made.session.length == 5 and bool(made.session.parameters))
    return made


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    window.centralWidget().setFocus()
    qtbot.keyClick(window, key, modifier)


def test_n_goes_through_all_notations_and_comes_back(shell, qtbot):
    seen = []
    for _ in KEYS:
        press(qtbot, shell.window, Qt.Key.Key_N)
        seen.append(shell.settings.view.notation)
        assert math_text.notation().key == seen[-1]
        assert [key for key in KEYS if shell.window.commands[f"notation-{key}"].isChecked()] == [seen[-1]]
    assert seen == [*KEYS[1:], KEYS[0]]


def test_each_can_be_chosen_by_name(shell):
    for key in KEYS:
        shell.window.commands[f"notation-{key}"].trigger()
        assert shell.settings.view.notation == key
        assert shell.window.notation.notation.key == key


def test_n_is_a_letter_while_text_is_typed(shell, qtbot):
    shell.window.commands.set_typing(True)
    press(qtbot, shell.window, Qt.Key.Key_N)
    assert shell.settings.view.notation == "lecture"


def test_what_is_said_follows(shell):
    tip = shell.window.commands["cell-elman"].toolTip
    assert "h_t = tanh(W_xh x_t + W_hh h_t−1 + b_h)" in tip()
    shell.settings.update_view(notation="uvw")
    assert "h(t) = tanh(U x(t) + W h(t−1) + b)" in tip()
    assert math_text.plain("‖∂C_{13} / ∂h_t‖") == "‖∂C(13) / ∂h(t)‖"
    shell.settings.update_view(notation="lecture")
    assert "h_t = tanh(W_xh x_t + W_hh h_t−1 + b_h)" in tip()


def test_a_disabled_action_keeps_its_reason(shell):
    shell.window.commands["part"].show_tip("Only an LSTM has a cell state c beside h.")
    shell.settings.update_view(notation="layer")
    assert "Only an LSTM" in shell.window.commands["part"].toolTip()


def test_what_is_drawn_follows(shell):
    """Kept pictures too: the stage and the headers of the tracks differ from notation to notation."""
    shell.settings.update_view(open_tracks=["loss"])
    pictures = {}
    for key in ("lecture", "layer", "uvw", "lecture"):
        shell.settings.update_view(notation=key)
        QApplication.processEvents()
        picture = shell.window.middle.stage.grab().toImage()
        assert pictures.setdefault(key, picture) == picture
    assert pictures["lecture"] != pictures["layer"] != pictures["uvw"] != pictures["lecture"]


def test_math_text_measures_what_it_draws(shell):
    font = shell.look.font("maths")
    plain = math_text.width("W_{hh}", font)
    shell.settings.update_view(notation="uvw")
    assert math_text.width("W_{hh}", font) == math_text.width("W", font) < plain
    assert math_text.parse("h_{t-1}")[0].text == "h"
    assert "".join(run.text for run in math_text.parse("h_{t-1}")) == "h(t−1)"


def test_the_network_on_show_decides_what_its_state_is_called(app, wait_until):
    app.settings.update_view(notation="abstract")
    assert math_text.plain("h_t") == "s_t"
    app.session.set_model(cell="lstm")
    wait_until(lambda: math_text.notation().cell == "lstm")
    assert math_text.plain("h_t") == "h_t"
    assert math_text.plain("‖∂C_4 / ∂(h_2, c_2)‖") == "‖∂C_4 / ∂s_2‖"


def test_shapes_are_those_of_the_network(app, wait_until):
    units, vocabulary = app.session.run.model.hidden, app.session.parameters["readout.weight"][0]
    app.window.commands["shapes"].trigger()
    assert app.settings.view.shapes
    assert math_text.plain("W_{xh}") == f"W_xh ({units}, {vocabulary})"
    app.settings.update_view(notation="layer", shapes=False)
    assert math_text.plain("W_{xh}") == f"W_X ({vocabulary}, {units})"
    app.session.set_model(cell="lstm", hidden=4)
    wait_until(lambda: math_text.plain("W_{xh}") == f"W_X ({vocabulary}, 16)")
    assert math_text.plain("W_{hh}") == "W_A (4, 16)"


def test_sizes_come_from_the_layer_on_show():
    parameters = {"weight_ih_l1_reverse": [12, 8], "weight_hh_l1_reverse": [12, 4], "weight_ih_l1": [1, 1]}
    assert sizes_of(parameters, "l1r") == {"W_{xh}": (12, 8), "W_{hh}": (12, 4)}
    assert sizes_of({}, "l0") == {}


def test_tips_given_once_are_told_again(shell):
    box = form.real(0.0, 1.0, 2, "The learning rate η of a one-step update.\nIt moves W_hh and c_{t-1}.")
    box.setParent(shell.window)
    lecture = box.toolTip()
    shell.settings.update_view(notation="dynamical")
    assert box.toolTip() == "The learning rate η of a one-step update.\nIt moves θ_hh and c(t−1)."
    shell.settings.update_view(notation="uvw")
    assert box.toolTip().endswith("It moves W and c(t−1).")
    box.setToolTip("Now it says W_xh.")
    shell.settings.update_view(notation="layer")
    assert box.toolTip() == "Now it says W_X."
    shell.settings.update_view(notation="lecture")
    assert box.toolTip() == "Now it says W_xh."
    assert told(lecture, Notation()) == lecture.replace("c_{t-1}", "c_t−1")  # nobody should see the braces


def test_panels_made_later_have_tips_in_the_notation(shell):
    shell.settings.update_view(notation="dynamical")
    shell.window.middle.show_page("settings")
    tips = [widget.toolTip() for widget in shell.window.middle.side.findChildren(QWidget)]
    assert any("θ" in tip for tip in tips)
    assert not [tip for tip in tips if "W_hh" in tip]


# ---- the composed function ------------------------------------------------------------------------


def test_the_composed_function_grows_with_the_steps(app, qtbot):
    line = app.window.middle.composed
    assert not line.isVisible()
    press(qtbot, app.window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert app.settings.view.composed
    assert app.settings.view.notation == "lecture"
    assert line.isVisible()
    app.settings.update_view(notation="abstract")
    found = []
    for step in (0, 1, 4):
        app.session.move_to(step)
        found.append(line.markup)
    assert found == ["s_0 = 0", "s_1 = R(s_0,x_1)", "s_4 = R(R(R(R(s_0,x_1),x_2),x_3),x_4)"]
    assert line.accessibleDescription() == found[-1]


def test_forty_steps_are_elided_at_the_width_of_the_window(app, wait_until):
    app.settings.update_view(composed=True, notation="pytorch")
    app.session.set_text("a" * 48)
    wait_until(lambda: len(app.session.trace.tokens) == 48)
    app.session.move_to(40)
    line = app.window.middle.composed
    assert "⋯" in line.markup
    assert line.markup.startswith("h_{40} = tanh(W_{ih} x_{40}")
    picture = line.grab().toImage()
    app.session.move_to(39)
    assert line.grab().toImage() != picture


def test_the_line_takes_its_room_from_the_stage_and_gives_it_back(shell):
    middle = shell.window.middle
    shell.settings.update_view(open_tracks=["loss"])
    before = (middle.stage.geometry(), middle.tracks.geometry())
    shell.settings.update_view(composed=True)
    line = middle.composed.geometry()
    assert line.height() == shell.look.ipx(34)
    assert line.top() == middle.stage.geometry().bottom() + 1
    assert middle.tracks.geometry().top() == line.bottom() + 1
    shell.settings.update_view(composed=False)
    assert (middle.stage.geometry(), middle.tracks.geometry()) == before


def test_beside_the_comparison_there_is_none(shell):
    shell.settings.update_view(composed=True)
    assert shell.window.middle.composed.isVisible()
    shell.settings.update_view(compare=True)
    assert not shell.window.middle.composed.isVisible()


def test_the_tip_says_what_it_means(app, monkeypatch):
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: said.append(text))
    app.settings.update_view(composed=True, notation="abstract")
    app.session.move_to(2)
    line = app.window.middle.composed
    QApplication.sendEvent(line, QHelpEvent(QEvent.Type.ToolTip, QPoint(300, 5), line.mapToGlobal(QPoint(300, 5))))
    assert said[0].endswith("s_2 = R(R(s_0,x_1),x_2)")
    assert "no loops" in said[0]


def test_presented_it_stands_without_its_name(app):
    app.settings.update_view(composed=True)
    app.window.toggle_presenter()
    line = app.window.middle.composed
    assert line.isVisible()
    assert line.height() == app.look.ipx(34)
    app.window.toggle_presenter()
    assert line.isVisible()


# ---- kept -----------------------------------------------------------------------------------------


def test_view_state_keeps_all_three():
    view = view_from_json({"notation": "uvw", "shapes": True, "composed": True})
    assert (view.notation, view.shapes, view.composed) == ("uvw", True, True)
    assert (ViewState().notation, ViewState().shapes, ViewState().composed) == ("lecture", False, False)


def test_a_session_file_brings_its_notation(app, tmp_path, wait_until):
    app.settings.update_view(notation="stacked", shapes=True, composed=True)
    path = tmp_path / "kept.rnnviz"
    app.window.documents.save_path(str(path))
    wait_until(lambda: app.session.path == path)
    app.settings.update_view(notation="lecture", shapes=False, composed=False)
    app.session.open(path)
    wait_until(lambda: app.settings.view.notation == "stacked")
    assert app.settings.view.shapes
    assert app.settings.view.composed
    assert math_text.notation().key == "stacked"


# ---- the inspector --------------------------------------------------------------------------------


def test_the_inspector_writes_tight_equations_in_the_notation(shell):
    shell.settings.update_view(notation="pytorch")
    line = tight(Row("f", "", "f_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b_f)", "", 0.0))
    assert line.replace("\u200a", " ").replace("\u2005", " ") == "f_t = σ(W_{if} x_t+b_{if}+W_{hf} h_{t-1}+b_{hf})"
    assert math_text.notation().translate(line) == line


def test_the_form_in_the_middle_gives_way_first(shell):
    shell.settings.update_view(notation="abstract")
    line = tight(Row("h", "", "h_t = tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)", "", 0.0))
    assert line.count("\u2005=\u2005") == 2
    short = without_form(line)
    assert short.startswith("s_t\u2005=\u2005tanh(")
    assert without_form(short) == short


# ---- words in labels, lists and names -------------------------------------------------------------


def test_labels_lists_and_names_are_told_again(shell):
    label, box = (
        form.label("A new network whose W_hh begins as a rotation."),
        form.choice((("a", "Orthogonal W_hh"),), ""),
    )
    box.setAccessibleName("Begin of W_hh")
    for widget in (label, box):
        widget.setParent(shell.window)
    shell.settings.update_view(notation="layer")
    assert label.text() == "A new network whose W_A begins as a rotation."
    assert (box.itemText(0), box.accessibleName()) == ("Orthogonal W_A", "Begin of W_A")
    label.setText("Now it is about h_t alone.")
    shell.settings.update_view(notation="uvw")
    assert label.text() == "Now it is about h(t) alone."
    assert box.itemText(0) == "Orthogonal W"
    shell.settings.update_view(notation="lecture")
    assert label.text() == "Now it is about h_t alone."
    assert (box.itemText(0), box.accessibleName()) == ("Orthogonal W_hh", "Begin of W_hh")


def test_an_index_without_braces_keeps_what_is_added_to_it():
    formula = "∂C_k/∂h_t = ∂C_k/∂h_t+1 · ∂h_t+1/∂h_t"
    assert told(formula, Notation("uvw")) == "∂C(k)/∂h(t) = ∂C(k)/∂h(t+1) · ∂h(t+1)/∂h(t)"
    assert told(formula, Notation()) == formula
    assert told("‖∂C/∂h_τ−k‖", Notation("layer")) == "‖∂C/∂A_τ−k‖"


def test_numbers_in_rows_have_the_matrix_the_other_way_round():
    assert Notation("layer").translate("W_{xh} x_t = row 3 of W_{xh}^T") == "X_t W_X = row 3 of W_X"
    assert Notation("uvw").translate("W_{xh}^T") == "U^T"
    assert Notation("pytorch").translate("W_{hh}^T") == "W_{hh}^T"
