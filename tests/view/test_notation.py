"""The notations: the lecture's formulas as the other courses write them, and every one of them put to the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rnnviz.engine.trace import step_detail, trace
from rnnviz.view.notation import CONVENTIONS, KEYS, TITLES, Notation, convention
from rnnviz.view.notation.primes import primed, raised, raised_state
from tests.engine.oracle import make_network, make_sequence

CELLS = ("elman", "lstm", "gru")
STEP, SIZE = 3, 4

# What each course writes for the gate § of an LSTM or a GRU, ACT being its function (derived by hand).
GATE = {
    "lecture": "§_t = ACT(W_{x§} x_t + W_{h§} h_{t-1} + b_§)",
    "dynamical": "§(t) = ACT(θ_{x§} x(t) + θ_{h§} h(t-1) + θ_§)",
    "abstract": "§_t = ACT(W^{x§} x_t + W^{h§} h_{t-1} + b^§)",
    "stacked": "§_t = ACT(W_§ (x_t; h_{t-1}) + b_§)",
    "layer": "§_t = ACT(X_t W_{X§} + A_{t-1} W_{A§} + b_§)",
    "uvw": "§(t) = ACT(U_§ x(t) + W_§ h(t-1) + b_§)",
    "pytorch": "§_t = ACT(W_{i§} x_t + b_{i§} + W_{h§} h_{t-1} + b_{h§})",
}
# The rest by cell and operation, in the order lecture, dynamical, abstract, stacked, layer, uvw, pytorch.
WRITTEN = {
    ("elman", "a"): (
        "a_t = W_{xh} x_t + W_{hh} h_{t-1} + b_h",
        "a(t) = θ_{xh} x(t) + θ_{hh} h(t-1) + θ_h",
        "a_t = W^x x_t + W^s s_{t-1} + b",
        "a_t = W (x_t; h_{t-1}) + b",
        "a_t = X_t W_X + A_{t-1} W_A + b_A",
        "a(t) = U x(t) + W h(t-1) + b",
        "a_t = W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}",
    ),
    ("elman", "h"): (
        "h_t = tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)",
        "h(t) = f(h(t-1), x(t); θ) = tanh(θ_{xh} x(t) + θ_{hh} h(t-1) + θ_h)",
        "s_t = R(s_{t-1}, x_t) = tanh(W^x x_t + W^s s_{t-1} + b)",
        "h_t = tanh(W (x_t; h_{t-1}) + b)",
        "A_t = tanh(X_t W_X + A_{t-1} W_A + b_A)",
        "h(t) = tanh(U x(t) + W h(t-1) + b)",
        "h_t = tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
    ),
    ("lstm", "c"): (
        "c_t = f_t · c_{t-1} + i_t · g_t",
        "c(t) = f(t) · c(t-1) + i(t) · g(t)",
        "c_t = f_t · c_{t-1} + i_t · g_t",
        "c_t = f_t · c_{t-1} + i_t · g_t",
        "c_t = f_t · c_{t-1} + i_t · g_t",
        "c(t) = f(t) · c(t-1) + i(t) · g(t)",
        "c_t = f_t · c_{t-1} + i_t · g_t",
    ),
    ("lstm", "tanh_c"): (
        "tanh(c_t)", "tanh(c(t))", "tanh(c_t)", "tanh(c_t)", "tanh(c_t)", "tanh(c(t))", "tanh(c_t)",
    ),
    ("lstm", "h"): (
        "h_t = o_t · tanh(c_t)",
        "h(t) = o(t) · tanh(c(t))",
        "h_t = o_t · tanh(c_t)",
        "h_t = o_t · tanh(c_t)",
        "A_t = o_t · tanh(c_t)",
        "h(t) = o(t) · tanh(c(t))",
        "h_t = o_t · tanh(c_t)",
    ),
    ("gru", "n"): (
        "n_t = tanh(W_{xn} x_t + b_{xn} + r_t · (W_{hn} h_{t-1} + b_{hn}))",
        "n(t) = tanh(θ_{xn} x(t) + θ_{n0} + r(t) · (θ_{hn} h(t-1) + θ_{hn0}))",
        "n_t = tanh(W^{xn} x_t + b^{xn} + r_t · (W^{sn} s_{t-1} + b^{sn}))",
        "n_t = tanh(W_{nx} x_t + b_{nx} + r_t · (W_{nh} h_{t-1} + b_{nh}))",
        "n_t = tanh(X_t W_{Xn} + b_{Xn} + r_t · (A_{t-1} W_{An} + b_{An}))",
        "n(t) = tanh(U_n x(t) + b_{xn} + r(t) · (W_n h(t-1) + b_{hn}))",
        "n_t = tanh(W_{in} x_t + b_{in} + r_t · (W_{hn} h_{t-1} + b_{hn}))",
    ),
    ("gru", "h"): (
        "h_t = (1 − z_t) · n_t + z_t · h_{t-1}",
        "h(t) = (1 − z(t)) · n(t) + z(t) · h(t-1)",
        "s_t = (1 − z_t) · n_t + z_t · s_{t-1}",
        "h_t = (1 − z_t) · n_t + z_t · h_{t-1}",
        "A_t = (1 − z_t) · n_t + z_t · A_{t-1}",
        "h(t) = (1 − z(t)) · n(t) + z(t) · h(t-1)",
        "h_t = (1 − z_t) · n_t + z_t · h_{t-1}",
    ),
}  # fmt: skip
LABELS = {
    "h_t = f(h_{t-1}, x_t; θ)": (
        "h_t = f(h_{t-1}, x_t; θ)",
        "h(t) = f(h(t-1), x(t); θ)",
        "s_t = R(s_{t-1}, x_t)",
        "h_t = tanh(W (x_t; h_{t-1}) + b)",
        "A_t = g(X_t W_X + A_{t-1} W_A + b_A)",
        "h(t) = f(U x(t) + W h(t-1) + b)",
        "h_t = tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
    ),
    "y_t = softmax(W_{hy} h_t + b_y)": (
        "y_t = softmax(W_{hy} h_t + b_y)",
        "y(t) = softmax(θ_{hy} h(t) + θ_y)",
        "y_t = O(s_t) = softmax(W^y s_t + b^y)",
        "y_t = F(h_t) = softmax(W_y h_t + b_y)",
        "y_t = softmax(A_t W_y + b_y)",
        "y(t) = softmax(V h(t) + c)",
        "y_t = softmax(W_{out} h_t + b_{out})",
    ),
    "C_t = −ln p": (
        "C_t = −ln p", "C(t) = −ln p", "C_t = −ln p", "C_t = Loss(y_t, GT_t) = −ln p", "C_t = −ln p", "C(t) = −ln p",
        "C_t = −ln p",
    ),
    "‖∂C_{13} / ∂h_t‖": (
        "‖∂C_{13} / ∂h_t‖", "‖∂C(13) / ∂h(t)‖", "‖∂C_{13} / ∂s_t‖", "‖∂C_{13} / ∂h_t‖", "‖∂C_{13} / ∂A_t‖",
        "‖∂C(13) / ∂h(t)‖", "‖∂C_{13} / ∂h_t‖",
    ),
    "‖∂h_{12} / ∂h_{11}‖ / √n": (
        "‖∂h_{12} / ∂h_{11}‖ / √n", "‖∂h(12) / ∂h(11)‖ / √n", "‖∂s_{12} / ∂s_{11}‖ / √n", "‖∂h_{12} / ∂h_{11}‖ / √n",
        "‖∂A_{12} / ∂A_{11}‖ / √n", "‖∂h(12) / ∂h(11)‖ / √n", "‖∂h_{12} / ∂h_{11}‖ / √n",
    ),
    "‖∂C / ∂W_{hh}‖_t": (
        "‖∂C / ∂W_{hh}‖_t", "‖∂C / ∂θ_{hh}‖_t", "‖∂C / ∂W^s‖_t", "‖∂C / ∂W_h‖_t", "‖∂C / ∂W_A‖_t", "‖∂C / ∂W‖_t",
        "‖∂C / ∂W_{hh}‖_t",
    ),
    "∂C/∂W = ∑_t ∂C/∂W_{(t)}": (
        "∂C/∂W = ∑_t ∂C/∂W_{(t)}", "∂C/∂θ = ∑_t ∂C/∂θ_{(t)}", *(["∂C/∂W = ∑_t ∂C/∂W_{(t)}"] * 5),
    ),
    "W ← W − η · ∂C/∂W": (
        "W ← W − η · ∂C/∂W", "θ ← θ − η · ∂C/∂θ", *(["W ← W − η · ∂C/∂W"] * 5),
    ),
    "h_0 = 0": ("h_0 = 0", "h(0) = 0", "s_0 = 0", "h_0 = 0", "A_0 = 0", "h(0) = 0", "h_0 = 0"),
    "x_t": ("x_t", "x(t)", "x_t", "x_t", "X_t", "x(t)", "x_t"),
    "h": ("h", "h", "s", "h", "A", "h", "h"),
    "W ← W − η dW": ("W ← W − η dW", "θ ← θ − η dθ", *(["W ← W − η dW"] * 5)),
    "∂C_{4} / ∂s_{2}": (
        "∂C_{4} / ∂s_{2}", "∂C(4) / ∂s(2)", *(["∂C_4 / ∂s_2"] * 3), "∂C(4) / ∂s(2)", "∂C_4 / ∂s_2",
    ),
    "s = (h, c)": ("s = (h, c)", "s = (h, c)", "s = (s, c)", "s = (h, c)", "s = (A, c)", *(["s = (h, c)"] * 2)),
    "W'_{hh}": ("W'_{hh}", "θ'_{hh}", "W'^s", "W'_h", "W'_A", "W'", "W'_{hh}"),
    "W'_hh alone": ("W'_hh alone", "θ'_{hh} alone", "W'^s alone", "W'_h alone", "W'_A alone", "W' alone",
                    "W'_{hh} alone"),
    "mean stretch ‖J_t‖_F / √n": (
        "mean stretch ‖J_t‖_F / √n", "mean stretch ‖J(t)‖_F / √n", *(["mean stretch ‖J_t‖_F / √n"] * 3),
        "mean stretch ‖J(t)‖_F / √n", "mean stretch ‖J_t‖_F / √n",
    ),
}  # fmt: skip
RAILS = {  # W_{xh}, W_{hh}, W_{hy}, and "b", by notation
    "lecture": ("W_{xh}", "W_{hh}", "W_{hy}", "b"),
    "dynamical": ("θ_{xh}", "θ_{hh}", "θ_{hy}", "θ_h"),
    "abstract": ("W^x", "W^s", "W^y", "b"),
    "stacked": ("W_x", "W_h", "W_y", "b"),
    "layer": ("W_X", "W_A", "W_y", "b_A"),
    "uvw": ("U", "W", "V", "b"),
    "pytorch": ("W_{ih}", "W_{hh}", "W_{out}", "b_{ih} + b_{hh}"),
}
SIZES = {"W_{xh}": (64, 19), "W_{hh}": (64, 16), "W_{hy}": (19, 16), "b_h": (64,), "b_y": (19,)}


@pytest.fixture(scope="module", params=CELLS)
def computed(request):
    network = make_network(cell=request.param, hidden=SIZE, gain=1.5)
    traced = trace(network, make_sequence(6))
    return request.param, traced, step_detail(traced, STEP).layers["l0"]


def written(key, cell, operation):
    """The string derived by hand."""
    if (cell, operation) in WRITTEN:
        return WRITTEN[cell, operation][KEYS.index(key)]
    template = GATE[key].replace("W^{h§} h_{t-1}", "W^{s§} s_{t-1}") if cell == "gru" else GATE[key]
    return template.replace("§", operation).replace("ACT", "tanh" if operation == "g" else "σ")


@pytest.mark.parametrize("key", KEYS)
def test_every_operation_is_written_as_the_course_writes_it(computed, key):
    cell, _, operations = computed
    notation = Notation(key, cell)
    for operation in operations:
        assert notation.translate(operation.equation) == written(key, cell, operation.key), operation.key


@pytest.mark.parametrize(("markup", "others"), LABELS.items(), ids=list(LABELS))
def test_labels_of_the_elman_cell(markup, others):
    assert tuple(Notation(key).translate(markup) for key in KEYS) == others


@pytest.mark.parametrize("key", KEYS)
def test_names_of_the_weights(key):
    assert tuple(Notation(key).translate(name) for name in ("W_{xh}", "W_{hh}", "W_{hy}", "b")) == RAILS[key]


def test_the_parts_of_the_gates_on_the_rails_inside_a_cell():
    found = {key: (Notation(key, "gru").translate("W_{x·} x_t"), Notation(key, "gru").translate("W_{h·} h_{t-1}"))
             for key in KEYS}  # fmt: skip
    assert found == {
        "lecture": ("W_{x·} x_t", "W_{h·} h_{t-1}"),
        "dynamical": ("θ_{x·} x(t)", "θ_{h·} h(t-1)"),
        "abstract": ("W^{x·} x_t", "W^{s·} s_{t-1}"),
        "stacked": ("W_{·x} x_t", "W_{·h} h_{t-1}"),
        "layer": ("X_t W_{X·}", "A_{t-1} W_{A·}"),
        "uvw": ("U_· x(t)", "W_· h(t-1)"),
        "pytorch": ("W_{i·} x_t", "W_{h·} h_{t-1}"),
    }


def test_the_state_of_an_lstm_is_a_pair_or_the_s_that_stands_for_it():
    joint = {key: Notation(key, "lstm").translate("‖∂C_{13} / ∂(h_t, c_t)‖") for key in KEYS}
    assert joint == {
        "lecture": "‖∂C_{13} / ∂(h_t, c_t)‖", "dynamical": "‖∂C(13) / ∂s(t)‖", "abstract": "‖∂C_{13} / ∂s_t‖",
        "stacked": "‖∂C_{13} / ∂(h_t, c_t)‖", "layer": "‖∂C_{13} / ∂(A_t, c_t)‖",
        "uvw": "‖∂C(13) / ∂(h(t), c(t))‖", "pytorch": "‖∂C_{13} / ∂(h_t, c_t)‖",
    }  # fmt: skip
    factor = "‖∂(h, c)_{9} / ∂(h, c)_{8}‖"
    assert Notation("abstract", "lstm").translate(factor) == "‖∂s_9 / ∂s_8‖"
    assert Notation("layer", "lstm").translate(factor) == "‖∂(A, c)_9 / ∂(A, c)_8‖"
    assert Notation("abstract", "lstm").translate("y_t = softmax(W_{hy} h_t + b_y)") == (
        "y_t = O(s_t) = softmax(W^y h_t + b^y)"
    )


def test_one_step_of_a_gated_cell_stays_whole():
    step = "h_t = f(h_{t-1}, x_t; θ)"
    assert Notation("pytorch", "gru").translate(step) == "h_t = GRU(x_t, h_{t-1})"
    assert Notation("pytorch", "lstm").translate(step) == "(h_t, c_t) = LSTM(x_t, (h_{t-1}, c_{t-1}))"
    assert Notation("dynamical", "lstm").translate(step) == "s(t) = f(s(t-1), x(t); θ)"
    assert Notation("layer", "gru").translate(step) == "A_t = g(A_{t-1}, X_t)"


def test_the_formula_of_another_cell_is_that_cells():
    """The tip of "Elman cell" while an LSTM is on show: its state is s, not h and c."""
    assert Notation("abstract", "lstm").translate(WRITTEN["elman", "h"][0]) == WRITTEN["elman", "h"][2]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "identity"])
def test_the_activation_is_the_one_of_the_network(activation):
    sign = {"relu": "relu(", "sigmoid": "σ(", "identity": "("}[activation]
    found = Notation("stacked", activation=activation).translate("h_t = f(h_{t-1}, x_t; θ)")
    assert found == f"h_t = {sign}W (x_t; h_{{t-1}}) + b)"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("key", KEYS)
def test_translating_twice_changes_nothing_more(key, cell):
    notation = Notation(key, cell, shapes=True, sizes=SIZES)
    sources = [*LABELS, *(others[0] for others in WRITTEN.values()), "W_{xh}", "W_{hy}", "b", "(h_t, c_t)", "h, c",
               GATE["lecture"].replace("§", "f").replace("ACT", "σ")]  # fmt: skip
    for source in sources:
        once = notation.translate(source)
        assert notation.translate(once) == once


@pytest.mark.parametrize("key", KEYS)
def test_words_and_other_symbols_are_left_alone(key):
    notation = Notation(key, "lstm")
    words = (
        "line: product from 13 back",
        "Hidden state",
        "before the gate,",
        "memory horizon: 9 steps back",
        "of t = 13",
    )
    for text in (*words, "g ← g · min(1, 1/‖g‖)", "σ_{max}", "t"):
        assert notation.translate(text) == text


# ---- shapes --------------------------------------------------------------------------------------


def test_shapes_are_those_of_the_notation():
    assert Notation("pytorch", "lstm", shapes=True, sizes=SIZES).translate("W_{xh}") == "W_{ih} (64, 19)"
    assert Notation("lecture", "lstm", shapes=True, sizes=SIZES).translate("W_{hy}") == "W_{hy} (19, 16)"
    assert Notation("uvw", "lstm", shapes=True, sizes=SIZES).translate("W_{hh}") == "W (64, 16)"
    assert Notation("lecture", shapes=True, sizes=SIZES).translate("b") == "b (64,)"


def test_layer_parameters_always_have_shapes_d_by_units():
    notation = Notation("layer", "elman", sizes={**SIZES, "W_{xh}": (16, 19), "W_{hh}": (16, 16), "b_h": (16,)})
    names = [notation.translate(name) for name in ("W_{xh}", "W_{hh}", "W_{hy}", "b", "b_y")]
    assert names == ["W_X (19, 16)", "W_A (16, 16)", "W_y (16, 19)", "b_A (16,)", "b_y (19,)"]


def test_shapes_stand_at_labels_and_not_inside_formulas():
    notation = Notation("lecture", shapes=True, sizes=SIZES)
    assert notation.translate("‖∂C / ∂W_{hh}‖_t") == "‖∂C / ∂W_{hh}‖_t"
    assert Notation("pytorch", shapes=False, sizes=SIZES).translate("W_{xh}") == "W_{ih}"
    assert Notation("pytorch", shapes=True).translate("W_{xh}") == "W_{ih}"


# ---- the table -----------------------------------------------------------------------------------


def test_there_are_the_six_of_the_lectures_and_the_lecture_default():
    assert KEYS == ("lecture", "dynamical", "abstract", "stacked", "layer", "uvw", "pytorch")
    assert len({known.title for known in CONVENTIONS}) == 7
    assert TITLES["layer"] == "Layer parameters"


def test_a_notation_of_a_later_version_is_read_as_the_lectures():
    assert convention("runes").key == "lecture"
    assert Notation("runes").translate("h_t") == "h_t"
    assert Notation("runes").title == "Lecture"


# ---- the numbers: each equation, read as mathematics, must give what the engine computed ----------

_SYMBOL = re.compile(r"[A-Za-zθ]'?(?:_\{[^}]*\}|_.|\^\{[^}]*\}|\^.)?(?:\(t(?:-1)?\))?")
_FUNCTIONS = {"σ": lambda a: 1 / (1 + np.exp(-a)), "tanh": np.tanh}


def read(equation, values):
    """The right-hand side as a number: symbols from ``values``, neighbours multiplied as matrices, (x; h) joined."""
    right = equation.split(" = ")[-1]
    right = re.sub(r"(tanh|σ) ?", lambda found: f"F[{list(_FUNCTIONS).index(found[1])}]", right)
    names = []

    def name(found):
        if found[0] == "F":
            return "F"
        names.append(values[found[0]])
        return f"v[{len(names) - 1}]"

    text = _SYMBOL.sub(name, right)
    text = re.sub(r"\((v\[\d+\]); (v\[\d+\])\)", r"J(\1, \2)", text)
    text = re.sub(r"(v\[\d+\]) (?=[vJ])", r"\1 @ ", text).replace("·", "*").replace("−", "-")
    scope = {"v": names, "F": list(_FUNCTIONS.values()), "J": lambda *parts: np.concatenate(parts)}
    return eval(text, {"__builtins__": {}}, scope)


def values_of(key, cell, traced):
    """Every symbol of the notation with its numbers, each course's names given by hand."""
    layer, weights = traced.layer("l0"), traced.network.weights
    gates = {"elman": "h", "lstm": "ifgo", "gru": "rzn"}[cell]
    row = STEP - 1
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    blocks = zip(gates, *(np.split(weights[name], len(gates)) for name in names), strict=True)
    found = {}
    for gate, w_x, w_h, b_x, b_h in blocks:
        found |= _names(key, cell, gate, w_x, w_h, b_x, b_h)
    state = {"abstract": "h" if cell == "lstm" else "s", "layer": "A"}.get(key, "h")
    timed = {"x": layer.inputs[row], f"{state}-": layer.previous_hidden[row]}
    timed |= {gate: values[row] for gate, values in layer.gates.items() if len(gate) == 1}
    if layer.cell is not None:
        timed |= {"c": layer.cell_state[row], "c-": layer.previous_cell[row]}
    for name, array in timed.items():
        letter = "X" if name == "x" and key == "layer" else name[0]
        past = name.endswith("-")
        if key in {"dynamical", "uvw"}:
            found[f"{letter}({'t-1' if past else 't'})"] = array
        else:
            found[f"{letter}_{'{t-1}' if past else 't'}"] = array
    return found


