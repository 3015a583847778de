"""The symbols in an archive are those of the chosen notation."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.commands.arguments import NOTATIONS
from rnnviz.view.notation import KEYS

EXPECTED = {
    "lecture": ("x_t", "h_t", "W_xh", "W_hh", "W_hy", "log₂ ‖∂C_τ / ∂h_t‖"),
    "dynamical": ("x(t)", "h(t)", "θ_xh", "θ_hh", "θ_hy", "log₂ ‖∂C(τ) / ∂h(t)‖"),
    "abstract": ("x_t", "s_t", "W^x", "W^s", "W^y", "log₂ ‖∂C_τ / ∂s_t‖"),
    "stacked": ("x_t", "h_t", "W_x", "W_h", "W_y", "log₂ ‖∂C_τ / ∂h_t‖"),
    "layer": ("X_t", "A_t", "W_Xᵀ", "W_Aᵀ", "W_yᵀ", "log₂ ‖∂C_τ / ∂A_t‖"),
    "uvw": ("x(t)", "h(t)", "U", "W", "V", "log₂ ‖∂C(τ) / ∂h(t)‖"),
    "pytorch": ("x_t", "h_t", "W_ih", "W_hh", "W_out", "log₂ ‖∂C_τ / ∂h_t‖"),
}
NAMES = ("inputs", "l0/hidden", "weights/weight_ih_l0", "weights/weight_hh_l0", "weights/readout.weight")


def symbols_of(path):
    with np.load(path) as archive:
        return dict(archive["symbols"].tolist()), set(archive.files)


def test_every_notation_can_be_named():
    assert NOTATIONS == KEYS == tuple(EXPECTED)


@pytest.mark.parametrize("key", NOTATIONS)
def test_an_elman_network_in_each_notation(tmp_path, key):
    out = tmp_path / "g.npz"
    assert main(["gradients", "hello", "--notation", key, "--out", str(out)]) == 0
    found, names = symbols_of(out)
    assert set(found) <= names
    assert tuple(found[name] for name in (*NAMES, "l0/log2_total")) == EXPECTED[key]
    assert found["grad/weight_hh_l0"] == f"∂C / ∂{EXPECTED[key][3]}"


def test_gates_are_named_in_their_order_and_the_default_is_the_lecture(tmp_path):
    out = tmp_path / "t.npz"
    assert main(["trace", "hello", "--cell", "lstm", "--out", str(out)]) == 0
    found, _ = symbols_of(out)
    assert found["weights/weight_hh_l0"] == "W_hi; W_hf; W_hg; W_ho"
    assert found["weights/bias_ih_l0"] == "b_xi; b_xf; b_xg; b_xo"
    assert (found["l0/f"], found["l0/cell"]) == ("f_t", "c_t")
    assert main(["gradients", "hello", "--cell", "lstm", "--notation", "uvw", "--out", str(out)]) == 0
    found, _ = symbols_of(out)
    assert found["grad/weight_ih_l0"] == "∂C / ∂U_i; ∂C / ∂U_f; ∂C / ∂U_g; ∂C / ∂U_o"
    assert found["l0/jacobian_norm"] == "‖∂(h(t), c(t)) / ∂(h(t−1), c(t−1))‖"
