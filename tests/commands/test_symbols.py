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


NETWORKS = {
    "encoder and decoder": ["Do you have a pet?", "--task", "translation", "--cell", "gru", "--layers", "2"],
    "both directions": ["hello", "--bidirectional", "--layers", "2"],
    "layers of an LSTM": ["hello", "--cell", "lstm", "--layers", "3", "--embedding", "4"],
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("key", NOTATIONS)
def test_no_two_arrays_of_an_export_share_a_symbol(tmp_path, network, key):
    out = tmp_path / "g.npz"
    assert main(["gradients", *NETWORKS[network], "--notation", key, "--out", str(out)]) == 0
    found, names = symbols_of(out)
    assert names - set(found) == {"tokens", "targets", "symbols"}
    assert len(set(found.values())) == len(found)
    gates = [each for name, symbol in found.items() if name.startswith("weights/") for each in symbol.split("; ")]
    assert len(set(gates)) == len(gates)


def test_each_chain_has_its_mark_and_the_decoder_a_prime(tmp_path):
    out = tmp_path / "g.npz"
    assert main(["gradients", *NETWORKS["encoder and decoder"], "--notation", "layer", "--out", str(out)]) == 0
    found, _ = symbols_of(out)
    assert found["weights/weight_hh_l0"] == "W^1_Arᵀ; W^1_Azᵀ; W^1_Anᵀ"
    assert found["weights/weight_hh_l1_decoder"] == "W'^2_Arᵀ; W'^2_Azᵀ; W'^2_Anᵀ"
    assert found["grad/bias_hh_l0_decoder"] == "∂C / ∂b'^1_Ar; ∂C / ∂b'^1_Az; ∂C / ∂b'^1_An"
    assert (found["weights/readout.weight"], found["logits"]) == ("W_yᵀ", "A^2_t W_y + b_y")
    assert (found["l1/hidden"], found["l1/z"]) == ("A^2_t", "z^2_t")


def test_a_chain_from_the_end_comes_from_the_step_after(tmp_path):
    out = tmp_path / "g.npz"
    assert main(["gradients", *NETWORKS["both directions"], "--notation", "uvw", "--out", str(out)]) == 0
    found, _ = symbols_of(out)
    assert found["l1/jacobian_norm"] == "‖∂h^2→(t) / ∂h^2→(t−1)‖"
    assert found["l1r/jacobian_norm"] == "‖∂h^2←(t) / ∂h^2←(t+1)‖"
    assert found["l0r/weight_contribution"] == "‖∂C / ∂W^1←‖_t"
    assert found["logits"] == "V (h^2→(t); h^2←(t)) + c"
    assert found["weights/weight_hh_l0_reverse"] == "W^1←"


@pytest.mark.parametrize(("part", "state"), [("joint", "(h_t, c_t)"), ("h", "h_t"), ("c", "c_t")])
def test_only_the_norms_that_follow_the_part_are_named_after_it(tmp_path, part, state):
    out = tmp_path / "g.npz"
    assert main(["gradients", "hello", "--cell", "lstm", "--part", part, "--out", str(out)]) == 0
    found, _ = symbols_of(out)
    assert found["l0/log2_total"] == f"log₂ ‖∂C_τ / ∂{state}‖"
    assert found["l0/log2_direct"] == "log₂ ‖∂C_t / ∂h_t‖"
    assert found["l0/log2_summed"] == "log₂ ‖∂C / ∂(h_t, c_t)‖"
    assert found["l0/jacobian_norm"] == "‖∂(h_t, c_t) / ∂(h_t−1, c_t−1)‖"