def _names(key, cell, gate, w_x, w_h, b_x, b_h):
    g = gate
    whole = cell == "elman"
    if key == "lecture":
        return {f"W_{{x{g}}}": w_x, f"W_{{h{g}}}": w_h, f"b_{g}": b_x + b_h, f"b_{{x{g}}}": b_x, f"b_{{h{g}}}": b_h}
    if key == "dynamical":
        return {f"θ_{{x{g}}}": w_x, f"θ_{{h{g}}}": w_h, f"θ_{g}": b_x + b_h, f"θ_{{{g}0}}": b_x, f"θ_{{h{g}0}}": b_h}
    if key == "abstract":
        s = "h" if cell == "lstm" else "s"
        if whole:
            return {"W^x": w_x, "W^s": w_h, "b": b_x + b_h}
        return {f"W^{{x{g}}}": w_x, f"W^{{{s}{g}}}": w_h, f"b^{g}": b_x + b_h, f"b^{{x{g}}}": b_x, f"b^{{{s}{g}}}": b_h}
    if key == "stacked":
        both = np.hstack((w_x, w_h))
        if whole:
            return {"W": both, "b": b_x + b_h}
        return {f"W_{g}": both, f"b_{g}": b_x + b_h, f"W_{{{g}x}}": w_x, f"W_{{{g}h}}": w_h, f"b_{{{g}x}}": b_x,
                f"b_{{{g}h}}": b_h}  # fmt: skip
    if key == "layer":
        if whole:
            return {"W_X": w_x.T, "W_A": w_h.T, "b_A": b_x + b_h}
        return {f"W_{{X{g}}}": w_x.T, f"W_{{A{g}}}": w_h.T, f"b_{g}": b_x + b_h, f"b_{{X{g}}}": b_x, f"b_{{A{g}}}": b_h}
    if key == "uvw":
        if whole:
            return {"U": w_x, "W": w_h, "b": b_x + b_h}
        return {f"U_{g}": w_x, f"W_{g}": w_h, f"b_{g}": b_x + b_h, f"b_{{x{g}}}": b_x, f"b_{{h{g}}}": b_h}
    return {f"W_{{i{g}}}": w_x, f"W_{{h{g}}}": w_h, f"b_{{i{g}}}": b_x, f"b_{{h{g}}}": b_h}


@pytest.mark.parametrize("key", KEYS)
def test_every_equation_gives_the_numbers_of_the_engine(computed, key):
    cell, traced, operations = computed
    values = values_of(key, cell, traced)
    for operation in operations:
        found = read(Notation(key, cell).translate(operation.equation), values)
        np.testing.assert_allclose(found, operation.values, atol=1e-12, err_msg=operation.equation)


# ---- whose weights: the decoder's, and those of one chain of several -------------------------------


def parameters(key, cell):
    """The symbol of every array of weights, by matrix or bias and gate."""
    notation, gates = Notation(key, cell), {"elman": "h", "lstm": "ifgo", "gru": "rzn"}[cell]
    found = {(kind, side, gate): name(f"{side}{gate}") for gate in gates for side in "xh"
             for kind, name in (("W", notation.weight), ("b", notation.bias))}  # fmt: skip
    return found | {("both biases", "", gate): notation.bias(gate) for gate in gates if gate != "n"}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("key", KEYS)
def test_every_weight_of_encoder_and_decoder_has_a_name_of_its_own(key, cell):
    notation, encoder = Notation(key, cell), parameters(key, cell)
    if key == "pytorch":  # both biases are written with the names of the two
        encoder = {which: name for which, name in encoder.items() if which[0] != "both biases"}
    decoder = {which: primed(name) for which, name in encoder.items()}
    names = [*encoder.values(), *decoder.values(), notation.weight("hy"), notation.bias("y")]
    assert len(set(names)) == len(names)
    assert not [name for name in encoder.values() if "'" in name]
    assert [name.count("'") for name in decoder.values()] == [1] * len(decoder)
    assert {name: notation.translate(name) for name in names} == {name: name for name in names}


@pytest.mark.parametrize("key", KEYS)
def test_a_decoders_equations_have_a_prime_at_every_parameter(computed, key):
    cell, _, operations = computed
    notation = Notation(key, cell)
    for operation in operations:
        written = notation.translate(operation.equation)
        own = primed(written)
        letters = re.findall(r"[WUθb](?=[_^ )]|$)", written)
        assert own.count("'") == len(letters) + written.count("R(")
        assert own.replace("'", "") == written
        assert notation.translate(own) == own


def test_the_read_out_is_never_primed():
    for key in KEYS:
        output = Notation(key).translate("y_t = softmax(W_{hy} h_t + b_y)")
        assert primed(output) == output
        assert raised(output, "2") == output


@pytest.mark.parametrize(
    ("symbol", "mark", "expected"),
    [("W_{hh}", "2←", "W^{2←}_{hh}"), ("U", "1", "U^{1}"), ("W'^x", "2", "W'^{x,2}"), ("W^{hf}", "2", "W^{hf,2}"),
     ("b_{ih} + b_{hh}", "1", "b^{1}_{ih} + b^{1}_{hh}"), ("W_{hh}", "", "W_{hh}")],
)  # fmt: skip
def test_the_weights_of_one_chain_have_its_mark(symbol, mark, expected):
    assert raised(symbol, mark) == expected


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [("h_t", "h^{2}_t"), ("h(t)", "h^{2}(t)"), ("(h_{t-1}, c_{t-1})", "(h^{2}_{t-1}, c^{2}_{t-1})"),
     ("(h(t), c(t))", "(h^{2}(t), c^{2}(t))"), ("s(t)", "s^{2}(t)")],
)  # fmt: skip
def test_the_state_of_one_chain_has_its_mark(symbol, expected):
    assert raised_state(symbol, "2") == expected
